"""What goes into a store together, and what is found there when a lane is taken over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tocsin.core.live import Position
from tocsin.core.tidings import Tidings


@dataclass(frozen=True)
class State:
    """What a lane remembers, as far as it changed since it was last written.

    Parameters
    ----------
    position
        Up to where in its source the lane remembers; a restart goes on from here.
    parts
        Changed parts by name; None for one that is gone.
    cut
        Journal rows up to and including this one are no longer needed; None where there is no journal.
    """

    position: Position
    parts: Mapping[str, bytes | None]
    cut: int | None = None


@dataclass(frozen=True, eq=False)
class Entry:
    """All that is written of one batch, whole or not at all.

    Parameters
    ----------
    feed, lane
        Whose it is.
    epoch
        As :meth:`~tocsin.store.Store.claim` gave it.
    judged
        How far the lane has been judged with this batch.
    tidings
        What came of the batch. Of them, notices and verdicts that are known already are ignored.
    sinks
        Names of the sinks that are to get the notices.
    state
        What the lane remembers, where it is time to write that.
    """

    feed: str
    lane: str
    epoch: int
    judged: Position
    tidings: Tidings
    sinks: tuple[str, ...] = ()
    state: State | None = None


@dataclass(frozen=True)
class Claim:
    """A lane that has been taken over.

    Parameters
    ----------
    epoch
        Proves the claim in every write; the next claim of the lane has a greater one.
    snapshot
        Up to where ``parts`` remember, None where nobody has read the lane.
    judged
        How far it has been judged: what lies between has been told already, and is judged again all the same.
    parts
        What is remembered.
    """

    epoch: int
    snapshot: Position | None
    judged: Position | None
    parts: Mapping[str, bytes]
