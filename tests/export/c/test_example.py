"""The example for microcontrollers: it rings where the scorer does."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import numpy as np
from tests.export.c.conftest import STRICT, calm

from tocsin.artifact.artifact import Artifact
from tocsin.engine.scorer import Scorer
from tocsin.export.c.compiler import host_compiler, written
from tocsin.export.c.export import program_of
from tocsin.export.c.source import source
from tocsin.export.usage import usage

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "microcontroller" / "main.c"


def test_the_example_rings_where_the_scorer_does(pca: Artifact, tmp_path: Path) -> None:
    own = source(pca, program_of(pca), file="alarm.c", arena="state", precision="float")
    written(own.files, tmp_path)
    command = [host_compiler(), *STRICT, "-I.", "alarm.c", str(EXAMPLE), "-lm", "-o", "alarm"]
    subprocess.run(command, cwd=tmp_path, check=True)
    readings = calm(300, seed=6).round(3)
    readings[100:110, 2] += 900
    readings[200:220, 1] = np.nan
    lines = "".join(", ".join("" if np.isnan(x) else repr(x) for x in row) + "\n" for row in readings.tolist())
    done = subprocess.run([tmp_path / "alarm"], input=lines, capture_output=True, text=True, check=True)
    begun = [int(row) for row in re.findall(r"reading (\d+): ALARM", done.stdout)]
    told = Scorer(pca).verdicts(readings).told
    assert begun == (np.flatnonzero(told[1:] & ~told[:-1]) + 2).tolist()
    assert "most of all co2" in done.stdout


def test_the_lines_of_a_report_compile(pca: Artifact, tmp_path: Path) -> None:
    own = source(pca, program_of(pca), file="7_rooms-b.c", arena="state", precision="float")
    (_, main), (_, command) = usage("7_rooms-b.c", pca)
    written({**own.files, "main.c": main.encode()}, tmp_path)
    strict = command.partition("#")[0].split()[1:]
    subprocess.run([host_compiler(), *STRICT, *strict, "-o", "endless"], cwd=tmp_path, check=True)
