"""Other settings and artifacts for a watch that runs, taken over whole or not at all, whoever asks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tocsin.engine.live.duty import Duty
    from tocsin.engine.live.loop import Loop
    from tocsin.wiring.assembly import Assembly
    from tocsin.wiring.watch_plan import WatchPlan


class Exchange:
    """Lets a loop go on with what the settings say by now.

    Parameters
    ----------
    loop
        What runs.
    assembly
        Its parts.
    again
        Reads the settings anew; None where they are those of the beginning.
    """

    def __init__(self, loop: Loop, assembly: Assembly, again: Callable[[], WatchPlan] | None) -> None:
        self._loop, self._again, self._lock = loop, again, threading.Lock()
        self.assembly = assembly

    def __call__(self) -> None:
        """Go on with the settings, and with the artifacts in force.

        Raises
        ------
        TocsinError
            If they cannot work; then nothing has changed.
        """
        with self._lock:
            found = self.assembly.reloaded(self._again() if self._again else self.assembly.plan)
            self._loop.reload(found.duties, found.sinks)
            self.assembly = found

    def duties(self) -> dict[str, Duty]:
        """Return the duties in force, by name."""
        return {duty.name: duty for own in self.assembly.duties.values() for duty in own}
