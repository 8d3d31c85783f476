"""Readings as they come over a wire, before it is known which artifact they are for: names instead of numbers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from tocsin.core.arrays import BoolArray, FloatArray, IntArray, frozen


@dataclass(frozen=True, eq=False)
class Arrivals:
    """A block of readings in order of arrival, wide, of whatever channels came. Arrays are read-only.

    Parameters
    ----------
    devices
        Names of the devices that the block is about, each once.
    channels
        Names of the channels, in the order of the columns of ``values``.
    device
        ndarray of shape (n,), int64: index into ``devices``.
    time
        ndarray of shape (n,), int64: ns since the epoch, UTC; :data:`~tocsin.core.arrays.NEVER` where unreadable.
    values
        ndarray of shape (n, channels), float64; NaN means "no news of this channel".
    arrived
        ndarray of shape (n,), int64, ns: when the reading reached the broker, or us where it does not say. The same
        again when the reading is replayed.
    bad
        ndarray of shape (n, channels), bool, or None: the sensor itself says that the value is bad.
    history
        ndarray of shape (n,), bool, or None: the sender says that this is no news, but sent after the fact.
    gone
        Devices that said goodbye, or that a broker said it for: name, and when in ns.
    shift_ns
        By how much ``arrived`` moved on before this block without any fault of the devices: the wall clock was set, or
        we were away from the broker. Silence is not counted for so long.
    pieces
        Does a message bring one channel? Then rows of a device that were taken together are one reading.

    Examples
    --------
    >>> some = Arrivals(("pump-1",), ("temp",), np.array([0]), np.array([5]), np.array([[21.5]]), np.array([7]))
    >>> len(some), some.devices[some.device[0]]
    (1, 'pump-1')
    """

    devices: tuple[str, ...]
    channels: tuple[str, ...]
    device: IntArray
    time: IntArray
    values: FloatArray
    arrived: IntArray
    bad: BoolArray | None = None
    history: BoolArray | None = None
    gone: tuple[tuple[str, int], ...] = field(default=())
    shift_ns: int = 0
    pieces: bool = False

    def __post_init__(self) -> None:
        rows = len(self.time)
        wide = (rows, len(self.channels))
        shapes = {"device": (rows,), "values": wide, "arrived": (rows,), "bad": wide, "history": (rows,)}
        for name, shape in shapes.items():
            array = getattr(self, name)
            if array is not None and array.shape != shape:
                raise ValueError(f"{name} has shape {array.shape}, expected {shape}")
        for name in ("device", "time", "values", "arrived", "bad", "history"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, frozen(getattr(self, name)))

    def __len__(self) -> int:
        return len(self.time)

    def take(self, index: IntArray | BoolArray | slice) -> Arrivals:
        """Return the readings at ``index``, in that order; what is said of the block itself stays.

        >>> when = np.array([5, 6])
        >>> some = Arrivals(("p",), ("t",), np.array([0, 0]), when, np.array([[2.5], [3]]), arrived=when)
        >>> some.take(np.array([False, True])).time.tolist()
        [6]
        """
        return replace(
            self,
            device=self.device[index],
            time=self.time[index],
            values=self.values[index],
            arrived=self.arrived[index],
            bad=None if self.bad is None else self.bad[index],
            history=None if self.history is None else self.history[index],
        )

    @staticmethod
    def none(*, shift_ns: int = 0) -> Arrivals:
        """Return a block without readings.

        >>> len(Arrivals.none())
        0
        """
        no = np.zeros(0, np.int64)
        return Arrivals((), (), no, no, np.zeros((0, 0)), no, shift_ns=shift_ns)


@dataclass(frozen=True)
class Message:
    """What a broker hands over: bytes under a name.

    Parameters
    ----------
    topic
        Where it was published; of Kafka, the message's key.
    payload
        The bytes.
    arrived
        When it reached the broker, or us where it does not say, in ns.
    """

    topic: str
    payload: bytes
    arrived: int


@dataclass(frozen=True)
class DeadLetter:
    """A message that means nothing to tocsin, kept with the reason, so that nobody wonders where it went.

    Parameters
    ----------
    origin
        Where it came from: a topic, a file and line.
    payload
        The bytes, shortened to some thousand.
    reason
        What is wrong with it, in a sentence with the remedy.
    arrived
        When it came, in ns.
    """

    origin: str
    payload: bytes
    reason: str
    arrived: int
