"""Readings through the C: what becomes of each is what the scorer says, also where there is none."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.export.c.conftest import CHECKED, MAIN, STRICT, Build, built, calm, special, told

from tocsin.alerting.settings import adjusted
from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import FloatArray
from tocsin.core.schema import Channel, Schema
from tocsin.engine.scorer import Scorer
from tocsin.export.c.compiler import host_compiler
from tocsin.export.c.export import made, program_of
from tocsin.export.c.source import Arena, Source, source
from tocsin.export.starting import starting_limit


def written_of(artifact: Artifact, *, arena: Arena = "state") -> Source:
    return source(artifact, program_of(artifact), file="room.c", arena=arena, precision="float")


def holed(values: FloatArray, *, seed: int = 3) -> FloatArray:
    """Return readings with everything that goes wrong: silences short and long, of one channel and all, and faults."""
    rng, out = np.random.default_rng(seed), values.copy()
    out[rng.random(out.shape) < 0.02] = np.nan
    for start, length, which in ((40, 3, 0), (80, 9, 1), (150, 2, slice(None)), (200, 40, slice(None))):
        out[start : start + length, which] = np.nan
    out[300:330, 0] += 40
    out[360:364, 1] -= 60
    out[420, 0] = np.inf
    return out


def same(artifact: Artifact, found: FloatArray, readings: FloatArray) -> None:
    """Hold what a program said to the scorer's verdicts."""
    verdicts = Scorer(artifact).verdicts(readings)
    assert {0, 1, 2} <= set(verdicts.status.tolist())
    np.testing.assert_array_equal(found[:, 0], verdicts.status)
    np.testing.assert_array_equal(np.isnan(found[:, 1]), np.isnan(verdicts.score))
    limit = starting_limit(artifact)
    ok = verdicts.status == 0
    apart = np.abs(found[ok, 1] - verdicts.score[ok]) / np.maximum(np.abs(verdicts.score[ok]), limit)
    assert apart.max() < 1e-4
    far = np.abs(verdicts.score / limit - 1) > 1e-4
    np.testing.assert_array_equal(found[far, 2], verdicts.anomaly[far])
    np.testing.assert_array_equal(found[:, 3], verdicts.told)


@pytest.fixture(scope="module")
def program(cnn: Artifact, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("program"), written_of(cnn), MAIN, flags=(*STRICT, *CHECKED))


def test_each_reading_has_the_verdict_of_the_scorer(cnn: Artifact, program: Path) -> None:
    readings = holed(calm(500, seed=9))
    found = told(program, readings)
    assert found[:, 3].any()
    same(cnn, found, readings)


def test_counters_angles_and_switches_are_taken_as_they_are_meant(counting: Artifact, build: Build) -> None:
    readings = holed(special(500, seed=9))
    readings[250:, 3] -= 2e7  # the counter begins anew
    same(counting, told(build(written_of(counting, arena="stack")), readings), readings)


def test_it_rings_and_rests_as_the_policy_says(pca: Artifact, build: Build) -> None:
    settings = {"raise_after": "4min", "release_after": "3min", "cooldown": "20min", "release_below": 0.7}
    period = pca.clock.period_ns
    policy = adjusted(pca.policy, settings, schema=pca.schema, window=pca.window, period_ns=period, row_clock=False)
    own = replace(pca, policy=policy)
    readings = calm(400, seed=4)
    for start in (60, 75, 130, 200, 204):
        readings[start : start + 8, 0] += 30
    found = told(build(written_of(own), flags=STRICT), readings)
    assert len(np.flatnonzero(np.diff(found[:, 3]) == 1)) >= 2
    np.testing.assert_array_equal(found[:, 3], Scorer(own).verdicts(readings).told)


def test_readings_on_a_grid_begin_anew_after_a_long_silence(pca: Artifact, build: Build) -> None:
    own = replace(pca, clock=replace(pca.clock, align=True))
    readings = calm(200, seed=4)
    readings[60:120] = np.nan
    readings[50:60, 0] += 30  # rings as the silence begins
    given = ~np.isnan(readings).all(axis=1)
    time = np.arange(1, 201) * own.clock.period_ns
    verdicts = Scorer(own).verdicts(readings[given], time=time[given])
    found = told(build(written_of(own), flags=STRICT), readings)[given]
    np.testing.assert_array_equal(found[:, 0], verdicts.status)
    np.testing.assert_array_equal(found[:, 3], verdicts.told)


