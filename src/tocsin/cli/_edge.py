"""A watch at the edge of a cascade: pushed artifacts are taken up while it runs, and the centre learns how it does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tocsin.core.errors import ArtifactError, TocsinError

if TYPE_CHECKING:
    from tocsin.cascade.gauge import Gauge
    from tocsin.cascade.pushed import Pushed
    from tocsin.cli._exchanging import Exchange
    from tocsin.core.frames import Frame
    from tocsin.core.notices import Notice
    from tocsin.engine.live.feed import Onlooker
    from tocsin.engine.live.meters import Meters
    from tocsin.wiring.assembly import Assembly
    from tocsin.wiring.watch_plan import WatchPlan


class Edge:
    """What a watch with an uplink has beside its feeds.

    Parameters
    ----------
    assembly
        What runs.
    again
        Reads its settings anew; None where there is no file to read.

    Attributes
    ----------
    assembly : Assembly
        What runs: another one, where an artifact was rolled back at the start.
    """

    def __init__(self, assembly: Assembly, again: Callable[[], WatchPlan] | None) -> None:
        from tocsin.wiring.assembly import Assembly
        from tocsin.wiring.edge import pushed_of

        self._pushed: Pushed | None = pushed_of(assembly.plan)
        self._gauge: Gauge | None = _gauge() if assembly.plan.cascade.uplink else None
        changed = self._pushed is not None and self._pushed.start()
        self.assembly = Assembly.of(again() if again else assembly.plan) if changed else assembly

    def onlooker(self, other: Onlooker | None) -> Onlooker | None:
        """Return who is shown all verdicts: the service, where there is one, and the gauge of an edge."""
        if self._gauge is None or other is None:
            return other if self._gauge is None else self._gauge.show
        mine, theirs = self._gauge.show, other

        def both(frames: Sequence[Frame], news: Sequence[Notice]) -> None:
            mine(frames, news)
            theirs(frames, news)

        return both

    @contextmanager
    def speaking(self, meters: Meters, exchange: Exchange) -> Iterator[None]:
        """Speak with the centre meanwhile; what ends the watch by an error speaks against a new artifact."""
        from tocsin.wiring.edge import agent_of

        if self._gauge is None:
            yield
            return
        plan = self.assembly.plan
        agent = agent_of(
            plan, self._gauge, meters, duties=exchange.duties, pushed=self._pushed, exchange=exchange.__call__
        )
        agent.start()
        try:
            yield
        except Exception as error:
            if isinstance(error, ArtifactError) or not isinstance(error, TocsinError):  # as graphs fail once they run
                self._blame(f"The watch failed: {error}")
            raise
        finally:
            agent.stop()

    def end(self) -> None:
        """Take note that the watch was not killed."""
        if self._pushed is not None:
            self._pushed.end()

    def _blame(self, why: str) -> None:
        if self._pushed is not None:
            self._pushed.fail(why)


def _gauge() -> Gauge:
    from tocsin.cascade.gauge import Gauge

    return Gauge()
