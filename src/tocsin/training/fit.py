"""From readings to an artifact: prepare, part by time, train a detector, calibrate a threshold, seal."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from tocsin.alerting.policy import Policy
from tocsin.artifact.artifact import Artifact
from tocsin.artifact.calibration import Calibration
from tocsin.artifact.provenance import Provenance
from tocsin.core.arrays import FloatArray
from tocsin.core.contracts import Detector, Graph, Threshold
from tocsin.core.errors import InputError
from tocsin.core.progress import report
from tocsin.core.windows import Windows
from tocsin.engine.scorer import Scorer
from tocsin.graph.fold import scaled
from tocsin.graph.run import Runner
from tocsin.prepare.clock import Clock
from tocsin.prepare.impute import Impute
from tocsin.prepare.scale import CLIP, Scale
from tocsin.sources import Overrides, Table, open_table
from tocsin.thresholds.fixed import Fixed
from tocsin.training.parts import Parts, split, windows_of
from tocsin.training.ready import require_training
from tocsin.training.recipe import Recipe

LEAST = 20
"""Windows without which nothing is learned that deserves the name."""

SOME = 4096
"""Training windows that are scored again to compare them with the calibration part."""


def fit(source: Any, recipe: Recipe = Recipe(), *, overrides: Overrides = Overrides()) -> Scorer:  # noqa: B008  # frozen
    """Learn what is normal in ``source``, and return what scores new readings.

    Parameters
    ----------
    source
        A pandas, Polars or pyarrow frame, or the path of a CSV or Parquet file: one row a reading.
    recipe
        The choices; the defaults train an LSTM autoencoder.
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


