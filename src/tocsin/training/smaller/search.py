"""The search for the smallest student that still detects as well as is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from tocsin.artifact import bundle
from tocsin.artifact.artifact import Artifact
from tocsin.core.discover import names
from tocsin.core.errors import SettingError
from tocsin.detectors._settings import installed
from tocsin.evaluation.outcome import Outcome
from tocsin.export.footprint import costs
from tocsin.sources import Table
from tocsin.training.lab.pool import crew
from tocsin.training.smaller._classroom import Classroom, open_classroom
from tocsin.training.smaller.distill import ROOM, Distilled, Teaching, around, shape_of, taught
from tocsin.training.smaller.exam import Mark, Paper, marked, papers_of
from tocsin.training.smaller.student import widest

SEEDS = 2
"""Students of each size, with seeds one after the other: one alone may be lucky."""

_CLOSE = 1.25
"""A student that is larger by less than this factor than one that failed is small enough."""


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
    teaching: Teaching = Teaching(),  # noqa: B008  # frozen
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
    best: dict[str, Distilled] = {}
    with crew(_work, shared=shared, jobs=min(jobs, SEEDS * len(ladders))) as run:
        while waiting := [task for ladder in ladders for task in ladder.tasks(teaching.seed)]:
            found: dict[tuple[str, int], list[tuple[Distilled, tuple[Mark, ...]]]] = {}
            for task, result in run(waiting):
                found.setdefault((task.student, task.width), []).append(result)
            for ladder in ladders:
                if own := found.get((ladder.student, ladder.width)):
                    ladder.took(own, within, best)
    return _kept(ladders, best)


def _work(shared: _Shared, task: _Task) -> tuple[Distilled, tuple[Mark, ...]]:
    """Train one student and examine it."""
    teaching = replace(shared.teaching, student=task.student, width=task.width, seed=task.seed)
    made = taught(shared.room, teaching)
    pairs = zip(shared.papers, shared.said, strict=True)
    return made, tuple(marked(paper, said, made.artifact) for paper, said in pairs)


class _Ladder:
    """The widths of one kind of student, from the widest down."""

    def __init__(self, student: str, widest: int) -> None:
        self.student, self.width = student, widest
        self.tried: list[Tried] = []
        self._failed, self._passed = 0, 0

    def tasks(self, seed: int) -> Iterator[_Task]:
        """Yield what is to be tried next; nothing where the smallest is found."""
        if self.width:
            yield from (_Task(self.student, self.width, seed + k) for k in range(SEEDS))

    def took(self, own: list[tuple[Distilled, tuple[Mark, ...]]], within: float, best: dict[str, Distilled]) -> None:
        """Note how students of a width did, and go on."""
        tried = _judged(self.student, own, within)
        self.tried.append(tried)
        if tried.enough:
            best[self.student] = min(own, key=lambda each: np.mean([mark.loss for mark in each[1]]))[0]
            self._passed = self.width
        else:
            self._failed = self.width
        self.width = self._next()

    def _next(self) -> int:
        if not self._passed or self._passed <= _CLOSE * max(self._failed, 1):
            return 0
        return (self._passed + self._failed) // 2


def _ladders(room: Classroom, students: Sequence[str], budget: int) -> list[_Ladder]:
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
        found.append(_Ladder(name, top))
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


def _kept(ladders: Sequence[_Ladder], best: dict[str, Distilled]) -> Search:
    tried = tuple(one for ladder in ladders for one in sorted(ladder.tried, key=lambda one: -one.parameters))
    kept = min(best.values(), key=lambda made: made.parameters) if best else None
    return Search(kept, tried)
