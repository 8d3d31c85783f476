"""A limit found from what edges observed: their scores as sketches, put together, and not one reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tocsin.artifact.artifact import Artifact
from tocsin.artifact.calibration import Calibration
from tocsin.cascade.fleet import together
from tocsin.cascade.observed import Observed
from tocsin.core.errors import InputError, SettingError
from tocsin.engine.live.duty import Duty
from tocsin.thresholds.fixed import Fixed
from tocsin.thresholds.percentile import Percentile
from tocsin.training.rule import threshold_of

_EXAMPLE = "For example: --threshold percentile:99.9"


def relimited(artifact: Artifact, observed: Sequence[Observed], written: str | None) -> Artifact:
    """Return the artifact with a limit above a stated share of the scores that edges told.

    Parameters
    ----------
    artifact
        What judges at the edges.
    observed
        What they observed.
    written
        The threshold, a percentile; None for the artifact's own.

    Raises
    ------
    SettingError
        If the threshold is no percentile: only that can be found from a sketch.
    InputError
        If no edge told anything of this artifact, or the scores are too few.
    """
    asked = written or artifact.calibration.threshold
    rule = threshold_of(asked)
    if not isinstance(rule, Percentile):
        raise SettingError(f"From sketches a percentile can be found, no {asked.partition(':')[0]}.", remedy=_EXAMPLE)
    found = together(observed, Duty(artifact).version)
    if not found.scores.total:
        raise InputError(
            "No sketch of the edges has scores of this artifact in it yet.",
            remedy="Wait: edges tell theirs every five minutes, or as [cascade] sketch_every says.",
        )
    limit = found.scores.quantile(rule.percent / 100)
    made = Fixed(limit).fit(artifact.evidence).limits
    note = Calibration(asked, made, "calibration", found.scores.total, _said(found, rule), _warned(found, rule))
    return replace(artifact, calibration=note, earlier=(*artifact.earlier, artifact.calibration))


def _said(found: Observed, rule: Percentile) -> tuple[str, ...]:
    return (
        f"The limit is the {rule.percent:g}th percentile of {found.scores.total:,} scores that edges told as sketches, "
        f"to within {100 * found.scores.accuracy:g} % of its value; no reading was sent for it.",
    )


def _warned(found: Observed, rule: Percentile) -> tuple[str, ...]:
    """Say what the sketches cannot leave out, and where scores are too few."""
    told = ["The scores are all that edges judged; anomalies among them were not taken out, and raise the limit."]
    needed = round(Percentile.enough / (1 - rule.percent / 100))
    if found.scores.total < needed:
        few = f"Only {found.scores.total:,} scores stand behind the {rule.percent:g}th percentile"
        told.append(f"{few}; {needed:,} would put {Percentile.enough} of them beyond the limit.")
    return tuple(told)
