"""A student as an artifact: a limit of its own, and in all else what its teacher is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tocsin.artifact.artifact import Artifact
from tocsin.artifact.calibration import Calibration
from tocsin.artifact.provenance import Provenance
from tocsin.core.contracts import Graph
from tocsin.explain.occlusion import examples, spread_out
from tocsin.graph.run import Runner
from tocsin.training.band import band_of
from tocsin.training.calibrate import calibrate
from tocsin.training.fit import SAMPLE, SAMPLE_BYTES, fingerprint
from tocsin.training.smaller._classroom import Classroom
from tocsin.training.smaller.teaching import Teaching


def sealed(room: Classroom, graph: Graph, width: int, teaching: Teaching) -> Artifact:
    """Find the limit, and put everything into an artifact that is the teacher's in all else.

    Parameters
    ----------
    room
        Where it learned.
    graph
        What it has learned; takes raw windows.
    width
        Units of its layers.
    teaching
        How it learned.
    """
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
