"""Which news a sink is sent: one place for the settings that all sinks have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tocsin.core.alerts import GRADES
from tocsin.core.discover import load
from tocsin.core.errors import SettingError
from tocsin.core.live import Sink
from tocsin.core.notices import Failure, Notice
from tocsin.sinks._settings import taken

_KINDS = ("open", "update", "close")
_WHAT = ("anomaly", "stale")
_REMEMBERED = 10_000


def sink_of(name: str, text: str) -> Sink:
    """Return the sink called ``name``, written as ``text``; nothing is opened yet.

    Beside its own settings every sink has ``kinds=open,close`` (which kinds of news), ``grade=major`` (from that grade
    on) and ``what=stale`` (only anomalies, or only silent devices).

    Raises
    ------
    SettingError
        If there is no such sink, or it cannot work.

    Examples
    --------
    >>> sink_of("log", "incidents.jsonl?grade=major&kinds=open,close").wanted
    Wanted(kinds=('open', 'close'), grade='major', what=('anomaly', 'stale'))
    """
    kind: type[Sink] = load("sinks", name)
    rest, written = taken(text, ("kinds", "grade", "what"))
    wanted = Wanted(
        kinds=_some_of("kinds", written["kinds"], _KINDS) if "kinds" in written else kind.kinds,
        grade=_some_of("grade", written.get("grade", "minor"), GRADES)[0],
        what=_some_of("what", written.get("what", ",".join(_WHAT)), _WHAT),
    )
    sink = kind.parse(rest)
    return sink if wanted == Wanted() else Selected(sink, wanted)


@dataclass(frozen=True)
class Wanted:
    """Which news is wanted.

    Parameters
    ----------
    kinds
        Which kinds: "open", "update", "close".
    grade
        From which grade on.
    what
        Of which incidents: "anomaly", "stale".
    """

    kinds: tuple[str, ...] = _KINDS
    grade: str = "minor"
    what: tuple[str, ...] = _WHAT


class Selected(Sink):
    """A sink that is sent only some of the news.

    An incident that grows until it has the wanted grade is told of by the update that says so, even where updates are
    not wanted: else nobody would know.

    Parameters
    ----------
    inner
        The sink.
    wanted
        Which news.
    """

    def __init__(self, inner: Sink, wanted: Wanted) -> None:
        self.inner = inner
        self.wanted = wanted
        self.repeat_s = inner.repeat_s
        self._told: dict[str, None] = {}

    @classmethod
    def parse(cls, text: str) -> Sink:
        """Return the sink written as ``name:text``."""
        name, _, rest = text.partition(":")
        return sink_of(name, rest)

    def send(self, notices: Sequence[Notice]) -> Sequence[Failure]:
        """Deliver those that are wanted; the others count as delivered."""
        told = set(self._told)
        wanted = [notice for notice in notices if self._wants(notice, told)]
        failures = self.inner.send(wanted) if wanted else ()
        failed = {(failure.notice.id, failure.notice.revision) for failure in failures}
        self._remember([notice.id for notice in wanted if (notice.id, notice.revision) not in failed])
        return failures

    def close(self) -> None:
        """Release what the sink holds."""
        self.inner.close()

    def _wants(self, notice: Notice, told: set[str]) -> bool:
        """Tell whether a notice is wanted; ``told`` are the incidents that were told of before it."""
        if notice.what not in self.wanted.what or GRADES.index(notice.grade) < GRADES.index(self.wanted.grade):
            return False
        news = self.wanted.grade != GRADES[0] and notice.kind == "update" and notice.id not in told
        told.add(notice.id)
        return notice.kind in self.wanted.kinds or news

    def _remember(self, ids: Sequence[str]) -> None:
        self._told.update(dict.fromkeys(ids))
        for old in list(self._told)[: len(self._told) - _REMEMBERED]:
            del self._told[old]


def _some_of(name: str, text: str, known: Sequence[str]) -> tuple[str, ...]:
    chosen = tuple(part.strip() for part in text.replace("%2C", ",").split(","))
    if not set(chosen) <= set(known):
        raise SettingError(f"The setting {name!r} is {text!r}.", remedy=f"Choose from: {', '.join(known)}.")
    return chosen
