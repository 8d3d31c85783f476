"""The uplink: carries what an edge forwards from its store to the centre's broker, however long that is away."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from tocsin.cascade.uplink_place import UplinkPlace
from tocsin.core.arrivals import Arrivals
from tocsin.core.errors import InputError, TocsinError
from tocsin.core.forwards import NO_CONTEXT, Context, decode, encode
from tocsin.core.joining import join
from tocsin.engine.live.courier import Patience
from tocsin.engine.live.meters import Meters
from tocsin.sinks.wire.publisher import Login, Message, Publisher
from tocsin.sinks.wire.unreachable import UnreachableError
from tocsin.store import Parcel

if TYPE_CHECKING:
    from tocsin.store import Store

CELLS = 12_000
"""Numbers in a message at most: some 100 kB where nothing can be compressed, which any broker takes."""
_READINGS = 4_096
_BESIDE = 3
"""Columns of a reading beside its values."""
_PARCELS = 256
_POLL_S = 0.2
_LOOK_S = 1.0
_DROP_S = 60.0
_TIMEOUT_S = 10.0
_PATIENCE = Patience(least_s=0.5, most_s=30.0)

_LOG = logging.getLogger(__name__)


class Uplink:
    """Sends what waits, in order, from a thread of its own, and forgets it once the centre's broker has it.

    A message goes only when the one before it was acknowledged, so that readings of a device can never overtake one
    another; a broker that has nobody to keep a message for has not got it. Whoever kills the process between sending
    and forgetting makes it send once more: the centre drops a reading that it knows as late.

    Parameters
    ----------
    place
        The centre's broker.
    edge
        What this edge is called there.
    store
        What waits.
    meters
        Where to count.
    gather_ns
        So long what waits may gather more, in ns: many readings in a message take fewer bytes.
    keep_ns
        What has waited for so long is thrown away, with a warning, in ns.
    context
        How many readings are forwarded in front of strange ones and behind them, for the centre to know.
    """

    def __init__(
        self,
        place: UplinkPlace,
        edge: str,
        store: Store,
        meters: Meters,
        *,
        gather_ns: int,
        keep_ns: int,
        context: Context = NO_CONTEXT,
    ) -> None:
        self._topic, self._store, self._meters = place.topic(edge, "windows"), store, meters
        self._gather_ns, self._keep_ns, self._context = gather_ns, keep_ns, context
        self._publisher = Publisher(_login(place), qos=1, version="5", timeout_s=_TIMEOUT_S, heard=True)
        self._halt, self._until = threading.Event(), 0.0
        self._tries, self._rest_until = 0, 0.0
        self._looked, self._dropped = 0.0, 0.0
        self._thread = threading.Thread(target=self._run, name="tocsin-uplink", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def stop(self, timeout_s: float = 2.0) -> None:
        """Send what waits as far as time allows, and end; what is left waits for the next start."""
        self._until = time.monotonic() + timeout_s
        self._halt.set()
        self._thread.join(timeout_s + 0.5)

    def _run(self) -> None:
        while not self._halt.is_set():
            if not self._turn():
                self._halt.wait(_POLL_S)
        while not self._tries and time.monotonic() < self._until and self._turn():
            pass
        with suppress(TocsinError):
            self._look()
        if waiting := self._meters.value("tocsin_cascade_waiting"):
            _LOG.warning("%d readings wait in the store for the centre, until a watch runs again.", waiting)
        self._publisher.close()

    def _turn(self) -> bool:
        """Send what is due; tell whether there may be more at once."""
        if time.monotonic() < self._rest_until:
            return False
        try:
            self._look()
            return self._send()
        except TocsinError as error:  # the store is away
            self._rest(str(error))
        except Exception:  # a thread that ends here would be missed by nobody
            _LOG.exception("What is to be forwarded cannot be sent.")
            self._rest("It failed.")
        return False

    def _send(self) -> bool:
        parcels = self._store.parcels(most=_PARCELS)
        if not parcels or not self._is_ripe(parcels):
            return False
        for some, numbers in messages(parcels):
            if len(some):
                body = encode(some, context=self._context)
                if why := self._published(body):
                    self._rest(why)
                    return False
                self._meters.add("tocsin_cascade_sent_bytes_total", len(body))
            self._store.parcels_gone(numbers)
        if self._tries:
            _LOG.info("The centre is there again, and gets what waited.")
        self._tries = 0
        return len(parcels) == _PARCELS

    def _published(self, body: bytes) -> str:
        """Publish a message; return why the broker has not got it, "" if it has."""
        try:
            self._publisher.renew()
            return self._publisher.publish([Message(self._topic, body, retain=False)])[0]
        except UnreachableError as error:
            return str(error)

    def _is_ripe(self, parcels: Sequence[Parcel]) -> bool:
        """Tell whether what waits has gathered for long enough, whatever was done to the clock."""
        enough = len(parcels) == _PARCELS or sum(one.readings for one in parcels) >= _READINGS
        return enough or self._halt.is_set() or abs(time.time_ns() - parcels[0].written_ns) >= self._gather_ns

    def _look(self) -> None:
        """Show how much waits, and throw away what has waited too long."""
        now = time.monotonic()
        if now >= self._dropped + _DROP_S:
            self._dropped = now
            if lost := self._store.parcels_dropped(before_ns=time.time_ns() - self._keep_ns):
                self._meters.add("tocsin_cascade_dropped_total", lost)
                _LOG.warning("%d readings waited too long for the centre, and were thrown away.", lost)
        if now >= self._looked + _LOOK_S or self._halt.is_set():
            self._looked = now
            self._meters.set("tocsin_cascade_waiting", self._store.parcels_waiting())

    def _rest(self, why: str) -> None:
        _LOG.log(logging.DEBUG if self._tries else logging.WARNING, "What is forwarded waits: %s.", why.rstrip("."))
        self._tries += 1
        self._rest_until = time.monotonic() + _PATIENCE.rest_s(self._tries)


def messages(parcels: Sequence[Parcel], cells: int = CELLS) -> Iterator[tuple[Arrivals, list[int]]]:
    """Return what parcels hold in portions of at most ``cells`` numbers, each with the parcels that it completes."""
    gathered: list[Arrivals] = []
    numbers: list[int] = []
    for parcel in parcels:
        *whole, last = _portions(_opened(parcel), cells)
        if gathered and (whole or sum(map(_cells, gathered)) + _cells(last) > cells):
            yield join(gathered), numbers
            gathered, numbers = [], []
        yield from ((some, []) for some in whole)
        gathered.append(last)
        numbers.append(parcel.number)
    if numbers:
        yield join(gathered), numbers


def _portions(some: Arrivals, cells: int) -> list[Arrivals]:
    """Return readings in portions, one at least."""
    rows = max(cells // (len(some.channels) + _BESIDE), 1)
    return [some.take(slice(start, start + rows)) for start in range(0, max(len(some), 1), rows)]


def _cells(some: Arrivals) -> int:
    return len(some) * (len(some.channels) + _BESIDE)


def _opened(parcel: Parcel) -> Arrivals:
    """Return the readings in a parcel; of one that the disk has damaged, none."""
    try:
        return decode(parcel.block)
    except InputError:
        _LOG.error("Parcel %d with %d readings is damaged, and is skipped.", parcel.number, parcel.readings)
        return Arrivals.none()


def _login(place: UplinkPlace) -> Login:
    address, tls = place.address, place.tls
    files = None if tls is None else tls[:3]
    return Login(address.host, address.port, address.user, address.password, files, tls is not None and tls[3])
