"""What a sealed artifact's limit can be found from anew: the scores it holds, or those of normal readings at hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from tocsin.alerting.policy import Policy
from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import BoolArray, FloatArray, IntArray
from tocsin.core.contracts import Threshold
from tocsin.core.errors import InputError, SettingError
from tocsin.core.reference import Reference
from tocsin.training.history import History
from tocsin.training.ringing import Seen, ringing

LEAST = 20
"""Scores of normal readings below which no limit is looked for."""

_FEW = 0.05
"""A share of scores from the time of the training that changes little."""

_GIVE_READINGS = "Give normal readings: tocsin recalibrate ARTIFACT normal.csv"

_SAME = "lie in the time that the detector was trained in"
_UNLIKE = "These readings look unlike those before"


@dataclass(frozen=True, eq=False)
class Evidence:
    """Scores to find a limit from, and what to know of them.

    Parameters
    ----------
    kind
        Whose they are: "calibration", "training" or "scored", as in :class:`~tocsin.core.contracts.Threshold`.
    reference
        The scores.
    said, warnings
        Where they come from, and what to know before trusting them, in plain sentences.
    """

    kind: str
    reference: Reference
    said: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def held(artifact: Artifact, threshold: Threshold, *, policy: Policy, stated: bool) -> Evidence:
    """Return the scores that ``artifact`` holds.

    Parameters
    ----------
    threshold
        Whose limit is looked for.
    policy
        When it will ring.
    stated
        Did the user say after how many windows in a row?

    Raises
    ------
    InputError
        If it holds none, or none that this threshold could be found from.
    """
    own, kind = artifact.evidence, held_kind(artifact)
    if threshold.reference != "stated":
        _usable(len(own), kind, threshold)
    rows = artifact.provenance.row_clock
    period = 1 if rows else artifact.clock.period_ns
    unknown = np.full((len(own), len(artifact.schema)), np.nan, np.float32)
    apart = np.diff(own.time, prepend=own.time[:1]) > artifact.window * period
    seen = Seen(own.score, own.time, own.device, unknown, unknown, unknown, apart)
    reference = replace(
        own,
        period_ns=period,
        row_clock=rows,
        labels=None,
        raise_after=policy.raise_after,
        stated=stated,
        ringing=ringing(policy, seen),
    )
    said = f"Found from the {len(own):,} {kind} scores that the artifact held, {_span(own.time, rows)}."
    warnings = () if threshold.reference == "stated" else _still(artifact)
    return Evidence(kind, reference, said=(said,) if len(own) else (), warnings=warnings)


def _still(artifact: Artifact) -> tuple[str, ...]:
    """Return what was warned of the very scores that are held: they are no better the second time."""
    for found in (artifact.calibration, *reversed(artifact.earlier)):
        if found.reference != "stated":
            return tuple(text for text in found.warnings if _SAME in text or text.startswith(_UNLIKE))
    return ()


def held_kind(artifact: Artifact) -> str:
    """Return whose scores the artifact holds; "stated" where it holds none because its limit was stated."""
    for found in (artifact.calibration, *reversed(artifact.earlier)):
        if found.reference != "stated":
            return found.reference
    return "calibration" if len(artifact.evidence) else "stated"


def given(artifact: Artifact, history: History, threshold: Threshold, *, policy: Policy, stated: bool) -> Evidence:
    """Return the scores of ``history``, whose windows without a labelled anomaly are taken to be normal.

    Parameters are those of :func:`held`.

    Raises
    ------
    InputError, SettingError
        If too few readings got a score, labels are missing, or the threshold wants scores of other readings.
    """
    kept, labels = _kept(history, threshold, policy.heeded(history.names)[history.device])
    if threshold.reference != "stated" and kept.sum() < LEAST:
        raise InputError(
            f"Only {kept.sum()} of {len(history)} readings are normal and got a score; {LEAST} are needed.",
            remedy=f"Give more readings: a score takes {artifact.window} of them in a row.",
        )
    seen = _seen(history, kept)
    reference = Reference(
        seen.score,
        seen.time,
        seen.device,
        period_ns=history.period_ns,
        labels=labels,
        row_clock=history.row_clock,
        raise_after=policy.raise_after,
        stated=stated,
        ringing=ringing(policy, seen, history.names),
        names=history.names,
    )
    kind = "calibration" if threshold.reference == "stated" else threshold.reference
    said = (*_said(history, kept, labels), *_above(artifact, reference.normal.score))
    learned = learned_from(artifact, history, kept)
    lower = (f"{learned}, and the new limit is too low: give later ones.",) if learned else ()
    warnings = (*lower, *_unlike(artifact, reference.normal.score))
    return Evidence(kind, reference, said=said, warnings=warnings)


def _usable(scores: int, kind: str, threshold: Threshold) -> None:
    if not scores:
        why = ": its limit was stated" if kind == "stated" else " in order of time: an earlier tocsin made it"
        raise InputError(f"The artifact holds no scores{why}.", remedy=_GIVE_READINGS)
    if threshold.needs_labels:
        raise InputError("The scores that the artifact holds have no labels.", remedy=_GIVE_READINGS)
    if threshold.reference != kind:
        raise InputError(
            f"The artifact holds {kind} scores, and this threshold is found from {threshold.reference} scores.",
            remedy=_GIVE_READINGS,
        )


def _kept(history: History, threshold: Threshold, heeded: BoolArray) -> tuple[BoolArray, BoolArray | None]:
    """Return which bins the threshold is found from, and their labels where it takes some.

    ``heeded`` tells which are of devices of which anything is told; others are watched without an alarm.
    """
    if threshold.reference == "training":
        raise SettingError(
            "A threshold of training scores cannot be found from other readings.",
            remedy="Leave out the file, or name a threshold without @training.",
        )
    if threshold.reference == "scored":
        return history.scored & heeded, None
    if not threshold.needs_labels:
        return history.normal & heeded, None
    if history.labelled is None:
        raise InputError("The readings have no labels.", remedy="Name the label column with --label.")
    kept = history.scored & heeded & (history.labelled | ~history.tainted)
    return kept, history.labelled[kept]


def _seen(history: History, kept: BoolArray) -> Seen:
    """Return what the policy sees of the bins kept; where others lie between two of them, memory does not reach."""
    shown, begun = history.judged, np.cumsum(history.judged.fresh)[kept]
    place = np.cumsum(history.scored)[kept]
    apart = (np.diff(place, prepend=place[:1]) > 1) | (np.diff(begun, prepend=begun[:1]) > 0)
    return Seen(
        shown.score[kept],
        shown.time[kept],
        history.device[kept],
        shown.by_channel[kept],
        shown.values[kept],
        shown.expected[kept],
        apart,
    )


def _said(history: History, kept: BoolArray, labels: BoolArray | None) -> Iterator[str]:
    devices = history.devices
    whose = f" of {devices} devices" if devices > 1 else ""
    span = _span(history.judged.time[kept], history.row_clock)
    if labels is not None:
        strange = int(labels.sum())
        yield f"{kept.sum() - strange:,} normal scores{whose} and {strange:,} of labelled anomalies were given, {span}."
    else:
        yield f"{kept.sum():,} scores of given readings{whose}, {span}, were taken to be normal."
    if left := int((history.scored & history.tainted & ~kept).sum()):
        yield f"{left:,} windows that hold a labelled anomaly were kept out."


def _above(artifact: Artifact, score: FloatArray) -> Iterator[str]:
    """Say how the limit until now would have done, where it is one number."""
    limit = getattr(artifact.calibration.limits, "limit", None)
    if limit is not None and len(score):
        many = int((score > limit).sum())
        share = f"{many / len(score):.2%}".replace("%", " %")
        yield f"{many:,} of the normal ones ({share}) lie above the limit that was in force until now, {limit:.6g}."


def _span(time: IntArray, row_clock: bool) -> str:
    """Return from when to when, in words."""
    if not len(time):
        return "none"
    ends = int(time.min()), int(time.max())
    if row_clock:
        return f"rows {ends[0]} to {ends[1]}"
    return " to ".join(str(np.datetime64(stamp, "ns").astype("datetime64[m]")).replace("T", " ") for stamp in ends)


def learned_from(artifact: Artifact, history: History, kept: BoolArray) -> str:
    """Say so, without a full stop, where the detector seems to have learned from the readings kept; "" where not."""
    own, time = artifact.provenance, history.judged.time[kept]
    within = int(((time >= own.start) & (time <= own.end)).sum())
    same = len(history) == own.rows and len(time) and within == len(time)
    if not (same if own.row_clock else within > _FEW * len(time)):
        return ""
    return (
        f"{within:,} of the {len(time):,} scores {_SAME}. If it has learned from "
        "these very readings, it scores them lower than others"
    )


def _unlike(artifact: Artifact, score: FloatArray) -> tuple[str, ...]:
    """Say so where scores look unlike those that the artifact holds: the plant has changed, or something is wrong."""
    before = artifact.evidence.score
    if len(before) < LEAST or len(score) < LEAST:
        return ()
    middle, (low, high) = np.median(score), np.percentile(before, [5, 95])
    if middle > high:
        return (
            f"{_UNLIKE}: half of their scores lie above 95 % of the scores that the limit "
            "was found from so far. If something is wrong in them, the new limit is too high. If the plant has "
            "changed, learn it anew with: tocsin fit",
        )
    if middle < low:
        return (
            f"{_UNLIKE}: half of their scores lie below 95 % of the scores that the limit "
            "was found from so far. If the plant was idle, the new limit is too low for when it runs.",
        )
    return ()
