"""Putting results down: JSON for programs, Markdown for people, pictures, and the files that a protocol asks for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from tocsin.core.discover import load
from tocsin.training.benchmark._contract import Run
from tocsin.training.benchmark._markdown import markdown
from tocsin.training.benchmark._pictures import draw
from tocsin.training.benchmark._report import Report
from tocsin.training.benchmark._run import ROOM


def write(report: Report, runs: Sequence[Run], folder: Path) -> tuple[Path, ...]:
    """Write ``<name>.json``, ``<name>.md``, pictures and what the protocol wants, and return the main files.

    Parameters
    ----------
    report, runs
        As :func:`tocsin.training.benchmark.run` returns them.
    folder
        Made if it is not there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    benchmark = load(ROOM, report.name)
    told = json.dumps({**report.as_dict(), "runs": [_told(run) for run in runs]}, indent=1, ensure_ascii=False)
    machine, page = folder / f"{report.name}.json", folder / f"{report.name}.md"
    machine.write_text(told + "\n", "utf-8")
    page.write_text(markdown(json.loads(told)), "utf-8")
    for run in runs:
        if run.seed == 0:
            benchmark().keep(run, folder)
    return machine, page, *draw(report.name, runs, benchmark.example, folder)


def _told(run: Run) -> dict[str, object]:
    return {
        "method": run.method,
        "case": run.case.name,
        "seed": run.seed,
        "facts": {name: value for name, value in run.facts.items() if name != "delays"},
        "failure": run.failure,
        "fit_s": round(run.fit_s, 3),
        "score_s": round(run.score_s, 3),
    }
