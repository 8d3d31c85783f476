"""The store: everything that must survive a watch, behind one class, the same on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from tocsin.core.arrivals import DeadLetter
from tocsin.core.notices import Notice
from tocsin.core.tidings import Kept
from tocsin.store import _dead, _incidents, _lanes, _outbox, _parcels, _prune, _verdicts
from tocsin.store._database import Database
from tocsin.store._documents import plain
from tocsin.store._seen import Seen
from tocsin.store.entry import Claim, Entry
from tocsin.store.parcel import Parcel
from tocsin.store.recorded import Answer, Letter, Recorded
from tocsin.store.retention import Retention


class Store:
    """Where everything is written that must survive a watch; made by :func:`~tocsin.store.open_store`.

    Each call is one transaction: it is done whole or not at all, and safe when it returns. May be used from several
    threads at once, and one database from several processes.

    Parameters
    ----------
    database
        Where it is.
    retention
        How long :meth:`prune` lets things be.

    Raises
    ------
    StoreAway
        By every call, where the database is locked, full or out of reach. Try again later, which is harmless.
    InputError
        By every call, where the database is damaged.

    Examples
    --------
    >>> import tempfile
    >>> from tocsin.core.live import Position
    >>> from tocsin.core.notices import Notice
    >>> from tocsin.core.tidings import Tidings
    >>> from tocsin.store import Entry, open_store
    >>> store = open_store(f"sqlite:///{tempfile.mkdtemp()}/tocsin.db")
    >>> news = Notice("1f", 0, "open", "anomaly", "", "pump-1", 10, 12, 12, 12, True, 3.0, 2.0, "major")
    >>> epoch = store.claim("plant", "0/1", "me").epoch
    >>> entry = Entry("plant", "0/1", epoch, Position("7"), Tidings((news,)), sinks=("log",))
    >>> len(store.write(entry)), len(store.write(entry)), store.waiting("log")
    (1, 0, 1)
    >>> [found.notice.device for found in store.incidents(open=True)]
    ['pump-1']
    >>> store.close()
    """

    def __init__(self, database: Database, *, retention: Retention | None = None) -> None:
        self.retention = retention or Retention()
        self._database = database
        self._seen = Seen()
        self._learning = threading.Lock()
        self._appended: dict[tuple[str, str], int] = {}
        self._unsure: set[tuple[str, str]] = set()

    @property
    def place(self) -> str:
        """Where it is, without the password."""
        return self._database.place

    def claim(self, feed: str, lane: str, owner: str) -> Claim:
        """Take a lane over from whoever has it, and free the letters that they took; ``owner`` names who takes it."""
        self._appended.pop((feed, lane), None)
        with self._database.writing() as connection:
            if gone := _lanes.owner(connection, _key(feed, lane)):
                _outbox.free(connection, gone)
            return _lanes.claim(connection, _key(feed, lane), owner=owner)

    def lanes(self, feed: str) -> tuple[str, ...]:
        """Return the lanes of a feed of which something is known."""
        with self._database.reading() as connection:
            return _lanes.names(connection, plain(feed))

    def forget(self, feed: str, lane: str | None = None) -> None:
        """Forget what a lane of a feed remembers, or all of them, and their journals; incidents and verdicts stay."""
        with self._database.writing() as connection:
            _lanes.forget(connection, plain(feed), None if lane is None else plain(lane))

    def write(self, entry: Entry) -> tuple[Notice, ...]:
        """Write what came of a batch; return the notices that were not known yet.

        Raises
        ------
        Superseded
            If somebody else has claimed the lane since.
        """
        with self._learning:
            self._seen.begin()
            with self._database.writing() as connection:
                fresh = self._write(connection, entry)
            self._seen.learn()
        return fresh

    def release(self, feed: str, lane: str, epoch: int) -> None:
        """Give a lane up; of a lane that somebody else has claimed, nothing happens."""
        with self._database.writing() as connection:
            _lanes.release(connection, _key(feed, lane), epoch=epoch)

    def append(
        self,
        feed: str,
        lane: str,
        epoch: int,
        block: bytes,
        *,
        memory: bytes | None = None,
        dead: Sequence[DeadLetter] = (),
    ) -> int:
        """Write a block behind a lane's journal; return its number, which grows for ever.

        A block that is given again after a failure is written once, also where the failure came after the writing.

        Parameters
        ----------
        feed, lane, epoch
            Whose it is.
        block
            What was received.
        memory
            What the source must remember from here on; None where that did not change.
        dead
            Messages among it that mean nothing.

        Raises
        ------
        Superseded
            If somebody else has claimed the lane since.
        """
        key, place = _key(feed, lane), (feed, lane)
        if place not in self._appended:
            with self._database.reading() as connection:
                self._appended[place] = _lanes.appended(connection, key)
        behind = self._appended[place] if place in self._unsure else None
        self._unsure.add(place)
        with self._database.writing() as connection:
            seq = _lanes.append(connection, key, epoch=epoch, block=block, memo=memory, behind=behind)
            if dead:
                _dead.write(connection, dead, key=key, most=self.retention.dead_most)
        self._unsure.discard(place)
        self._appended[place] = seq
        return seq

    def journal(self, feed: str, lane: str, *, after: int, most: int) -> list[tuple[int, bytes]]:
        """Return at most ``most`` blocks of a lane's journal behind ``after``, each with its number, in order."""
        with self._database.reading() as connection:
            return _lanes.blocks(connection, _key(feed, lane), after=after, most=most)

    def memory(self, feed: str, lane: str) -> bytes:
        """Return what the source of a lane must remember; nothing where nothing was written."""
        with self._database.reading() as connection:
            return _lanes.remembered(connection, _key(feed, lane))

    def due(self, sink: str, *, now_ns: int, most: int) -> list[Letter]:
        """Return what a sink is to be told now, in order; news of an incident never before its earlier news."""
        with self._database.reading() as connection:
            return _outbox.due(connection, sink, now_ns=now_ns, most=most)

    def take(self, sink: str, *, holder: str, now_ns: int, most: int) -> list[Letter]:
        """Return what a sink is to be told next, for ``holder`` alone: several processes may serve one sink.

        At most one letter of an incident: the next one may be taken once that is delivered. They are the holder's for
        30 s, or until somebody else claims a lane that ``holder`` had and did not release.
        """
        with self._database.reading() as connection:
            if not _outbox.any_due(connection, sink, now_ns=now_ns):
                return []
        with self._database.writing() as connection:
            return _outbox.take(connection, sink, holder=holder, now_ns=now_ns, most=most)

    def delivered(self, numbers: Sequence[int]) -> None:
        """Take letters out of the outbox."""
        if numbers:
            with self._database.writing() as connection:
                _outbox.delivered(connection, numbers)

    def postpone(self, numbers: Sequence[int], *, until_ns: int, reason: str) -> None:
        """Count a failed try of letters, which then wait, for an hour at most."""
        if numbers:
            with self._database.writing() as connection:
                _outbox.postpone(connection, numbers, until_ns=until_ns, reason=reason)

    def put_aside(self, numbers: Sequence[int], *, reason: str) -> None:
        """Make dead letters of letters that a sink will never take."""
        most = self.retention.dead_most
        if numbers:
            with self._database.writing() as connection:
                _outbox.put_aside(connection, numbers, reason=reason, dead_most=most)

    def waiting(self, sink: str) -> int:
        """Return how many letters a sink has still to get."""
        with self._database.reading() as connection:
            return _outbox.waiting(connection, sink)

    def parcels(self, *, after: int = 0, most: int = 256) -> list[Parcel]:
        """Return what waits to be forwarded to a centre, in order, behind the parcel numbered ``after``."""
        with self._database.reading() as connection:
            return _parcels.waiting(connection, after=after, most=most)

    def parcels_gone(self, numbers: Sequence[int]) -> None:
        """Take parcels out that the centre's broker has."""
        if numbers:
            with self._database.writing() as connection:
                _parcels.gone(connection, numbers)

    def parcels_waiting(self) -> int:
        """Return how many readings wait to be forwarded."""
        with self._database.reading() as connection:
            return _parcels.readings(connection)

    def parcels_dropped(self, *, before_ns: int) -> int:
        """Throw away what has waited since before then; return how many readings that was."""
        with self._database.writing() as connection:
            return _parcels.drop(connection, before_ns=before_ns)

    def incidents(
        self,
        *,
        open: bool | None = None,
        since_ns: int | None = None,
        device: str | None = None,
        duty: str | None = None,
        most: int = 1_000,
    ) -> list[Recorded]:
        """Return incidents as they stand, the latest first; ``since_ns`` asks for those that went on then or later."""
        with self._database.reading() as connection:
            return _incidents.find(connection, open=open, since_ns=since_ns, device=device, duty=duty, most=most)

    def going(self, feed: str, lane: str) -> list[Notice]:
        """Return the last news of the incidents that a lane told of and that are not over, the earliest first."""
        with self._database.reading() as connection:
            return _incidents.going(connection, _key(feed, lane))

    def incident(self, id: str) -> tuple[Recorded, tuple[Notice, ...]]:
        """Return an incident as it stands, and all news of it in order.

        Raises
        ------
        UnknownIncident
            If there is none with that id.
        """
        with self._database.reading() as connection:
            return _incidents.one(connection, id)

    def acknowledge(self, id: str, *, by: str, note: str = "", now_ns: int | None = None) -> None:
        """Note that somebody sees to an incident.

        Raises
        ------
        UnknownIncident
            If there is none with that id.
        """
        at = time.time_ns() if now_ns is None else int(now_ns)
        values = {"acknowledged_by": plain(by), "acknowledged_ns": at, "note": plain(note)}
        with self._database.writing() as connection:
            _incidents.answer(connection, id, kind="acknowledge", values=values, by=by, at_ns=at)

    def label(self, id: str, label: str, *, by: str, note: str = "", now_ns: int | None = None) -> None:
        """Note what an incident was, in a person's word, for later learning.

        Raises
        ------
        UnknownIncident
            If there is none with that id.
        """
        at = time.time_ns() if now_ns is None else int(now_ns)
        values = {"label": plain(label), "note": plain(note)}
        with self._database.writing() as connection:
            _incidents.answer(connection, id, kind="label", values=values, by=by, at_ns=at)

    def answers(self, id: str) -> tuple[Answer, ...]:
        """Return all that people have said of an incident, in order; nothing where there is none with that id."""
        with self._database.reading() as connection:
            return _incidents.answers(connection, id)

    def open_count(self) -> Mapping[str, int]:
        """Return how many incidents are going on that somebody was told of, by what they are."""
        with self._database.reading() as connection:
            return _incidents.open_count(connection)

    def verdicts(
        self,
        *,
        duty: str = "",
        device: str | None = None,
        since_ns: int | None = None,
        until_ns: int | None = None,
        most: int = 100_000,
        newest: bool = False,
    ) -> Kept:
        """Return the verdicts that were kept, in order of time; those at ``until_ns`` are not part of them.

        Where there are more than ``most``, the first of them, or the ``newest``.
        """
        asked = {"since_ns": since_ns, "until_ns": until_ns}
        with self._database.reading() as connection:
            return _verdicts.read(connection, duty=duty, device=device, **asked, most=most, newest=newest)

    def latest(self) -> list[Kept]:
        """Return the newest verdict kept of each device, duty after duty; of those long silent, none.

        Verdicts that are nothing special are kept thinned out, so the newest one kept may be a minute old.
        """
        with self._database.reading() as connection:
            return _verdicts.latest(connection)

    def devices(self) -> list[tuple[str, str]]:
        """Return duty and name of every device of which verdicts were kept."""
        with self._database.reading() as connection:
            return _verdicts.devices_of(connection)

    def dead_letters(self, *, most: int = 1_000) -> list[DeadLetter]:
        """Return dead letters, the newest first."""
        with self._database.reading() as connection:
            return _dead.read(connection, most=most)

    def prune(self, now_ns: int) -> Mapping[str, int]:
        """Delete what was kept for long enough; return how many rows of each kind went."""
        gone = _prune.prune(self._database, self.retention, int(now_ns))
        with self._learning:
            self._seen.forget()
        return gone

    def close(self) -> None:
        """Close all connections; may be called more than once."""
        self._database.close()

    def _write(self, connection: Connection, entry: Entry) -> tuple[Notice, ...]:
        key, tidings = _key(entry.feed, entry.lane), entry.tidings
        _lanes.judged(connection, key, epoch=entry.epoch, to=entry.judged)
        _verdicts.write(connection, tidings.kept, self._seen)
        if tidings.dead:
            _dead.write(connection, tidings.dead, key=key, most=self.retention.dead_most)
        if tidings.forwards:
            _parcels.write(connection, tidings.forwards, key=key)
        if entry.state is not None:
            _lanes.save(connection, key, epoch=entry.epoch, saved=entry.state)
        return _incidents.write(connection, tidings.notices, key=key, sinks=entry.sinks) if tidings.notices else ()


def _key(feed: str, lane: str) -> dict[str, str]:
    return {"feed": plain(feed), "lane": plain(lane)}
