"""Adopting a graph: calibrated on normal readings, someone else's network is an artifact like any other."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from tocsin.artifact.artifact import Artifact
from tocsin.artifact.provenance import Provenance
from tocsin.core.arrays import Float32Array, IntArray
from tocsin.core.contracts import Graph
from tocsin.core.errors import InputError, SettingError
from tocsin.core.progress import report
from tocsin.core.schema import Channel, Schema
from tocsin.core.windows import Windows
from tocsin.explain.occlusion import examples, spread_out
from tocsin.export.golden import Golden, golden
from tocsin.graph.fold import scaled
from tocsin.graph.run import Runner
from tocsin.prepare.clock import Clock
from tocsin.prepare.impute import Impute
from tocsin.prepare.scale import Scale
from tocsin.sources import Table
from tocsin.training.adopt._graft import grafted
from tocsin.training.adopt._trial import Tried, try_out
from tocsin.training.adopt.foreign import Foreign
from tocsin.training.adopt.refusal import RefusalError
from tocsin.training.band import band_of
from tocsin.training.calibrate import calibrate
from tocsin.training.fit import SAMPLE, SAMPLE_BYTES, fingerprint, versions
from tocsin.training.parts import Parts, split, windows_of
from tocsin.training.ready import require_training
from tocsin.training.recipe import Recipe
from tocsin.training.steps import steps_of

NAME = "imported"
"""What stands in the place of the detector."""

THRESHOLD = "percentile:99.5"
"""The rule for the limit, where none was asked for."""


_COMPANY = (1, 2, 7, 33)
"""Windows that are scored at a time, to see whether they move one another."""

_MANY = 2048
"""Normal windows that this is looked for in: of some graphs, it shows in one of fifty."""


class _Laid(NamedTuple):
    """Readings, prepared."""

    table: Table
    clock: Clock
    impute: Impute
    parts: Parts


def adopt(
    file: bytes,
    table: Table,
    foreign: Foreign = Foreign(),  # noqa: B008  # frozen
    *,
    name: str = "model.onnx",
    recipe: Recipe = Recipe(),  # noqa: B008  # frozen
    units: dict[str, str] | None = None,
) -> Artifact:
    """Return an artifact that scores by someone else's graph, with a limit found on normal readings.

    Nothing is learned but the scale, if one is asked for, and the limit. Parts by time are those of any training.

    Parameters
    ----------
    file
        A serialised ONNX model.
    table
        Normal readings; labelled anomalies are kept out.
    foreign
        How the model is to be understood.
    name
        The model's file name, for the record.
    recipe
        How readings are gathered, the threshold, and the alarm; its detector is never asked.
    units
        Units by channel, where the table does not say them.

    Raises
    ------
    RefusalError
        If the model is not taken: it says why.
    InputError, SettingError
        If the readings or a setting cannot be used.
    """
    require_training()
    ordered = _with_units(table.in_time_order(), units or {})
    order = _order(ordered.readings.schema, foreign)
    report("importing", 0, 3, "trying the graph")
    tried = try_out(file, foreign, channels=len(order))
    length = tried.arrangement.window + (foreign.gives == "forecast")
    asked = replace(recipe, window=length, threshold=recipe.threshold or THRESHOLD, kinds="off", prepare=())
    laid = _laid(ordered, asked, length)
    normal = windows_of(laid.parts.series, laid.parts, length=length)
    graph = _scaled(grafted(tried, foreign, order=order), foreign, normal)
    _check_scores(graph, normal)
    report("importing", 1, 3, "finding the limit")
    artifact = _sealed(graph, laid, asked, normal)
    report("importing", 2, 3, "looking whether windows move one another")
    windows = golden(artifact, artifact.sample)
    _check_company(artifact, np.concatenate([spread_out(normal, most=_MANY), windows.windows]))
    warnings = artifact.calibration.warnings + _turned(artifact, windows)
    calibration = replace(artifact.calibration, warnings=warnings)
    told = _provenance(file, tried, foreign, laid, name, warnings=warnings)
    return replace(artifact, calibration=calibration, provenance=told)


def _check_company(artifact: Artifact, windows: Float32Array) -> None:
    """Refuse a graph that gives a window other bits alone, in small company and in large; the trial saw few windows."""
    runner = Runner(artifact.graph)
    whole = runner(windows).score
    for size in _COMPANY:
        cut = np.concatenate([runner(windows[k : k + size]).score for k in range(0, len(windows), size)])
        differs = ~((cut == whole) | (np.isnan(cut) & np.isnan(whole)))
        if differs.any():
            place = int(np.flatnonzero(differs)[0])
            raise RefusalError(
                f"A window scores {whole[place]:.9g} in the company of others and {cut[place]:.9g} "
                f"{'alone' if size == 1 else f'in that of {size - 1}'}: batch and stream would not say the same.",
                remedy="Sums over several trees and Log round by the batch; leave them to another program, or train "
                "such a detector here: tocsin fit.",
            )


def _turned(artifact: Artifact, asked: Golden) -> tuple[str, ...]:
    """Say so where faults score lower than normal windows: then the sign is most likely the other way round."""
    score, kind = Runner(artifact.graph)(asked.windows).score, np.array(asked.kind)
    if np.median(score[kind == "anomalous"]) >= np.median(score[kind == "normal"]):
        return ()
    return (
        "Normal windows with faults put into them score lower than those without, and higher must be stranger. If the "
        "graph means it the other way round, import it with --negate; if not, see --scale, --channels and --layout.",
    )


def _with_units(table: Table, units: dict[str, str]) -> Table:
    schema = table.readings.schema
    if unknown := sorted(set(units) - set(schema.names)):
        raise SettingError(
            f"There is no channel {unknown[0]!r} among the readings.", remedy=f"There are: {', '.join(schema.names)}."
        )
    told = tuple(Channel(one.name, units.get(one.name) or one.unit) for one in schema.channels)
    return replace(table, readings=replace(table.readings, schema=Schema(told)))


def _order(schema: Schema, foreign: Foreign) -> IntArray:
    """Return for each channel that goes in its place among the readings'."""
    wanted = foreign.channels or schema.names
    if sorted(wanted) != sorted(schema.names):
        raise InputError(
            f"The readings have the channels {', '.join(schema.names)}, and the graph takes {', '.join(wanted)}.",
            remedy="Name the channels that go in, each once, with --channels or --schema.",
        )
    return np.array([schema.names.index(name) for name in wanted], np.int64)


