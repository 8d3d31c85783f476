"""The search for the smallest student that still detects as well as is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from tocsin.artifact import bundle
from tocsin.artifact.artifact import Artifact
from tocsin.core.discover import names
from tocsin.core.errors import SettingError
from tocsin.core.progress import report
from tocsin.detectors.learning.common import installed
from tocsin.evaluation.outcome import Outcome
from tocsin.export.footprint import costs
from tocsin.sources import Table
from tocsin.training.lab.pool import crew
from tocsin.training.smaller._classroom import Classroom, open_classroom
from tocsin.training.smaller._ladder import Ladder
from tocsin.training.smaller.distill import USUAL, Distilled, around, shape_of, taught
from tocsin.training.smaller.exam import Mark, Paper, marked, papers_of
from tocsin.training.smaller.student import widest
from tocsin.training.smaller.teaching import ROOM, Teaching

SEEDS = 2
"""Students of each size, with seeds one after the other: one alone may be lucky."""


@dataclass(frozen=True)
class Tried:
    """A size of student, and how its students did.

    Parameters
    ----------
    student, width
        Which network, and units of its layers.
    parameters
        Numbers that it has learned.
    graph_bytes
        Of its graph.
    reading_us
        Microseconds for one reading through the whole pipeline, median, on one thread.
    before, after
        VUS-PR of the teacher and of the students, mean over all papers and seeds.
    loss, noise
        Mean of what is lost, and its standard error over papers and seeds; 0 where there is but one of both.
    agreement
        Share of the readings with the teacher's verdict, mean likewise.
    enough
        Is no more lost than is borne?
    """

    student: str
    width: int
    parameters: int
    graph_bytes: int
    reading_us: float
    before: float
    after: float
    loss: float
    noise: float
    agreement: float
    enough: bool

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as plain values, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class Search:
    """What was tried, and what is kept.

    Parameters
    ----------
    kept
        The smallest student that loses no more than is borne, the best of its seeds; None where all lose more.
    tried
        All sizes, largest first within each kind.
    """

    kept: Distilled | None
    tried: tuple[Tried, ...]


@dataclass(frozen=True, eq=False)
class _Shared:
    """What all trials have in common."""

    room: Classroom
    papers: tuple[Paper, ...]
    said: tuple[Outcome, ...]
    teaching: Teaching


@dataclass(frozen=True)
class _Task:
    """A student to be trained: its kind, width and seed."""

    student: str
    width: int
    seed: int

    def __str__(self) -> str:
        return f"{self.student}, width {self.width}, seed {self.seed}"


def search(
    teacher: Artifact,
    table: Table,
    *,
    within: float,
    labelled: Table | None = None,
    students: Sequence[str] = (),
    teaching: Teaching = USUAL,
    jobs: int = 1,
) -> Search:
    """Find the smallest student that loses no more VUS-PR than ``within``.

    Each kind begins with all of the budget. As long as its students detect well enough the width is halved; then the
    width between the last that did and the first that did not is halved, until the two are close. A size is judged by
    the mean over several seeds and papers: a difference smaller than the noise beside it says little.

    Parameters
    ----------
    teacher, table
        As for :func:`~tocsin.training.smaller.distill.distill`.
    within
        VUS-PR that may be lost, such as .02.
    labelled
        Later readings with labels; None for faults that are put into the last part of ``table``.
    students
        Kinds to try; none for all.
    teaching
        The budget, and how they learn.
    jobs
        Processes side by side.

    Raises
    ------
    SettingError
        If ``within`` is no loss, or no kind can be made within the budget.
    InputError
        If there are too few readings, or nothing to detect.
    """
    if not 0 <= within < 1:
        raise SettingError(f"A loss of {within!r} cannot be borne.", remedy="Give a share such as --within 0.02.")
    installed("Training a student", library="PyTorch", module="torch")
    room = open_classroom(teacher, table, windows=teaching.windows, seed=teaching.seed)
    papers = papers_of(table, labelled, seed=teaching.seed)
    shared = _Shared(room, papers, tuple(paper.outcome(teacher) for paper in papers), teaching)
    ladders = _ladders(room, students or names(ROOM), teaching.budget)
    tried: list[Tried] = []
    best: dict[str, Distilled] = {}
    with crew(_work, shared=shared, jobs=min(jobs, SEEDS * len(ladders))) as run:
        while waiting := _tasks(ladders, teaching.seed):
            report("sizes of students", len(tried), len(tried) + len(waiting) // SEEDS)
            done = list(run(waiting))
            for ladder in [one for one in ladders if one.width]:
                own = [result for task, result in done if task.student == ladder.student]
                tried.append(_judged(ladder.student, own, within))
                ladder.took(enough=tried[-1].enough)
                if tried[-1].enough:
                    best[ladder.student] = min(own, key=_lost)[0]
    return _kept(tried, best)


def _work(shared: _Shared, task: _Task) -> tuple[Distilled, tuple[Mark, ...]]:
    """Train one student and examine it."""
    teaching = replace(shared.teaching, student=task.student, width=task.width, seed=task.seed)
    made = taught(shared.room, teaching)
    pairs = zip(shared.papers, shared.said, strict=True)
    return made, tuple(marked(paper, said, made.artifact) for paper, said in pairs)


def _tasks(ladders: Sequence[Ladder], seed: int) -> list[_Task]:
    """Return what is to be tried next of each kind; nothing where the smallest of all are found."""
    return [_Task(one.student, one.width, seed + k) for one in ladders if one.width for k in range(SEEDS)]


def _ladders(room: Classroom, students: Sequence[str], budget: int) -> list[Ladder]:
    """Return a ladder for each kind that fits into the budget.

    Raises
    ------
    SettingError
        If none does.
    """
    found, refused = [], None
    for name in students:
        try:
            top = widest(Teaching(student=name).make_student(), shape_of(room), budget=budget - around(room))
        except SettingError as error:
            refused = error
            continue
        found.append(Ladder(name, top))
    if not found and refused is not None:
        raise refused
    return found


def _judged(student: str, own: list[tuple[Distilled, tuple[Mark, ...]]], within: float) -> Tried:
    marks = [mark for _, each in own for mark in each]
    losses = np.array([mark.loss for mark in marks])
    made, loss = own[0][0], float(losses.mean())
    return Tried(
        student=student,
        width=made.width,
        parameters=made.parameters,
        graph_bytes=len(made.artifact.graph),
        reading_us=_reading_us(made.artifact),
        before=float(np.mean([mark.before for mark in marks])),
        after=float(np.mean([mark.after for mark in marks])),
        loss=loss,
        noise=float(losses.std(ddof=1) / np.sqrt(len(losses))) if len(losses) > 1 else 0.0,
        agreement=float(np.mean([mark.agreement for mark in marks])),
        enough=loss <= within,
    )


def _reading_us(artifact: Artifact) -> float:
    """Return what one reading costs, measured in a process of its own while no other student learns."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "student.tocsin"
        bundle.save(artifact, path)
        return float(costs(path)["reading_p50_us"])


def _lost(own: tuple[Distilled, tuple[Mark, ...]]) -> float:
    return float(np.mean([mark.loss for mark in own[1]]))


def _kept(tried: Sequence[Tried], best: Mapping[str, Distilled]) -> Search:
    ordered = sorted(tried, key=lambda one: (one.student, -one.parameters))
    return Search(min(best.values(), key=lambda made: made.parameters) if best else None, tuple(ordered))
