"""Distillation: a small network learns to say what a large artifact says, where things are normal and where not.

Hinton et al. 2015, "Distilling the knowledge in a neural network". What is learned and why is told in decision 32.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tocsin.artifact.artifact import Artifact
from tocsin.artifact.calibration import Calibration
from tocsin.artifact.provenance import Provenance
from tocsin.core.contracts import Graph
from tocsin.core.discover import load
from tocsin.core.errors import SettingError
from tocsin.detectors._settings import above, at_least, installed
from tocsin.explain.occlusion import examples, spread_out
from tocsin.export.parameters import parameters
from tocsin.export.starting import starting_limit
from tocsin.graph.run import Runner
from tocsin.sources import Table
from tocsin.training.band import band_of
from tocsin.training.calibrate import calibrate
from tocsin.training.fit import SAMPLE, SAMPLE_BYTES, fingerprint
from tocsin.training.smaller._classroom import Classroom, open_classroom
from tocsin.training.smaller._likeness import Likeness, likeness, matched
from tocsin.training.smaller.student import Shape, Student, widest

ROOM = "training.smaller.students"

DEFAULT = "stats_small"
"""The student where none is named: the best of its size beside most teachers (decision 32)."""


@dataclass(frozen=True, kw_only=True)
class Teaching:
    """How a student is made.

    Parameters
    ----------
    student
        Which kind of network; the files in the folder ``students`` are the kinds.
    budget
        Parameters that its graph has at most.
    width
        Units of a layer; None for the widest that the budget pays for.
    windows
        Windows to learn from, at most, most of them with faults; fewer where they would take more than 96 MB.
    epochs
        Passes over them, at most.
    patience
        Stop after so many epochs that were no better on later windows.
    batch_size, learning_rate
        Of each step of the optimiser.
    seed
        Of all chance: the same seed on the same machine gives the same student.
    """

    student: str = DEFAULT
    budget: int = 20_000
    width: int | None = None
    windows: int = 30_000
    epochs: int = 45
    patience: int = 10
    batch_size: int = 128
    learning_rate: float = 2e-3
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("budget", "epochs", "batch_size"):
            at_least(name, getattr(self, name), 1)
        at_least("windows", self.windows, 100)
        at_least("patience", self.patience, 0)
        at_least("seed", self.seed, 0)
        above("learning_rate", self.learning_rate, 0)
        if self.width is not None:
            at_least("width", self.width, 1)

    def make_student(self) -> Student:
        """Return the kind of network that is named.

        >>> Teaching(student="dense_small").make_student()
        DenseSmall()
        """
        made = load(ROOM, self.student)()
        assert isinstance(made, Student)
        return made


@dataclass(frozen=True, eq=False)
class Distilled:
    """A student, and how far it says what its teacher says.

    Parameters
    ----------
    artifact
        The student.
    parameters, width
        Numbers that it has learned, and units of its layers.
    likeness
        How alike the two are on windows that neither the student's weights nor its limit were found on.
    """

    artifact: Artifact
    parameters: int
    width: int
    likeness: Likeness


def distill(teacher: Artifact, table: Table, teaching: Teaching = Teaching()) -> Distilled:
    """Let a small network learn what an artifact says of readings, and seal it with a limit of its own.

    It takes the teacher's window, prepare steps, kinds and policy; its limit is found by the teacher's rule, on
    its own scores of the last part of the readings.

    Parameters
    ----------
    teacher
        Any artifact, whatever detector is in it.
    table
        Normal readings, such as the teacher was trained on; labelled anomalies are kept out.
    teaching
        Which student, how large, and how it learns.

    Raises
    ------
    SettingError
        If there is no such student, or it cannot be so small.
    InputError
        If there are too few readings.
    MissingExtraError
        If PyTorch is missing.
    """
    installed("Training a student", library="PyTorch", module="torch")
    room = open_classroom(teacher, table, windows=teaching.windows, seed=teaching.seed)
    return taught(room, teaching)


def taught(room: Classroom, teaching: Teaching) -> Distilled:
    """Return the student that learns in ``room``; see :func:`distill`."""
    student = teaching.make_student()
    width = teaching.width or _widest(room, student, teaching.budget)
    graph = _learned(room, student, width, teaching)
    small = _sealed(room, graph, width, teaching)
    spent = parameters(small.graph)
    if spent > teaching.budget:
        raise SettingError(
            f"A {teaching.student} of width {width} has {spent:,} parameters, more than the budget of "
            f"{teaching.budget:,}.",
            remedy="Leave out the width, or give a larger budget.",
        )
    return Distilled(small, spent, width, likeness(room, Runner(small.graph), limit=starting_limit(small)))


def around(room: Classroom) -> int:
    """Return the parameters of what stands around a student's network."""
    return 4 * len(room.sight.owner) + 2 * room.teacher.window


