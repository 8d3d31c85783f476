"""The plan of a search: how it proceeds, by what it judges, and how long it may take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tocsin.core.errors import SettingError

METRICS = ("vus_pr", "auc_pr", "vus_roc", "roc_auc")
"""What can be tuned for: how scores rank. A rule that always rings can win what is counted at a limit."""

_LARGEST_SEED = 2**32 - 1


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How settings are searched.

    Parameters
    ----------
    sampler
        "tpe": proposes what resembles the best so far (Bergstra et al. 2011, "Algorithms for hyper-parameter
        optimization", section 4). "grid": each combination of values once, in an order left to chance.
    trials
        Settings to try, beside the untuned ones; None for 30, or for all combinations of a grid.
    minutes
        After so long no new settings are begun; None for no such limit.
    folds
        Blocks of time, each judged once by what was learned from the others.
    by
        "labels": labelled events are to be found. "faults": faults put into the readings are. "auto": labels, where
        there are events before and after the cut of the last comparison.
    metric
        One of :data:`METRICS`.
    seeds
        Trainings with different seeds of the best settings and of the untuned ones, in the last comparison.
    seed
        Of proposals and of faults.
    jobs
        Processes side by side; what is found does not hang on it.
    """

    sampler: Literal["tpe", "grid"] = "tpe"
    trials: int | None = None
    minutes: float | None = None
    folds: int = 3
    by: Literal["auto", "labels", "faults"] = "auto"
    metric: str = "vus_pr"
    seeds: int = 3
    seed: int = 0
    jobs: int = 1

    def __post_init__(self) -> None:
        _one_of("sampler", self.sampler, ("tpe", "grid"))
        _one_of("by", self.by, ("auto", "labels", "faults"))
        _one_of("metric", self.metric, METRICS)
        for name, least in (("trials", 1), ("folds", 2), ("seeds", 1)):
            given = getattr(self, name)
            if given is not None and given < least:
                raise SettingError(f"{given} {name} are too few.", remedy=f"Give --{name} {least} or more.")
        if self.minutes is not None and not self.minutes > 0:
            raise SettingError(f"{self.minutes:g} minutes are none.", remedy="Give --minutes above 0.")
        if not 0 <= self.seed <= _LARGEST_SEED:
            raise SettingError(f"The seed {self.seed} is none.", remedy=f"Give --seed 0 to {_LARGEST_SEED}.")


def _one_of(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise SettingError(f"{name} cannot be {value!r}.", remedy=f"Choose one of: {', '.join(choices)}.")