def _laid(table: Table, recipe: Recipe, length: int) -> _Laid:
    """Prepare the readings, and part them by time as every training does."""
    detector = recipe.make_detector()
    _, threshold = recipe.make_threshold(detector)
    clock, impute = steps_of(table, recipe, length=length)
    held_out = threshold.share if threshold.reference == "calibration" else 0.0
    parts = split(table, clock=clock, impute=impute, length=length, held_out=held_out)
    needed = [("training", parts.training), ("calibration", parts.calibration)]
    for part, ends in needed[: 1 + (threshold.reference == "calibration")]:
        if not len(ends):
            raise InputError(
                f"No complete normal window of {length} readings lies in the {part} part.",
                remedy="Give more normal readings.",
            )
    return _Laid(table, clock, impute, parts)


def _scaled(graph: Graph, foreign: Foreign, normal: Windows) -> Graph:
    if foreign.scale == "none":
        return graph
    scaling = Scale(foreign.scale).fit(normal)  # type: ignore[arg-type]  # checked by Foreign
    return scaled(graph, offset=scaling.offset, factor=scaling.factor, clip=scaling.clip)


def _check_scores(graph: Graph, normal: Windows) -> None:
    """Refuse a graph that has no score for normal windows."""
    score = Runner(graph.onnx)(spread_out(normal, most=SAMPLE)).score
    if not np.isfinite(score).all():
        raise RefusalError(
            f"{np.count_nonzero(~np.isfinite(score))} of {len(score)} normal windows get no score from it.",
            remedy="Is it fed what it was trained on? See --scale, --channels and --layout.",
        )


def _sealed(graph: Graph, laid: _Laid, recipe: Recipe, normal: Windows) -> Artifact:
    """Find the limit, and put everything together; the provenance is still to come."""
    table, clock, parts, length = laid.table, laid.clock, laid.parts, normal.length
    written, threshold = recipe.make_threshold(recipe.make_detector())
    reference = np.median(normal.rows().astype(np.float64), axis=0)
    policy = recipe.make_policy(
        table.readings.schema,
        window=length,
        period_ns=clock.period_ns,
        row_clock=table.cadence.row_clock,
        devices=table.devices,
        usual=reference.tolist(),
    )
    calibration, fitting, evidence = calibrate(
        graph.onnx,
        parts,
        table,
        written=written,
        threshold=threshold,
        length=length,
        clock=clock,
        policy=policy,
        stated=recipe.raise_after is not None,
    )
    tells = Runner(graph.onnx).attributes
    return Artifact(
        schema=table.readings.schema,
        layout=table.layout,
        window=length,
        clock=clock,
        impute=laid.impute,
        graph=graph.onnx,
        calibration=calibration,
        policy=fitting,
        reference=reference,
        evidence=evidence,
        provenance=_NOWHERE,
        band=band_of(graph.onnx, parts, length=length),
        examples=np.zeros((0, length, normal.channels), np.float32) if tells else examples(normal),
        sample=spread_out(normal, most=min(SAMPLE, SAMPLE_BYTES // (4 * length * normal.channels))),
    )


_NOWHERE = Provenance(NAME, {}, "none", 0, "", 0, 0, 0, 0, row_clock=False, windows={}, versions={})


def _provenance(
    file: bytes, tried: Tried, foreign: Foreign, laid: _Laid, name: str, *, warnings: tuple[str, ...]
) -> Provenance:
    readings, parts = laid.table.readings, laid.parts
    judged = {"score": foreign.score} if foreign.gives == "reconstruction" else {}
    return replace(
        _NOWHERE,
        settings={
            "file": name,
            "sha256": hashlib.sha256(file).hexdigest(),
            "gives": foreign.gives,
            **judged,
            "layout": tried.arrangement.layout,
            **({"negate": "yes"} if foreign.negate else {}),
        },
        scale=foreign.scale,
        fingerprint=fingerprint(laid.table),
        rows=len(readings),
        devices=len(laid.table.devices),
        start=int(readings.time.min()),
        end=int(readings.time.max()),
        row_clock=laid.table.cadence.row_clock,
        windows={
            "training": len(parts.training),
            "validation": len(parts.validation),
            "calibration": len(parts.calibration),
            "kept out": parts.kept_out,
        },
        versions=versions(),
        warnings=warnings,
        why=tuple(f"The graph was rewritten: {note}." for note in tried.model.notes),
    )
