"""Another limit or another policy for a sealed artifact: what was learned stays, and so does the evidence."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from tocsin.alerting.policy import Policy
from tocsin.alerting.settings import adjusted
from tocsin.artifact import bundle
from tocsin.artifact.artifact import Artifact
from tocsin.artifact.calibration import Calibration
from tocsin.core.contracts import Threshold
from tocsin.core.errors import SettingError
from tocsin.engine.scorer import Scorer
from tocsin.sources import Overrides, Table, open_table
from tocsin.training.agree import agreement
from tocsin.training.evidence import Evidence, given, held
from tocsin.training.history import score_history
from tocsin.training.rule import rule_of, threshold_of

_RETUNE = (
    "When it rings has changed since the limit was tuned on labelled events. Tune it again: tocsin recalibrate "
    "ARTIFACT labelled.csv"
)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is to change; what is left out stays as it is.

    Parameters
    ----------
    threshold
        The rule for the limit, such as "percentile:99.9"; None for the one that the artifact has.
    budget
        The false alarms that can be borne, such as "1 per device per week"; short for the threshold "budget:…".
    alarm
        Settings of the alarm policy by name, as in [alarm] of a ``tocsin.toml``.
    """

    threshold: str | None = None
    budget: str | None = None
    alarm: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _ = self.rule

    @property
    def rule(self) -> str | None:
        """The threshold as it is written; None where none was asked for."""
        return rule_of(self.threshold, self.budget)

    @property
    def nothing(self) -> bool:
        """Whether nothing is asked for."""
        return self.rule is None and not self.alarm


def recalibrate(
    scorer: Scorer | Artifact | str | os.PathLike[str],
    source: Any = None,
    *,
    threshold: str | None = None,
    budget: str | None = None,
    alarm: Mapping[str, Any] | None = None,
    overrides: Overrides = Overrides(),  # noqa: B008  # frozen
) -> Scorer:
    """Find another limit, or change when it rings, without learning anew: all scores stay as they were.

    Parameters
    ----------
    scorer
        What was trained, or the path of an artifact. It stays as it is.
    source
        Normal readings, all of which the limit is found on: a frame, or the path of a CSV or Parquet file. Labelled
        anomalies are kept out. None for the scores that the artifact itself holds.
    threshold, budget, alarm
        What is to change; see :class:`Asked`.
    overrides
        What the guess of the columns' meaning should not guess.

    Returns
    -------
    Scorer
        Its artifact remembers the calibration that was replaced (``artifact.earlier``).

    Raises
    ------
    InputError, SettingError
        If nothing is asked for, or there are too few normal readings to find a limit on.

    Examples
    --------
    A limit found on the scores that the artifact holds, and one found on readings of another month::

        stricter = tocsin.recalibrate("pump.tocsin", threshold="percentile:99.9")
        kept = tocsin.recalibrate("pump.tocsin", "march.csv", budget="1 per device per week")
    """
    artifact = artifact_of(scorer)
    asked = Asked(threshold=threshold, budget=budget, alarm=alarm or {})
    table = None if source is None else open_table(source, overrides=overrides, expect=artifact.layout)
    return Scorer(recalibrated(artifact, table, asked))


def artifact_of(given: Scorer | Artifact | str | os.PathLike[str]) -> Artifact:
    """Return the artifact that a scorer holds, or that lies at a path."""
    if isinstance(given, Scorer):
        return given.artifact
    return given if isinstance(given, Artifact) else bundle.load(given)


def recalibrated(artifact: Artifact, table: Table | None, asked: Asked) -> Artifact:
    """Return the artifact with another calibration or policy; see :func:`recalibrate`."""
    if asked.nothing and table is None:
        raise SettingError(
            "There is nothing to change.",
            remedy="Give normal readings, a --threshold, a --budget, or a rule of the alarm such as --raise-after 2.",
        )
    policy = edited(artifact, asked.alarm, devices=() if table is None else table.devices)
    stated = asked.alarm.get("raise_after") is not None
    written = asked.rule or artifact.calibration.threshold
    threshold = threshold_of(written)
    if table is not None:
        history = score_history(artifact, table)
        seek = partial(given, artifact, history, threshold, stated=stated)
    elif asked.rule is None and not _can_follow(artifact, threshold):
        return _unfollowed(artifact, policy, tuned=threshold.needs_labels)
    else:
        seek = partial(held, artifact, threshold, stated=stated)
    after = _sealed(artifact, policy, written, threshold, seek)
    if table is None and asked.rule is None and after.calibration.limits == artifact.calibration.limits:
        return replace(artifact, policy=after.policy)
    return after


def edited(artifact: Artifact, alarm: Mapping[str, Any], *, devices: Sequence[str] = ()) -> Policy:
    """Return the artifact's policy with some settings changed, as :func:`~tocsin.alerting.settings.adjusted` has it."""
    policy = artifact.policy
    return adjusted(
        policy if policy.usual else replace(policy, usual=tuple(artifact.reference.tolist())),
        alarm,
        schema=artifact.schema,
        window=artifact.window,
        period_ns=artifact.clock.period_ns,
        row_clock=artifact.provenance.row_clock,
        devices=devices,
    )


def _can_follow(artifact: Artifact, threshold: Threshold) -> bool:
    """Can the limit be found anew where the policy alone changes? A budget's limit hangs on the policy."""
    return len(artifact.evidence) > 0 and threshold.reference != "stated" and not threshold.needs_labels


def _unfollowed(artifact: Artifact, policy: Policy, *, tuned: bool) -> Artifact:
    """Change the policy alone, and say so where the limit was tuned for the one before."""
    found = artifact.calibration
    if tuned and policy != artifact.policy and _RETUNE not in found.warnings:
        found = replace(found, warnings=(*found.warnings, _RETUNE))
    return replace(artifact, policy=policy, calibration=found)


def _sealed(
    artifact: Artifact, asked: Policy, written: str, threshold: Threshold, seek: Callable[..., Evidence]
) -> Artifact:
    """Find the limit, and put it in the place of the one before, which is kept."""
    evidence = seek(policy=asked)
    policy, found, reference = agreement(threshold, asked, lambda policy: seek(policy=policy).reference)
    stated = threshold.reference == "stated"
    made = Calibration(
        written,
        found.limits,
        "stated" if stated else evidence.kind,
        0 if stated else len(reference),
        said=(*evidence.said, *found.said),
        warnings=(*evidence.warnings, *found.warnings),
    )
    return replace(
        artifact,
        calibration=made,
        policy=policy,
        evidence=reference,
        earlier=(*artifact.earlier, artifact.calibration),
    )