def shape_of(room: Classroom) -> Shape:
    """Return what goes into a student's network in this room, and what comes out."""
    columns = len(room.sight.owner)
    return Shape(room.teacher.window, columns, 2 * columns)


def _widest(room: Classroom, student: Student, budget: int) -> int:
    return widest(student, shape_of(room), budget=budget - around(room))


def _learned(room: Classroom, student: Student, width: int, teaching: Teaching) -> Graph:
    """Train, bring the scores to the teacher's level, and return the graph of raw windows."""
    from tocsin.detectors._torch import Plan
    from tocsin.training.smaller._learn import learn
    from tocsin.training.smaller._pupil import Pupil

    plan = Plan(
        epochs=teaching.epochs,
        batch_size=teaching.batch_size,
        learning_rate=teaching.learning_rate,
        patience=teaching.patience,
        max_windows=teaching.windows,
        device="cpu",
        seed=teaching.seed,
    )
    lessons = [(room.sight(each.raw), room.answers(each)) for each in (room.lesson, room.later)]
    trained = learn(
        lambda: Pupil(student.build(shape_of(room), width=width), room.far),
        (lessons[0], lessons[1]),
        owners=room.sight.owners,
        plan=plan,
    )

    def written(unit: float) -> Graph:
        inner = trained.network.write(
            window=room.teacher.window,
            unit=unit,
            base=room.base,
            shares=room.later.by_channel is not None,
            expects=room.later.expected is not None,
        )
        return replace(room.sight.fold(inner, window=room.teacher.window), curves=trained.curves)

    found = written(room.unit)
    factor = matched(room, Runner(found.onnx))
    return found if factor == 1 else written(room.unit * factor)


def _sealed(room: Classroom, graph: Graph, width: int, teaching: Teaching) -> Artifact:
    """Find the limit, and put everything into an artifact that is the teacher's in all else."""
    teacher, parts, normal = room.teacher, room.parts, room.normal
    calibration, policy, evidence = calibrate(
        graph.onnx,
        parts,
        room.table,
        written=teacher.calibration.threshold,
        threshold=room.threshold,
        length=teacher.window,
        clock=teacher.clock,
        policy=teacher.policy,
        stated=True,
    )
    tells = Runner(graph.onnx).attributes
    return replace(
        teacher,
        graph=graph.onnx,
        calibration=calibration,
        policy=policy,
        evidence=evidence,
        provenance=_provenance(room, graph, width, teaching, calibration),
        band=band_of(graph.onnx, parts, length=teacher.window),
        examples=np.zeros((0, teacher.window, normal.channels), np.float32) if tells else examples(normal),
        sample=spread_out(normal, most=min(SAMPLE, SAMPLE_BYTES // (4 * teacher.window * normal.channels))),
        earlier=(),
    )


def _provenance(room: Classroom, graph: Graph, width: int, teaching: Teaching, calibration: Calibration) -> Provenance:
    readings, parts, teacher = room.table.readings, room.parts, room.teacher.provenance
    return replace(
        teacher,
        detector=teaching.student,
        settings={
            "teacher": teacher.detector,
            "width": str(width),
            **{name: str(getattr(teaching, name)) for name in ("budget", "windows", "epochs", "learning_rate")},
        },
        scale="zscore",
        seed=teaching.seed,
        fingerprint=fingerprint(room.table),
        rows=len(readings),
        devices=len(room.table.devices),
        start=int(readings.time.min()),
        end=int(readings.time.max()),
        windows={
            "training": len(parts.training),
            "validation": len(parts.validation),
            "calibration": len(parts.calibration),
            "kept out": parts.kept_out,
        },
        curves={name: tuple(float(x) for x in curve) for name, curve in graph.curves.items()},
        warnings=calibration.warnings,
        prepare=(),
        why=(
            f"A student that learned what {teacher.detector} says of {len(room.lesson):,} windows, "
            f"{np.count_nonzero(~room.lesson.calm):,} of them with a fault put in.",
            f"Its teacher learned from the readings with fingerprint {teacher.fingerprint[:16]}.",
        ),
    )
