"""Distillation: a small network learns to say what a large artifact says, where things are normal and where not.

Hinton et al. 2015, "Distilling the knowledge in a neural network". What is learned and why is told in decision 32.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tocsin.artifact.artifact import Artifact
from tocsin.core.contracts import Graph
from tocsin.core.errors import SettingError
from tocsin.detectors.learning.common import installed
from tocsin.export.parameters import parameters
from tocsin.export.starting import starting_limit
from tocsin.graph.run import Runner
from tocsin.sources import Table
from tocsin.training.smaller._classroom import Classroom, open_classroom
from tocsin.training.smaller._likeness import Likeness, likeness, matched
from tocsin.training.smaller._sealed import sealed
from tocsin.training.smaller.student import Shape, Student, widest
from tocsin.training.smaller.teaching import Teaching

USUAL = Teaching()
"""How a student is made where nothing else is said."""


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


def distill(teacher: Artifact, table: Table, teaching: Teaching = USUAL) -> Distilled:
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
    small = sealed(room, graph, width, teaching)
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
    from tocsin.detectors.learning.networks import Plan
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
