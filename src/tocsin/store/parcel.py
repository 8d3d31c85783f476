"""Readings of one batch that wait to be forwarded to a centre."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Parcel:
    """Readings that wait for the uplink.

    Parameters
    ----------
    number
        Grows with each; the order in which they are to go.
    readings
        How many there are in it.
    block
        The readings, as :func:`tocsin.core.forwards.encode` writes them.
    written_ns
        Since when they wait.
    """

    number: int
    readings: int
    block: bytes
    written_ns: int
