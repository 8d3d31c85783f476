"""What came of a run, as sets of names that can be compared: none missing, none too many, each the same bits."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from tocsin.core.arrays import NEVER, IntArray
from tocsin.core.arrivals import Arrivals
from tocsin.core.notices import incident_key
from tocsin.core.verdicts import Status, Verdicts
from tocsin.engine.live.duty import Duty
from tocsin.engine.live.lane import Lane
from tocsin.engine.scorer import Scorer
from tocsin.sources import open_table
from tocsin.store import open_store

K = TypeVar("K", bound=Hashable)

Verdict = tuple[float | None, float | None, str, str]
"""Score and limit, None where there is none, the name of the status, and the incident's id, "" where none was told."""

_ALL = 1 << 40
_SHOWN = 3


@dataclass(frozen=True)
class LiveOutcome:
    """Verdicts and news, by the names that make sending them twice harmless.

    Parameters
    ----------
    verdicts
        By device and time in ns.
    news
        Documents of notices by id and revision.
    """

    verdicts: Mapping[tuple[str, int], Verdict]
    news: Mapping[tuple[str, int], Mapping[str, Any]]

    @classmethod
    def stored(cls, url: str, *, duty: str = "") -> LiveOutcome:
        """Return what a store holds of a duty whose verdicts were all kept."""
        store = open_store(url)
        try:
            kept = store.verdicts(duty=duty, most=_ALL)
            found = store.incidents(duty=duty, most=_ALL)
            history = [notice for one in found for notice in store.incident(one.notice.id)[1]]
        finally:
            store.close()
        columns = kept.score, kept.limit, kept.status, kept.incident
        return cls(
            _verdicts(kept.devices, kept.device, kept.time, *columns),
            {(notice.id, notice.revision): notice.document() for notice in history},
        )

    @classmethod
    def scored(cls, scorer: Scorer, table: Any) -> LiveOutcome:
        """Return what ``tocsin score`` says of a table; it tells incidents' ids, and no news of how they came about."""
        opened = open_table(table, expect=scorer.artifact.layout)
        found = scorer.judge(opened)
        told: Verdicts = found.bins
        columns = told.score, told.limit, told.status, told.incident
        ids = [found.id_of(incident) for incident in (*found.incidents, *found.held)]
        return cls(_verdicts(opened.devices, told.device, told.time, *columns), {(incident, 0): {} for incident in ids})

    @classmethod
    def judged(cls, duty: Duty, arrivals: Arrivals) -> LiveOutcome:
        """Return what a lane tells of readings that all come at once."""
        tidings = Lane([duty]).take(arrivals)
        verdicts: dict[tuple[str, int], Verdict] = {}
        for kept in tidings.kept:
            columns = kept.score, kept.limit, kept.status, kept.incident
            verdicts |= _verdicts(kept.devices, kept.device, kept.time, *columns)
        return cls(verdicts, {(notice.id, notice.revision): notice.document() for notice in tidings.notices})

    @property
    def incidents(self) -> set[str]:
        """Ids of all incidents."""
        return {incident for incident, _ in self.news}

    def differences(self, found: LiveOutcome) -> str:
        """Return how ``found`` differs from this, in words; "" where it does not."""
        return "\n".join(
            part
            for name, own, theirs in (("verdict", self.verdicts, found.verdicts), ("news", self.news, found.news))
            for part in _differences(name, own, theirs)
        )


def _differences(name: str, expected: Mapping[K, Any], found: Mapping[K, Any]) -> Iterator[str]:
    missing = [key for key in expected if key not in found]
    more = [key for key in found if key not in expected]
    other = [key for key in expected if key in found and expected[key] != found[key]]
    if missing:
        yield f"{len(missing)} of {len(expected)} {name} missing, such as {missing[:_SHOWN]}"
    if more:
        yield f"{len(more)} {name} too many, such as {more[:_SHOWN]}"
    for key in other[:_SHOWN]:
        yield f"{name} {key} is {_unlike(found[key], expected[key])} ({len(other)} are different)"


def _unlike(found: Any, expected: Any) -> str:
    """Return what is different, field by field where there are fields."""
    if isinstance(found, Mapping) and isinstance(expected, Mapping):
        names = [name for name in {**expected, **found} if found.get(name) != expected.get(name)]
        return ", ".join(f"{name} {found.get(name)!r} instead of {expected.get(name)!r}" for name in names)
    return f"{found!r} instead of {expected!r}"


def _verdicts(
    devices: tuple[str, ...], device: IntArray, time: IntArray, score: Any, limit: Any, status: Any, incident: IntArray
) -> dict[tuple[str, int], Verdict]:
    """Return verdicts by name; of two with the same name the first stays, as in a store."""
    names = [Status(code).name for code in range(len(Status))]
    found: dict[tuple[str, int], Verdict] = {}
    plain = (np.asarray(column).tolist() for column in (device, time, score, limit, status, incident))
    for own, when, height, most, code, start in zip(*plain, strict=True):
        told = incident_key(devices[own], start) if start != NEVER else ""
        found.setdefault((devices[own], when), (_plain(height), _plain(most), names[code], told))
    return found


def _plain(value: float) -> float | None:
    return None if np.isnan(value) else value
