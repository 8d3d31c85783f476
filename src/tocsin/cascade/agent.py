"""The agent of an edge: takes pushes up, watches over what is on probation, and tells the centre how things are."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from tocsin.cascade import told
from tocsin.cascade.envelope import Envelope
from tocsin.cascade.gauge import Gauge
from tocsin.cascade.health import AtWork, Health, Standing, standing
from tocsin.cascade.link import Link
from tocsin.cascade.observed import Observed
from tocsin.cascade.probation import Conduct, complaint
from tocsin.cascade.pushed import Pushed
from tocsin.cascade.uplink_place import UplinkPlace
from tocsin.core.errors import InputError, TocsinError
from tocsin.engine.live.duty import Duty
from tocsin.engine.live.meters import Meters

_LOG = logging.getLogger(__name__)

LOOK_S = 0.5
"""So often the agent looks at what is on probation."""
HEALTH_S = 60.0
"""So often health is told, where nothing has changed."""
SKETCHES = "sketches"
WAITING = 4
"""Messages that wait to be taken up; of a flood, the earliest are lost: the broker keeps the last one."""


@dataclass(frozen=True)
class Pace:
    """How often, and for how long.

    Parameters
    ----------
    sketch_s
        Statistics are told so often; 0 for never.
    probation_s
        A new artifact is on probation for so long at least.
    probation_readings
        And until it has judged so many.
    """

    sketch_s: float = 300.0
    probation_s: float = 600.0
    probation_readings: int = 300


class Agent:
    """Stands between a running watch and the centre, in a thread of its own. It never stops the watch from judging.

    Parameters
    ----------
    place
        Where the centre is met.
    edge
        This edge's name.
    duties
        Returns the duties in force, by name.
    meters
        What the watch counts.
    gauge
        What it observes.
    pace
        How often, and for how long.
    folder
        Where statistics outlast a restart.
    pushed
        Pushed artifacts; None where none are taken up.
    exchange
        Lets the watch go on with the artifacts in force; raises TocsinError, and changes nothing, where it cannot.
    """

    def __init__(
        self,
        place: UplinkPlace,
        edge: str,
        *,
        duties: Callable[[], Mapping[str, Duty]],
        meters: Meters,
        gauge: Gauge,
        pace: Pace,
        folder: Path,
        pushed: Pushed | None = None,
        exchange: Callable[[], None] = lambda: None,
    ) -> None:
        self._place, self._edge, self._pace, self._folder = place, edge, pace, folder
        self._duties, self._meters, self._gauge = duties, meters, gauge
        self._pushed, self._exchange = pushed, exchange
        self._started = time.time_ns()
        self._mail: deque[bytes] = deque(maxlen=WAITING)
        self._mark, self._behind = self._work(), False
        self._told: tuple[object, ...] = ()
        self._turned_away = ""
        self._health_due = self._sketch_due = 0.0
        topics = [place.topic(edge, "artifact")] if pushed is not None else []
        will = place.topic(edge, "health"), replace(self.health(), state="away").encode()
        self._link = Link(place, topics=topics, heard=lambda _, message: self._mail.append(message), will=will)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tocsin-edge", daemon=True)

    def start(self) -> None:
        """Begin."""
        with suppress(InputError, OSError):
            self._gauge.restore(told.decode((self._folder / SKETCHES).read_bytes())[1])
        self._expect()
        self._link.start()
        self._thread.start()

    def stop(self) -> None:
        """End in good order: the centre is told so."""
        self._ended.set()
        self._thread.join(5.0)
        self._save()
        if self._link.connected:
            ended = replace(self.health(), state="ended").encode()
            self._link.deliver([(self._place.topic(self._edge, "health"), ended)], patience_s=1.0)
        self._link.stop()

    def health(self) -> Health:
        """Return how things are."""
        ledger = None if self._pushed is None else self._pushed.ledger
        artifacts = tuple(self._at_work(duty) for duty in self._duties().values())
        refused = self._turned_away or ("" if ledger is None else ledger.last)
        total = self._meters.total
        return Health(
            self._edge,
            standing(artifacts, refused=refused),
            time.time_ns(),
            self._started,
            artifacts,
            0 if ledger is None else ledger.seen,
            refused,
            devices=int(total("tocsin_devices")),
            readings=int(total("tocsin_readings_total")),
            incidents=int(total("tocsin_incidents_total")),
            raw_bytes=int(total("tocsin_cascade_raw_bytes_total")),
            sent_bytes=int(total("tocsin_cascade_sent_bytes_total")),
            waiting=int(total("tocsin_cascade_waiting")),
        )

    def look(self) -> None:
        """See to pushes that came, to what is on probation, and tell the centre what is due."""
        if self._behind:
            self._go_on()
        while self._mail:
            self._take(self._mail.popleft())
        if self._pushed is not None:
            for name, duty in self._duties().items():
                self._watch_over(name, duty)
        self._count()
        self._tell()

    def _run(self) -> None:
        while not self._ended.wait(LOOK_S):
            try:
                self.look()
            except TocsinError as error:
                _LOG.error("%s", error)
            except Exception:  # whatever happens here, the watch goes on judging
                _LOG.exception("The edge's agent failed, and goes on.")

    def _take(self, message: bytes) -> None:
        """Take a push up, or say why not."""
        assert self._pushed is not None
        try:
            envelope = self._pushed.open(message)
        except TocsinError as error:
            _LOG.error("A push was not taken: %s", error)
            self._turned_away = str(error)
            return
        self._turned_away = ""
        if envelope is None:
            return
        try:
            self._follow(envelope)
        except TocsinError as error:
            self._pushed.refuse(envelope.version, str(error))
            _LOG.error("Push %d was refused, and all goes on as before: %s", envelope.version, error)
        except (
            OSError
        ) as error:  # such as a full disk: the push stays with the broker, and comes again with the next line
            self._turned_away, self._behind = f"It cannot be written down: {error}", True
            _LOG.error("Push %d cannot be written down, and waits at the broker: %s", envelope.version, error)

    def _follow(self, envelope: Envelope) -> None:
        """Do what a push orders."""
        assert self._pushed is not None
        if envelope.order == "roll back":
            self._pushed.roll_back(envelope.duty, "The centre ordered it.", seen=envelope.version, for_good=False)
            self._go_on()
            return
        duty = self._duties()[envelope.duty]
        self._pushed.install(envelope, past=self._conduct(duty))
        try:
            self._go_on()
        except TocsinError as error:
            self._pushed.roll_back(envelope.duty, str(error))
            raise
        new = self._duties()[envelope.duty]
        self._gauge.forget(new.name, new.version)
        _LOG.info("Push %d, %s, is in force and on probation.", envelope.version, envelope.name or "an artifact")

    def _go_on(self) -> None:
        """Let the watch go on with the artifacts in force, and count anew; where that fails, it is tried again."""
        self._behind = True
        self._exchange()
        self._behind, self._mark = False, self._work()
        self._expect()

    def _watch_over(self, name: str, duty: Duty) -> None:
        """Roll an artifact on probation back where something speaks against it; let it settle in the end."""
        assert self._pushed is not None
        entry = self._pushed.ledger.entry(name)
        if entry.state != "probation":
            return
        before = Conduct(entry.readings, entry.judged, entry.anomalous, entry.without, entry.seconds)
        now, lasted_s = self._conduct(duty), (time.time_ns() - entry.since) / 1e9
        over = lasted_s >= self._pace.probation_s and now.readings >= self._pace.probation_readings
        promised = self._observed(duty).promised
        why = complaint(now, before, promised=promised, window=duty.artifact.window, over=over)
        if why:
            self._pushed.roll_back(name, why)
            self._go_on()
        elif over:
            self._pushed.settle(name)

    def _conduct(self, duty: Duty) -> Conduct:
        seconds, readings = (now - then for now, then in zip(self._work(), self._mark, strict=True))
        return Conduct.of(self._observed(duty), seconds / readings if readings else 0.0)

    def _observed(self, duty: Duty) -> Observed:
        return self._gauge.observed().get((duty.name, duty.version), Observed(duty.name, duty.version))

    def _work(self) -> tuple[float, float]:
        """Return seconds spent on judging, and readings judged, so far."""
        spreads = self._meters.spreads().items()
        seconds = sum(spread.sum for (name, _), spread in spreads if name == "tocsin_scoring_seconds")
        return seconds, self._meters.total("tocsin_readings_total")

    def _expect(self) -> None:
        for duty in self._duties().values():
            self._gauge.expect(duty.name, duty.version, duty.artifact)

    def _at_work(self, duty: Duty) -> AtWork:
        entry = None if self._pushed is None else self._pushed.ledger.entry(duty.name)
        state: Standing = "configured" if entry is None else entry.state
        pushed, why = (0, "") if entry is None else (entry.version, entry.why)
        return AtWork(duty.name, duty.version, duty.artifact.provenance.detector, state, pushed, why)

    def _count(self) -> None:
        """Count for those who watch the watch."""
        back = sum(self._at_work(duty).state == "rolled back" for duty in self._duties().values())
        self._meters.set("tocsin_cascade_rolled_back", back)
        self._meters.set("tocsin_cascade_away", int(not self._link.connected))

    def _tell(self) -> None:
        """Tell health at once where it has changed, else now and then; statistics when they are due."""
        now, health = time.monotonic(), self.health()
        heart = (self._link.made, *health.heart)
        due = heart != self._told or now >= self._health_due
        if due and self._link.publish(self._place.topic(self._edge, "health"), health.encode()):
            self._told, self._health_due = heart, now + HEALTH_S
        due = bool(self._pace.sketch_s) and now >= self._sketch_due
        if due and self._link.publish(self._place.topic(self._edge, "sketch"), self._statistics()):
            self._sketch_due = now + self._pace.sketch_s
            self._save()

    def _statistics(self) -> bytes:
        return told.encode(self._edge, [self._observed(duty) for duty in self._duties().values()])

    def _save(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            part = self._folder / f".{SKETCHES}.part"
            part.write_bytes(self._statistics())
            part.replace(self._folder / SKETCHES)
        except OSError as error:
            _LOG.warning("Statistics cannot be kept for the next start: %s", error)
