"""An ensemble: several detectors look at one window, and what counts is how rare they find it on the average."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np

from tocsin.core.arrays import BoolArray
from tocsin.core.contracts import Detector, Graph
from tocsin.core.discover import load, names
from tocsin.core.errors import SettingError
from tocsin.core.windows import Windows
from tocsin.detectors._blend import blended, rarities_of
from tocsin.detectors._folds import Member, join
from tocsin.detectors._settings import above, at_least, enough, one_of
from tocsin.detectors._steady import Steady, steady
from tocsin.graph.network import Network

_ROOM = 16
"""Windows there must be for each reading of a member's window: with fewer, its shape is learned by heart."""

_SHORTEST = 8
_BACK = 20
_TOGETHER = frozenset({"ensemble", "auto"})


@dataclass(frozen=True, kw_only=True)
class Ensemble(Detector):
    """An ensemble of detectors: how rare they find this window, on the average, among normal ones.

    Detectors err in different ways, and an average of them errs less than the best of them (Liu & Paparrizos 2024 and
    Chen et al. 2025, "TSB-AutoAD"). Their scores have no common unit; so each becomes a rarity first, −log10 of the
    share of normal windows that score higher: 3 means one in a thousand. A member's rarity is the mean of two, that of
    its whole score and that of its strangest channel. How scores are distributed is learned from windows that the
    member has not learned from: each stretch of time is scored by one that learned from the others (see
    :func:`tocsin.detectors._tail.rarity` for what lies beyond the greatest score). Since the mean of several rarities
    is itself seldom great, the score is how rare that weighted mean is; a channel's share goes by the squares of its
    rarities.

    Of a channel that wanders - its mean moves more from stretch to stretch than its readings do within one - the level
    is nobody's guess: members see how far it is from the weighted mean of the readings just before.

    What is expected of a reading is what the member ``ridge`` foretells, or without it what the first member expects
    that expects anything.

    Parameters
    ----------
    members
        Names of detectors that learn from normal readings. They learn with their defaults, but for the window: that of
        the ensemble, less what steadying looks back on, for those that want a period; shorter where windows are few.
    weights
        One for each member; empty for equal ones.
    folds
        Stretches of time of which each is scored by members that have not learned from it. 1 lets members judge what
        they have learned from, which is quicker and makes rarities too great.
    wandering
        "steady": wandering channels are steadied; "keep": they are taken as they are.
    wander
        Least ratio, between stretches to within, of the deviations of a channel that wanders.

    Examples
    --------
    >>> Ensemble(members=("pca", "ridge"), weights=(2, 1)).default_threshold
    'fixed:3'
    """

    default_window: ClassVar[int] = 40
    window_rule: ClassVar[Literal["fixed", "period", "memory"]] = "period"
    window_bounds: ClassVar[tuple[int, int]] = (36, 84)
    default_scale: ClassVar[str] = "zscore"
    default_threshold: ClassVar[str] = "fixed:3"
    quick: ClassVar[Mapping[str, Any]] = {"members": ("pca", "ridge"), "folds": 2}

    members: tuple[str, ...] = ("pca", "sub_pca", "ridge", "kmeans", "ewma")
    weights: tuple[float, ...] = ()
    folds: int = 3
    wandering: Literal["steady", "keep"] = "steady"
    wander: float = 1.0

    def __post_init__(self) -> None:
        _known(self.members)
        if len(self.weights) not in (0, len(self.members)) or any(not weight > 0 for weight in self.weights):
            raise SettingError(
                f"weights is {self.weights!r} for {len(self.members)} members.",
                remedy="Give one above 0 for each member, or none for equal ones.",
            )
        at_least("folds", self.folds, 1)
        one_of("wandering", self.wandering, ("steady", "keep"))
        above("wander", self.wander, 0)

    def fit(self, windows: Windows, *, seed: int) -> Graph:
        """Let each member learn, hear what it says of windows it has not learned from, and merge their graphs."""
        enough(windows)
        steadied = self.steadied(windows)
        members = [self.joined(name, steadied.of(windows), seed=seed) for name in self.members]
        weights = np.array(self.weights or [1.0] * len(members))
        return merged(windows, steadied, members, weights=weights)

    def steadied(self, windows: Windows) -> Steady:
        """Return what steadies the channels of ``windows`` that wander."""
        back = min(_BACK, windows.length // 3) if self.wandering == "steady" else 0
        return steady(windows, back=back, most=self.wander)

    def joined(self, name: str, windows: Windows, *, seed: int) -> Member:
        """Return a member that has learned from ``windows``, which are steadied."""
        return join(name, load("detectors", name)(), short(name, windows), folds=self.folds, seed=seed)


def short(name: str, windows: Windows) -> Windows:
    """Return the windows with as many of their last readings as the detector called ``name`` should see."""
    kind = load("detectors", name)
    length = windows.length if kind.window_rule == "period" else min(kind.default_window, windows.length)
    room = max(len(windows) // _ROOM, _SHORTEST)
    return cut(windows, min(length, room))


def cut(windows: Windows, length: int) -> Windows:
    """Return the windows with only the last ``length`` of their readings."""
    later = windows.validation
    behind = None if later is None else Windows(later.series, later.end, length)
    return Windows(windows.series, windows.end, length, labels=windows.labels, validation=behind)


def merged(windows: Windows, steadied: Steady, members: list[Member], *, weights: np.ndarray[Any, Any]) -> Graph:
    """Return the graph that asks all ``members`` with a weight above 0."""
    states = few_states(windows)
    asked = [(member, weight) for member, weight in zip(members, weights / weights.sum(), strict=True) if weight > 0]
    network = Network(window=windows.length, channels=windows.channels)
    said = blended(
        network,
        steadied.write(network),
        [member for member, _ in asked],
        rarities=[rarities_of(m.held_out, few_states=states, window=m.window) for m, _ in asked],
        weights=np.array([weight for _, weight in asked]),
    )
    expected = None if said.expected is None else steadied.raised(network, said.expected)
    graph = network.seal(said.score, said.by_channel, expected=expected)
    return replace(graph, why=_not_apart([member for member, _ in asked]))


def _not_apart(members: list[Member]) -> tuple[str, ...]:
    """Return a sentence on the members that judged what they had learned from, empty where there are none."""
    told = ", ".join(member.name for member in members if not member.apart)
    why = "too few windows to hold some out"
    return (f"{why}: {told} judged what was learned from; rarities are too great.",) if told else ()


def few_states(windows: Windows) -> BoolArray:
    """Return which channels have two states at most, ndarray of shape (channels,), bool."""
    rows = windows.rows()
    return np.array([len(np.unique(column)) <= 2 for column in rows.T], np.bool_)


def _known(members: tuple[str, ...]) -> None:
    if not members or len(set(members)) < len(members):
        raise SettingError(f"members is {members!r}.", remedy="Name one detector or more, each once.")
    for name in members:
        if name not in names("detectors") or name in _TOGETHER or load("detectors", name).needs_labels:
            raise SettingError(
                f"{name!r} cannot be a member.", remedy="Members are detectors that learn from normal readings alone."
            )
