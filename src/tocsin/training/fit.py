"""From readings to an artifact: prepare, part by time, train a detector, calibrate a threshold, seal."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from tocsin.alerting.policy import Policy
from tocsin.artifact.artifact import Artifact
from tocsin.artifact.provenance import Provenance
from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.core.contracts import Detector, Graph, Threshold
from tocsin.core.errors import InputError
from tocsin.core.kinds import Kind
from tocsin.core.windows import Windows
from tocsin.engine.scorer import Scorer
from tocsin.explain.occlusion import examples, spread_out
from tocsin.graph.fold import scaled
from tocsin.graph.run import Runner
from tocsin.prepare import prepare
from tocsin.prepare.angles import Angles, usual
from tocsin.prepare.clock import Clock
from tocsin.prepare.impute import Impute
from tocsin.sources import Overrides, Table, open_table
from tocsin.training.band import band_of
from tocsin.training.calibrate import calibrate
from tocsin.training.parts import Parts, parts_of, windows_of
from tocsin.training.ready import require_training
from tocsin.training.recipe import Recipe
from tocsin.training.settle import LEAST, Settled, settle

SAMPLE, SAMPLE_BYTES = 64, 1 << 16
"""Normal windows that are sealed for exports to be calibrated and proven on, and the memory they may take, at most."""


def fit(source: Any, recipe: Recipe = Recipe(), *, overrides: Overrides = Overrides()) -> Scorer:  # noqa: B008  # frozen
    """Learn what is normal in ``source``, and return what scores new readings.

    Parameters
    ----------
    source
        A pandas, Polars or pyarrow frame, or the path of a CSV or Parquet file: one row a reading.
    recipe
        The choices; the defaults let several quick detectors learn together (:class:`~tocsin.detectors.auto.Auto`).
    overrides
        What the guess of the columns' meaning should not guess.

    Returns
    -------
    Scorer
        With ``.score(frame)`` and ``.save(path)``.

    Raises
    ------
    InputError, SettingError
        If the readings or a setting cannot be used.
    MissingExtraError
        If what training needs is not installed.
    """
    require_training()
    return Scorer(train(open_table(source, overrides=overrides), recipe))


def train(table: Table, recipe: Recipe | Settled) -> Artifact:
    """Learn from an opened table; the same table, recipe and machine give the same artifact.

    What the recipe leaves open is settled on the table, unless that has been done (:mod:`tocsin.training.settle`).
    """
    ordered = table.in_time_order()
    settled = recipe if isinstance(recipe, Settled) else settle(ordered, recipe)
    recipe, detector = settled.recipe, settled.recipe.make_detector()
    length = recipe.readings(detector)
    written, threshold = recipe.make_threshold(detector)
    kinds = recipe.kinds_of(ordered.readings.schema)
    clock, impute, parts = _checked(parts_of(ordered, recipe), detector, threshold, recipe)
    normal = windows_of(parts.series, parts, length=length)
    reference = usual(normal.rows(), kinds)
    policy = _policy(ordered, recipe, length, clock, reference)
    graph = _learn(parts, detector, recipe, kinds)
    calibration, fitting, evidence = calibrate(
        graph.onnx,
        parts,
        ordered,
        written=written,
        threshold=threshold,
        length=length,
        clock=clock,
        policy=policy,
        stated=recipe.raise_after is not None,
    )
    return Artifact(
        schema=ordered.readings.schema,
        layout=ordered.layout,
        window=length,
        clock=clock,
        impute=impute,
        graph=graph.onnx,
        calibration=calibration,
        policy=fitting,
        reference=reference,
        evidence=evidence,
        provenance=_provenance(ordered, settled, detector, parts, graph, warnings=calibration.warnings),
        kinds=kinds,
        relations=graph.relations,
        band=band_of(graph.onnx, parts, length=length),
        examples=_examples(graph, normal),
        sample=spread_out(normal, most=min(SAMPLE, SAMPLE_BYTES // (4 * length * normal.channels))),
    )


def _policy(table: Table, recipe: Recipe, length: int, clock: Clock, reference: FloatArray) -> Policy:
    """Return the alarm policy for a table; what it asks of channels and devices that are not there is refused."""
    return recipe.make_policy(
        table.readings.schema,
        window=length,
        period_ns=clock.period_ns,
        row_clock=table.cadence.row_clock,
        devices=table.devices,
        usual=reference.tolist(),
    )


def _examples(graph: Graph, windows: Windows) -> Float32Array:
    """Return normal windows to compare anomalous ones with, none where the graph tells shares itself."""
    if Runner(graph.onnx).attributes:
        return np.zeros((0, windows.length, windows.channels), np.float32)
    return examples(windows)


def _told(recipe: Recipe, detector: Detector) -> str:
    """Return how long a window is, in words."""
    features, whole = recipe.make_features(), recipe.readings(detector)
    if features.stride > 1:
        return f"{whole} readings (rows of {features.stride}, which the prepare steps make)"
    reach = features.reach
    behind = f" ({whole - reach}, and {reach} before them that the prepare steps look back on)" if reach else ""
    return f"{whole} readings{behind}"


def _checked(
    laid: tuple[Clock, Impute, Parts], detector: Detector, threshold: Threshold, recipe: Recipe
) -> tuple[Clock, Impute, Parts]:
    """Return what :func:`parts_of` made, unless there is too little in it."""
    parts = laid[-1]
    if detector.needs_labels and parts.labels is None:
        raise InputError(
            f"{recipe.detector} learns from labels, and the readings have none.",
            remedy="Name the label column with --label, or choose another detector.",
        )
    needed = [("training", parts.training, LEAST)]
    if threshold.reference == "calibration":
        needed.append(("calibration", parts.calibration, 1))
    for name, end, least in needed:
        if len(end) < least:
            raise InputError(
                f"There are too few readings: only {len(end)} complete normal windows of "
                f"{_told(recipe, detector)} lie in the {name} part.",
                remedy="Give more readings, a shorter window (--window), or a longer hold over gaps (--hold).",
            )
    return laid


def _learn(parts: Parts, detector: Detector, recipe: Recipe, kinds: tuple[Kind, ...]) -> Graph:
    """Return the graph that takes raw windows: angles taken apart, then the scale, the steps, the detector."""
    scale, features, angles = recipe.make_scale(detector), recipe.make_features(), Angles.of(kinds)
    length, series, order = recipe.readings(detector), angles(parts.series), angles.order(kinds)
    scaling = angles.even(scale.fit(windows_of(series, parts, length=length), order))
    seen = series if scale.method == "none" else scaling(series)
    prepared = prepare(features, windows_of(seen, parts, length=length), scale=scale, kinds=order)
    graph = prepared.fold(detector.fit(prepared.windows, seed=recipe.seed))
    if scale.method != "none":
        graph = scaled(graph, offset=scaling.offset, factor=scaling.factor, clip=scaling.clip)
    return angles.fold(graph, window=length)


def _provenance(
    table: Table, settled: Settled, detector: Detector, parts: Parts, graph: Graph, *, warnings: tuple[str, ...]
) -> Provenance:
    readings, recipe = table.readings, settled.recipe
    return Provenance(
        detector=recipe.detector,
        settings={name: _text(value) for name, value in asdict(detector).items()},  # type: ignore[call-overload]  # a dataclass by contract
        scale=recipe.make_scale(detector).method,
        prepare=tuple(text.strip() for text in recipe.prepare),
        seed=recipe.seed,
        fingerprint=fingerprint(table),
        rows=len(readings),
        devices=len(table.devices),
        start=int(readings.time.min()),
        end=int(readings.time.max()),
        row_clock=table.cadence.row_clock,
        windows={
            "training": len(parts.training),
            "validation": len(parts.validation),
            "calibration": len(parts.calibration),
            "kept out": parts.kept_out,
        },
        versions=versions(),
        curves={name: tuple(float(x) for x in curve) for name, curve in graph.curves.items()},
        warnings=warnings,
        why=settled.why + graph.why,
    )


def _text(value: object) -> str:
    return ",".join(str(item) for item in value) if isinstance(value, tuple) else str(value)


def fingerprint(table: Table) -> str:
    """Return the SHA-256 over the times, devices and values of a table's readings."""
    digest = hashlib.sha256()
    for array in (table.readings.time, table.readings.device, table.readings.values):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def versions() -> dict[str, str]:
    """Return the versions of what has a say in training, by name."""
    found = {}
    for name in ("tocsin", "numpy", "onnxruntime", "onnx", "torch", "scikit-learn", "polars"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