def train(table: Table, recipe: Recipe) -> Artifact:
    """Learn from an opened table; the same table, recipe and machine give the same artifact."""
    ordered = table.in_time_order()
    detector = recipe.make_detector()
    length = recipe.window or detector.default_window
    written, threshold = recipe.make_threshold(detector)
    clock = _clock(ordered, recipe, length)
    policy = _policy(clock.channels, recipe)
    impute = Impute(clock.channels, hold_ns=recipe.hold * clock.period_ns + clock.period_ns // 2)
    parts = split(ordered, clock=clock, impute=impute, length=length, with_anomalies=detector.needs_labels)
    _check(parts, detector, length)
    graph, scale = _learn(parts, detector, recipe, length)
    own = windows_of(parts.series, parts, length=length)
    artifact = Artifact(
        schema=ordered.readings.schema,
        layout=ordered.layout,
        window=length,
        clock=clock,
        impute=impute,
        graph=graph.onnx,
        calibration=Calibration(written, Fixed(1.0).fit(None), "stated", 0),
        policy=policy,
        reference=np.median(own.rows().astype(np.float64), axis=0),
        scores=np.zeros(0),
        provenance=_provenance(ordered, recipe, detector, scale, parts, graph),
    )
    return _calibrate(artifact, ordered, parts, threshold)


def _clock(table: Table, recipe: Recipe, length: int) -> Clock:
    cadence = table.cadence
    period = int(recipe.period_s * 1e9) if recipe.period_s else cadence.period_ns
    align = recipe.clock == "on" or (recipe.clock == "auto" and not cadence.regular and not cadence.row_clock)
    lateness = period if recipe.lateness_s is None else int(recipe.lateness_s * 1e9)
    return Clock(
        channels=len(table.readings.schema),
        period_ns=max(period, 1),
        align=align,
        lateness_ns=lateness if align else 0,
        hold=recipe.hold,
        restart=recipe.hold + length,
    )


def _policy(channels: int, recipe: Recipe) -> Policy:
    return Policy(
        channels,
        raise_after=recipe.raise_after,
        release_below=recipe.release_below,
        release_after=recipe.release_after,
        cooldown=recipe.cooldown,
    )


def _check(parts: Parts, detector: Detector, length: int) -> None:
    if detector.needs_labels and parts.labels is None:
        raise InputError(
            f"{type(detector).__name__} learns from labels, and the readings have none.",
            remedy="Name the label column with --label, or choose another detector.",
        )
    for name, end in (("training", parts.training), ("calibration", parts.calibration)):
        if len(end) < (LEAST if name == "training" else 1):
            raise InputError(
                f"There are too few readings: only {len(end)} complete normal windows of {length} readings lie in the "
                f"{name} part.",
                remedy="Give more readings, a shorter window (--window), or a longer hold over gaps (--hold).",
            )


def _learn(parts: Parts, detector: Detector, recipe: Recipe, length: int) -> tuple[Graph, Scale]:
    scale = recipe.make_scale(detector)
    raw = windows_of(parts.series, parts, length=length)
    scaling = scale.fit(raw)
    learned = detector.fit(windows_of(scaling(parts.series), parts, length=length), seed=recipe.seed)
    if scale.method == "none":
        return learned, scale
    return scaled(learned, offset=scaling.offset, factor=scaling.factor, clip=CLIP), scale


def _calibrate(artifact: Artifact, table: Table, parts: Parts, threshold: Threshold) -> Artifact:
    """Find the limit, and put it with its evidence into the artifact."""
    reference = "stated" if isinstance(threshold, Fixed) else str(getattr(threshold, "reference", "calibration"))
    scores = _reference_scores(artifact, table, parts, reference)
    warnings = (*threshold.warnings(scores), *_unlike(artifact, parts, scores if reference == "calibration" else None))
    found = Calibration(
        threshold=artifact.calibration.threshold,
        limits=threshold.fit(scores),
        reference=reference,
        scores=len(scores),
        warnings=warnings,
    )
    provenance = replace(artifact.provenance, warnings=found.warnings)
    return replace(artifact, calibration=found, scores=np.sort(scores), provenance=provenance)


def _reference_scores(artifact: Artifact, table: Table, parts: Parts, reference: str) -> FloatArray:
    if reference == "scored":
        score = Scorer(artifact).judge(table).verdicts.score
        return score[~np.isnan(score)]
    end = parts.training if reference == "training" else parts.calibration
    return _score(Runner(artifact.graph), Windows(parts.series, end, artifact.window))


def _unlike(artifact: Artifact, parts: Parts, scores: FloatArray | None) -> tuple[str, ...]:
    """Say so where the calibration part scores as if it were no longer normal: the limit found on it is too high."""
    if scores is None:
        return ()
    some = parts.training[np.linspace(0, len(parts.training) - 1, min(len(parts.training), SOME)).astype(np.int64)]
    learned = _score(Runner(artifact.graph), Windows(parts.series, some, artifact.window))
    if np.median(scores) <= np.percentile(learned, 95):
        return ()
    return (
        "The calibration part (the last 15 % by time) looks unlike the training part: half of its scores lie above "
        "95 % of the training scores. If something was wrong in it, the limit is too high: label it, or leave it out.",
    )


def _score(runner: Runner, windows: Windows, chunk: int = 4096) -> FloatArray:
    out = np.empty(len(windows))
    for start in range(0, len(windows), chunk):
        out[start : start + chunk] = runner(windows.take(slice(start, start + chunk))).score
        report("calibrating", min(start + chunk, len(windows)), len(windows))
    return out


def _provenance(
    table: Table, recipe: Recipe, detector: Detector, scale: Scale, parts: Parts, graph: Graph
) -> Provenance:
    readings = table.readings
    return Provenance(
        detector=recipe.detector,
        settings={name: _text(value) for name, value in asdict(detector).items()},  # type: ignore[call-overload]  # a dataclass by contract
        scale=scale.method,
        seed=recipe.seed,
        fingerprint=_fingerprint(table),
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
        versions=_versions(),
        curves={name: tuple(float(x) for x in curve) for name, curve in graph.curves.items()},
    )


def _text(value: object) -> str:
    return ",".join(str(item) for item in value) if isinstance(value, tuple) else str(value)


def _fingerprint(table: Table) -> str:
    digest = hashlib.sha256()
    for array in (table.readings.time, table.readings.device, table.readings.values):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _versions() -> dict[str, str]:
    found = {}
    for name in ("tocsin", "numpy", "onnxruntime", "onnx", "torch", "scikit-learn", "polars"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
