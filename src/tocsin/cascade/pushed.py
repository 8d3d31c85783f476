"""Pushed artifacts: which one is in force for a duty, exchanged so that a kill at any moment is borne."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from tocsin.artifact import bundle
from tocsin.artifact.trust import Trust
from tocsin.cascade._accept import Accepted, accepted
from tocsin.cascade.envelope import Envelope
from tocsin.cascade.ledger import Entry, Ledger
from tocsin.cascade.probation import DEATHS, Conduct
from tocsin.core.errors import ArtifactError, TocsinError
from tocsin.lifecycle.registry import Registry

_LOG = logging.getLogger(__name__)

LEDGER = "pushed.json"
_BY = "push"
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")


class Pushed:
    """Which artifacts are in force on an edge.

    The ledger is the truth: it is written first, and the file that a watch follows is exchanged after it. Whatever is
    killed in between is finished by :meth:`start`.

    Parameters
    ----------
    folder
        Where ledger and artifacts are; made when the first push comes.
    configured
        Files of the artifacts that the settings name, by the duty's name.
    trust
        Whose signature a push, and the artifact in it, must bear.
    edge
        This edge's name.
    """

    def __init__(self, folder: Path, configured: Mapping[str, Path], *, trust: Trust, edge: str) -> None:
        self._folder, self._configured, self._trust, self._edge = folder, dict(configured), trust, edge
        self._registry = Registry(folder)
        self.ledger = Ledger.read(folder / LEDGER)

    def paths(self) -> dict[str, Path]:
        """Return the artifact in force of each duty: that of the settings where nothing was pushed, or it was lost."""
        return {duty: own if self._flaw(duty) else self.path(duty) for duty, own in self._configured.items()}

    def path(self, duty: str) -> Path:
        """Return the artifact in force of a duty."""
        entry = self.ledger.entry(duty)
        return self._registry.path(_name(duty), entry.number) if entry.number else self._configured[duty]

    def start(self) -> bool:
        """Take note that the watch begins; tell whether other artifacts are in force than were so before.

        What killed the watch several times is rolled back, and what was lost or altered on the disk gives way to the
        artifact of the settings.
        """
        before = self._places()
        for duty, entry in self.ledger.duties.items():
            if duty not in self._configured:
                continue
            if entry.state == "probation":
                self._note(duty, entry.model_copy(update={"deaths": entry.deaths + 1}))
                if entry.deaths >= DEATHS:
                    self.roll_back(duty, f"The watch ended {entry.deaths} times while it was on probation.")
            self._mend(duty)
            self._follow(duty)
        return self._places() != before

    def fail(self, why: str) -> None:
        """Take note that the watch cannot go on; what is on probation is held to be the cause."""
        for duty, entry in self.ledger.duties.items():
            if entry.state == "probation":
                self.roll_back(duty, why)

    def end(self) -> None:
        """Take note that the watch ends in good order."""
        for duty, entry in self.ledger.duties.items():
            if entry.deaths:
                self._note(duty, entry.model_copy(update={"deaths": 0}))

    def open(self, message: bytes) -> Envelope | None:
        """Return what a message orders; None where that was dealt with before.

        Raises
        ------
        ArtifactError
            If nobody trusted has signed it, it is for another edge, or older than what was dealt with.
        """
        envelope = Envelope.decode(message, self._trust)
        if not envelope.duty and len(self._configured) == 1:
            envelope = replace(envelope, duty=next(iter(self._configured)))
        if envelope.edge != self._edge:
            raise ArtifactError(f"The push is for {envelope.edge!r}, not for {self._edge!r}.", remedy="Push it anew.")
        if envelope.version == self.ledger.seen:
            return None
        if envelope.version < self.ledger.seen:
            raise ArtifactError(
                f"The push has version {envelope.version}, and {self.ledger.seen} was dealt with before.",
                remedy="An earlier artifact comes back by an order: tocsin push --roll-back",
            )
        if envelope.duty not in self._configured:
            raise ArtifactError(
                f"There is no duty {envelope.duty!r} here.",
                remedy=f"Name one of: {', '.join(map(repr, self._configured))}.",
            )
        return envelope

    def install(self, envelope: Envelope, *, past: Conduct) -> Accepted:
        """Try a pushed artifact out and put it in force, on probation.

        Parameters
        ----------
        envelope
            As :meth:`open` returned it.
        past
            How judging went with the artifact that is in force now.

        Raises
        ------
        TocsinError
            If it is not good; nothing has changed then, but that the push is not looked at again.
        """
        digest = sha256(envelope.artifact).hexdigest()
        try:
            if digest in self.ledger.refused:
                raise ArtifactError(f"It was refused before: {self.ledger.refused[digest]}", remedy="Push another one.")
            found = self._added(envelope, digest)
        except TocsinError as error:
            self.refuse(envelope.version, str(error))
            raise
        entry = self._on_probation(self.ledger.entry(envelope.duty), envelope, found.number, past)
        self._write(self.ledger.put(envelope.duty, entry).model_copy(update={"seen": envelope.version, "last": ""}))
        self._follow(envelope.duty)
        self._tidy(envelope.duty)
        return found

    def refuse(self, version: int, why: str) -> None:
        """Take note that a push was not taken, and is not to be looked at again."""
        seen = max(self.ledger.seen, version)
        self._write(self.ledger.model_copy(update={"seen": seen, "last": why}))

    def roll_back(self, duty: str, why: str, *, seen: int = 0, for_good: bool = True) -> None:
        """Put the artifact in force that was so before.

        Parameters
        ----------
        duty
            Whose.
        why
            What spoke against the one in force, or who ordered it.
        seen
            Version of the order, where there was one.
        for_good
            Is the one in force now refused from here on?

        Raises
        ------
        ArtifactError
            If no other was in force before.
        """
        held = self.ledger.entry(duty)
        if not held.number or not held.before:
            raise ArtifactError("No pushed artifact is in force that could be taken back.", remedy="Push one.")
        after = Entry(state="rolled back", number=held.before, since=time.time_ns(), why=why)
        ledger = self.ledger.put(duty, after).model_copy(update={"seen": max(self.ledger.seen, seen)})
        if for_good:
            ledger = ledger.refuse(self._registry.version(_name(duty), held.number).sha256, why)
        self._write(ledger)
        self._follow(duty)
        _LOG.error("The artifact of push %d was rolled back: %s", held.version, why)

    def settle(self, duty: str) -> None:
        """Take note that the artifact in force has proven itself."""
        self._note(duty, self.ledger.entry(duty).model_copy(update={"state": "steady", "deaths": 0}))
        _LOG.info("The artifact of push %d has proven itself.", self.ledger.entry(duty).version)

    def _added(self, envelope: Envelope, digest: str) -> Accepted:
        """Put an artifact into the registry, once it has been found good."""
        place = self._folder / f".{digest[:12]}.tocsin"
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            place.write_bytes(envelope.artifact)
            accepted(place, envelope, now=self.path(envelope.duty), trust=self._trust)
            version, _ = self._registry.add(_name(envelope.duty), place, by=_BY, note=f"push {envelope.version}")
            artifact = accepted(place, envelope, now=self.path(envelope.duty), trust=self._trust, prove=True)
            return Accepted(artifact, version.version)
        finally:
            place.unlink(missing_ok=True)

    def _on_probation(self, held: Entry, envelope: Envelope, number: int, past: Conduct) -> Entry:
        """Return the entry of an artifact that comes into force; nobody goes back to one that was on probation."""
        known = {"version": envelope.version, "number": number, "state": "probation", "since": time.time_ns()}
        if held.state == "probation":
            return held.model_copy(update={**known, "deaths": 0})
        before = held.number or self._base(envelope.duty)
        return Entry.model_validate({**known, "before": before, **vars(past)})

    def _tidy(self, duty: str) -> None:
        """Remove artifacts that neither are in force nor could be again."""
        entry = self.ledger.entry(duty)
        for own in self._registry.shelf(_name(duty)).versions:
            if own.version not in (entry.number, entry.before):
                self._registry.remove(_name(duty), own.version)

    def _base(self, duty: str) -> int:
        """Keep the artifact that the settings name, so that a roll-back finds it whatever becomes of its file."""
        found, _ = self._registry.add(_name(duty), self._configured[duty], by="settings", trusted=True)
        return found.version

    def _places(self) -> dict[str, int]:
        return {duty: entry.number for duty, entry in self.ledger.duties.items()}

    def _mend(self, duty: str) -> None:
        """Return to the artifact of the settings where the one in force cannot be read any more."""
        if flaw := self._flaw(duty):
            why = f"The pushed artifact was lost or altered: {flaw}"
            self._note(duty, Entry(state="rolled back", since=time.time_ns(), why=why))
            _LOG.error("%s The one that the settings name is in force.", why)

    def _flaw(self, duty: str) -> str:
        """Return why the pushed artifact of a duty cannot be read any more; "" where it can, or there is none."""
        if not self.ledger.entry(duty).number:
            return ""
        try:
            bundle.load(self.path(duty), trust=self._trust)
        except TocsinError as error:
            return error.message
        return ""

    def _note(self, duty: str, entry: Entry) -> None:
        self._write(self.ledger.put(duty, entry))

    def _write(self, ledger: Ledger) -> None:
        ledger.write(self._folder / LEDGER)
        self.ledger = ledger

    def _follow(self, duty: str) -> None:
        """Let the registry's file in force be the one that the ledger names."""
        if number := self.ledger.entry(duty).number:
            self._registry.activate(_name(duty), number, by=_BY)


def _name(duty: str) -> str:
    """Return under which name the registry has a duty's artifacts.

    >>> _name(""), _name("rooms"), _name("../x")
    ('artifact', 'duty-rooms', 'duty-d6b96a97d1')
    """
    if not duty:
        return "artifact"
    return f"duty-{duty if _PLAIN.fullmatch(duty) else sha256(duty.encode()).hexdigest()[:10]}"
