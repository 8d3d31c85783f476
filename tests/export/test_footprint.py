"""A footprint holds what can be counted again, times that are possible, and the lab's own figures."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from tocsin.artifact import bundle
from tocsin.core.errors import ArtifactError
from tocsin.engine.outcomes import outcome_of
from tocsin.engine.scorer import Scorer
from tocsin.evaluation.judgement import judge
from tocsin.export.footprint import Footprint, costs, flop, parameters, weigh, weigh_all
from tocsin.sources import open_table
from tocsin.training.recalibrate import Asked, recalibrated


@pytest.fixture(scope="module")
def weighed(artifact_file: Path, room: Path) -> tuple[Footprint, ...]:
    """The artifact beside itself with a limit that nothing reaches."""
    deaf = artifact_file.with_name("deaf.tocsin")
    bundle.save(recalibrated(bundle.load(artifact_file), None, Asked(threshold="fixed:1e9")), deaf)
    return weigh_all([artifact_file, deaf], readings=open_table(room))


def test_what_is_counted(weighed: tuple[Footprint, ...], artifact_file: Path) -> None:
    graph = bundle.load(artifact_file).graph
    first = weighed[0]
    assert (first.name, first.detector) == (artifact_file.name, "pca")
    assert (first.parameters, first.flop) == (parameters(graph), flop(graph))
    assert (first.graph_bytes, first.artifact_bytes) == (len(graph), artifact_file.stat().st_size)


def test_what_is_measured_is_possible(weighed: tuple[Footprint, ...]) -> None:
    for one in weighed:
        assert 0 < one.window_us < one.reading_p50_us <= one.reading_p99_us
        assert one.memory_bytes is not None
        assert 20e6 < one.memory_bytes < 400e6


def test_detection_is_the_labs(weighed: tuple[Footprint, ...], artifact_file: Path, room: Path) -> None:
    judged = judge(outcome_of(Scorer(bundle.load(artifact_file)).judge(open_table(room).in_time_order())))
    found = weighed[0].detection
    assert found is not None
    assert judged.alarms is not None
    assert found.vus_pr == judged.vus_pr
    assert found.event_recall == judged.alarms.recall
    assert found.false_alarms == judged.alarms.false_alarms
    assert found.events == judged.events > 0


def test_agreement_is_with_the_first(weighed: tuple[Footprint, ...], artifact_file: Path, room: Path) -> None:
    verdicts = Scorer(bundle.load(artifact_file)).judge(open_table(room).in_time_order()).verdicts
    silent = 1 - np.mean(verdicts.anomaly[np.isfinite(verdicts.score)])
    assert weighed[0].agreement == 1.0
    assert weighed[1].agreement == pytest.approx(silent)
    assert silent < 1


@pytest.mark.slow
def test_without_readings_nothing_is_judged(artifact_file: Path) -> None:
    found = weigh(artifact_file)
    assert found.detection is None
    assert found.agreement is None
    assert found.as_dict()["parameters"] == found.parameters


def test_what_cannot_be_run_is_told_in_a_sentence(artifact_file: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.tocsin"
    shutil.copy(artifact_file, broken)
    broken.write_bytes(broken.read_bytes()[:500])
    with pytest.raises(ArtifactError, match=r"broken\.tocsin cannot be timed: "):
        costs(broken)
