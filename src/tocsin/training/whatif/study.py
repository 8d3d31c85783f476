"""The study: limits × policies over one history, what each would have made people hear, and which keep a budget."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tocsin.alerting.policy import Policy
from tocsin.artifact.artifact import Artifact
from tocsin.core.progress import report
from tocsin.engine.compare import notes_of
from tocsin.engine.scorer import Scorer
from tocsin.sources import Overrides, Table, open_table
from tocsin.thresholds import Promise, highest
from tocsin.training.evidence import learned_from
from tocsin.training.history import History, score_history
from tocsin.training.recalibrate import artifact_of, edited
from tocsin.training.whatif._counting import Counting
from tocsin.training.whatif._levels import Level, levels
from tocsin.training.whatif._replay import Replay
from tocsin.training.whatif.setting import Setting

BUDGET, WITHOUT_CLOCK = "1 per device per week", "1 per 1000 readings"
"""What people are taken to bear where they do not say."""

USUAL = (1, 2, 3, 5, 10)
"""Anomalous windows in a row that are tried."""

SURE = 0.9
"""Confidence of the upper end of a rate."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is tried.

    Parameters
    ----------
    limits
        Multiples of the limit in force ("1.5") and percentiles of the normal scores ("p99.9"); none for a usual choice.
    raise_after
        Anomalous windows in a row after which to ring, or times, such as "10min"; the policy's own is tried, too.
    budget
        The false alarms that can be borne; None for one a device and week, or one in 1,000 readings without a clock.
    """

    limits: tuple[str, ...] = ()
    raise_after: tuple[str | int, ...] = USUAL
    budget: str | None = None

    def __post_init__(self) -> None:
        if self.budget is not None:
            Promise.parse(self.budget)


@dataclass(frozen=True, kw_only=True)
class WhatIf:
    """What was tried, and what came out.

    Parameters
    ----------
    settings
        One for each limit and each number of windows in a row, limits rising.
    labelled
        Has somebody marked anomalies? Else nobody knows which incidents are false.
    moving
        Does the limit move? Then it is tried in multiples.
    devices
        How many devices got scores.
    scores
        How many scores of windows without a labelled anomaly there are.
    watched, lasting
        For how long that is, in units of the budget, such as weeks; and in words.
    budget, bearable, unit
        The false alarms that can be borne, as it may be typed; how many, and the unit they are counted in, such as "per
        device per week".
    notes
        What a reader must know first.
    """

    settings: tuple[Setting, ...]
    labelled: bool
    moving: bool
    devices: int
    scores: int
    watched: float
    lasting: str
    budget: str
    bearable: float
    unit: str
    notes: tuple[str, ...] = ()

    @property
    def in_force(self) -> Setting:
        """The artifact's own limit and policy."""
        return next(setting for setting in self.settings if setting.in_force)

    @property
    def best(self) -> Setting | None:
        """The setting that keeps the budget and serves most; None where none keeps it, or those catch no event.

        With labels: most events caught, then soonest, then fewest false alarms. Without: the lowest limit that keeps
        it with as many windows in a row as now, else with the next number. What is nearest to the present is preferred.
        """
        kept = [setting for setting in self.settings if setting.kept and (setting.caught or not setting.events)]
        now = self.in_force
        if not kept:
            return None
        if self.labelled:
            return min(kept, key=lambda one: (*_missed(one), abs(one.times - now.times)))
        waits = list(dict.fromkeys(one.wait for one in self.settings))
        return min(kept, key=lambda one: (abs(waits.index(one.wait) - waits.index(now.wait)), one.times))

    def most(self, false_alarms: int) -> float:
        """Return the rate that so many false alarms do not speak against: the true one is lower, 9 times in 10."""
        return highest(false_alarms, SURE) / self.watched

    @property
    def needed(self) -> float:
        """How many times as long a history without any false alarm would have to be to show that the budget is kept."""
        return self.most(0) / self.bearable

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        best = self.best
        return {**asdict(self), "in_force": asdict(self.in_force), "best": None if best is None else asdict(best)}


def whatif(
    scorer: Scorer | Artifact | str | os.PathLike[str],
    source: Any,
    *,
    limits: Sequence[str] = (),
    raise_after: Sequence[str | int] = USUAL,
    budget: str | None = None,
    overrides: Overrides = Overrides(),  # noqa: B008  # frozen
) -> WhatIf:
    """Tell what other limits and policies would have made of a history, which is scored once.

    Parameters
    ----------
    scorer
        What was trained, or the path of an artifact.
    source
        The history: a frame, or the path of a CSV or Parquet file. With labels it is told which events would have been
        caught, how late, and which alarms would have been false; without, how often it would have rung.
    limits, raise_after, budget
        See :class:`Asked`.
    overrides
        What the guess of the columns' meaning should not guess.

    Raises
    ------
    InputError, SettingError
        If nothing of the history gets a score, or what is asked for makes no sense.

    Examples
    --------
    The settings that would have kept the budget::

        found = tocsin.whatif("pump.tocsin", "last_year.csv", budget="1 per device per month")
        kept = [setting for setting in found.settings if setting.kept]
    """
    artifact = artifact_of(scorer)
    asked = Asked(limits=tuple(limits), raise_after=tuple(raise_after), budget=budget)
    return what_if(artifact, open_table(source, overrides=overrides, expect=artifact.layout), asked)


def what_if(artifact: Artifact, table: Table, asked: Asked) -> WhatIf:
    """Do so for an opened table."""
    history = score_history(artifact, table)
    tried = levels(history, asked=asked.limits)
    promise = Promise.parse(asked.budget or (WITHOUT_CLOCK if history.row_clock else BUDGET))
    counting = Counting(history, promise)
    return WhatIf(
        settings=tuple(_rung(_policies(artifact, asked.raise_after), history, counting, tried)),
        labelled=history.labelled is not None,
        moving=tried[0].limit is None,
        devices=history.devices,
        scores=counting.scores,
        watched=counting.watched,
        lasting=counting.lasting,
        budget=str(promise),
        bearable=promise.alarms,
        unit=promise.per,
        notes=(*notes_of(table, artifact), *_learned(artifact, history)),
    )


def _learned(artifact: Artifact, history: History) -> Iterator[str]:
    if told := learned_from(artifact, history, history.normal):
        yield f"{told}, and all that is told here looks better than it is: give later ones."


def _policies(artifact: Artifact, waits: Sequence[str | int]) -> list[tuple[Policy, bool]]:
    """Return the policies to be tried, the most eager first; each with whether it is the artifact's own."""
    own = edited(artifact, {})
    found = {own, *(edited(artifact, {"raise_after": wait}) for wait in waits)}
    return [(one, one == own) for one in sorted(found, key=lambda one: (one.raise_after_ns, one.raise_after))]


def _rung(
    policies: Sequence[tuple[Policy, bool]], history: History, counting: Counting, tried: Sequence[Level]
) -> Iterator[Setting]:
    """Ring with each limit and each policy."""
    replay, done = Replay(history), 0
    for level in tried:
        limit = level.over(history)
        for policy, own in policies:
            in_force = own and not level.excess
            yield counting.setting(level, policy, replay.ring(policy, limit), in_force=in_force)
            done += 1
            report("trying settings", done, len(tried) * len(policies))


def _missed(one: Setting) -> tuple[float, ...]:
    """Return what is wrong with a setting, the gravest first."""
    late = one.delay if one.delay is not None else float("inf")
    return (-(one.caught or 0), late, one.false_alarms)