WILD = [np.nan, np.inf, -np.inf, 1e30, -1e30, 3.4e38, 1e-45, 0.0, -0.0]


def test_wild_readings_do_no_harm(program: Path) -> None:
    rng = np.random.default_rng(0)
    readings = rng.choice(WILD, (400, 3), p=[0.01, 0.01, 0.01, 0.2, 0.2, 0.2, 0.1, 0.1, 0.17])
    found = told(program, readings)
    assert np.isfinite(found[found[:, 0] == 0, 1]).all()
    assert (found[:, 0] == 0).any()


HOSTILE = ('"; int evil(void);', "*/ #error evil", "a\nb\\", "µ °C ??/", "%s %n", "'\0'", "@body@", "@NAME@")


def test_names_of_channels_cannot_become_code(pca: Artifact, build: Build) -> None:
    main = """\
#include "{header}"
#include <stdio.h>
static const char *const names[] = {NAME}_CHANNEL_NAMES;
static const char *const units[] = {NAME}_CHANNEL_UNITS;
int main(void) {{
    for (int k = 0; k < {NAME}_CHANNELS; ++k) {{ printf("%s|%s\\n--\\n", names[k], units[k]); }}
    return 0;
}}
"""
    for first in (0, 3, 6):
        names = (*HOSTILE, "last")[first : first + 3]
        channels = tuple(Channel(name, unit) for name, unit in zip(names, reversed(names), strict=True))
        own = written_of(replace(pca, schema=Schema(channels)))
        said = subprocess.run([str(build(own, main, flags=STRICT))], capture_output=True, check=True).stdout.decode()
        # a string of C ends at its first NUL
        ended = [(channel.name.partition("\0")[0], channel.unit.partition("\0")[0]) for channel in channels]
        assert said.split("\n--\n")[:3] == ["|".join(both) for both in ended]


@pytest.mark.skipif(not shutil.which("nm"), reason="there is no nm")
def test_it_is_c_plus_plus_too_and_needs_no_memory_but_what_it_is_given(pca: Artifact, tmp_path: Path) -> None:
    for name, body in written_of(pca).files.items():
        (tmp_path / name).write_bytes(body)
    if shutil.which("g++"):
        strict = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-x", "c++", "-std=c++11"]
        subprocess.run(["g++", *strict, "-c", "room.c", "-o", "plus.o"], cwd=tmp_path, check=True)
    subprocess.run([host_compiler(), *STRICT[:5], "-O2", "-c", "room.c", "-o", "room.o"], cwd=tmp_path, check=True)
    told_of = subprocess.run(["nm", "room.o"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    called = {line.split()[-1] for line in told_of.splitlines() if " U " in line}
    assert called <= {"memset", "memmove", "memcpy", "expf", "sqrtf", "fabsf", "floorf", "__stack_chk_fail"}
    assert not [line for line in told_of.splitlines() if line.split()[-2] in "bBdD"]  # nothing that changes


@pytest.mark.slow
@pytest.mark.parametrize("level", ["-Os", "-O3", "-O0"])
def test_no_optimisation_moves_a_score(cnn: Artifact, build: Build, level: str) -> None:
    readings = holed(calm(500, seed=9))
    same(cnn, told(build(written_of(cnn), flags=("-std=c99", level)), readings), readings)


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("valgrind"), reason="there is no valgrind")
def test_nothing_is_read_before_it_is_written(cnn: Artifact, build: Build) -> None:
    program = build(written_of(cnn, arena="stack"), MAIN, flags=("-std=c99", "-O1", "-g"))
    told(program, holed(calm(450, seed=9)), "valgrind", "-q", "--error-exitcode=3")


def test_the_facts_are_told(pca: Artifact) -> None:
    done = made(pca, program_of(pca), name="room.c", arena="state", precision="float")
    assert list(done.files) == ["room.c", "room.h"]
    assert done.facts["precision"] == "float"
    assert any(name.startswith("flash") for name in done.facts)
    assert b"bytes of flash" in done.files["room.h"]
