"""A sink for tests: it remembers what it is sent, and refuses, raises or hangs as it is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from tocsin.core.live import Sink
from tocsin.core.notices import Failure, Notice


class ToySink(Sink):
    """Remembers what it is sent, in order.

    Parameters
    ----------
    refuse
        Called with every notice before it is taken: returns why it fails, or None; may raise, or take its time.
    repeat_s
        As of every sink.

    Examples
    --------
    >>> sink = ToySink(lambda notice: Failure(notice, "too minor", final=True) if notice.grade == "minor" else None)
    >>> one = Notice("1f", 0, "open", "anomaly", "", "pump-1", 0, 0, 0, 0, True, 3.0, 2.0, "major")
    >>> sink.send([one]), sink.told
    ([], [('1f', 0)])
    """

    def __init__(self, refuse: Callable[[Notice], Failure | None] = lambda _: None, *, repeat_s: float = 0.0) -> None:
        self.refuse = refuse
        self.repeat_s = repeat_s
        self.calls: list[int] = []
        self.closed = threading.Event()
        self._told: list[Notice] = []
        self._changed = threading.Condition()

    @classmethod
    def parse(cls, text: str) -> ToySink:
        """Return one that takes everything, or refuses everything with ``text`` as the reason."""
        return cls(lambda notice: Failure(notice, text)) if text else cls()

    @property
    def told(self) -> list[tuple[str, int]]:
        """What it took: ids and revisions."""
        with self._changed:
            return [(notice.id, notice.revision) for notice in self._told]

    def send(self, notices: Sequence[Notice]) -> Sequence[Failure]:
        """Take notices, or not."""
        self.calls.append(len(notices))
        failures: list[Failure] = []
        for notice in notices:
            if (failure := self.refuse(notice)) is not None:
                failures.append(failure)
                continue
            with self._changed:
                self._told.append(notice)
                self._changed.notify_all()
        return failures

    def close(self) -> None:
        """Note that it was closed."""
        self.closed.set()

    def wait_for(self, number: int, *, timeout_s: float = 60.0) -> list[tuple[str, int]]:
        """Wait until it took so many; return all that it took.

        Raises
        ------
        TimeoutError
            If they do not come.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._told) >= number, timeout_s):
                raise TimeoutError(f"only {len(self._told)} of {number} notices have come")
        return self.told
