"""A plan becomes parts: artifacts are opened, sources and sinks made, and nothing on the network is touched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tocsin.core.errors import SettingError
from tocsin.core.live import Expected, Sink, Source
from tocsin.wiring.edge import artifact_paths
from tocsin.wiring.watch_plan import WatchPlan

if TYPE_CHECKING:
    from tocsin.artifact.artifact import Artifact
    from tocsin.cascade.uplink import Uplink
    from tocsin.engine.live.duty import Duty
    from tocsin.engine.live.feed import Feed, Onlooker
    from tocsin.engine.live.herald import Herald
    from tocsin.engine.live.meters import Meters
    from tocsin.sources import Layout
    from tocsin.store import Store


@dataclass(frozen=True, eq=False)
class Assembly:
    """The parts of a watch, ready to run.

    Parameters
    ----------
    plan
        What was asked for.
    sources
        By name; nothing is opened yet.
    duties
        For each source by its name, whom its readings are for.
    sinks
        By name; nothing is opened yet.
    """

    plan: WatchPlan
    sources: Mapping[str, Source]
    duties: Mapping[str, tuple[Duty, ...]]
    sinks: Mapping[str, Sink]

    @classmethod
    def of(cls, plan: WatchPlan, *, before: Assembly | None = None) -> Assembly:
        """Open the artifacts, and make sources and sinks.

        Parameters
        ----------
        plan
            What is asked for.
        before
            What runs now: its sources, and its sinks where their settings are the same, are taken over.

        Raises
        ------
        SettingError, ArtifactError
            With the first thing that cannot work, and its place.
        MissingExtraError
            If a part needs a library that is not installed.
        """
        plan.store.check()
        plan.cascade.check()
        trust, paths, forward = plan.trust.trust(plan.folder), artifact_paths(plan), plan.cascade.forwarding()
        made = {
            name: own.duty(
                name,
                place=paths[name],
                where=plan.where("watch", name),
                trust=trust,
                forward=forward,
                stretches=plan.stretches_only(name),
            )
            for name, own in plan.duties.items()
        }
        duties = {name: tuple(made[own] for own in plan.duties_of(name)) for name in plan.sources}
        if before is not None:
            return cls(plan, before.sources, duties, _sinks(plan, before))
        sources = {
            name: own.source(expected(duties[name]), where=plan.where("source", name))
            for name, own in plan.sources.items()
        }
        return cls(plan, sources, duties, _sinks(plan, None))

    def herald(self, *, token: str) -> Herald | None:
        """Return who tells the service what is judged; None where there is no service.

        Parameters
        ----------
        token
            What the service asks for; "" where it asks for none.

        Raises
        ------
        SettingError
            If the service's URL is none.
        """
        from tocsin.engine.live.herald import Herald

        url = self.plan.service.url
        return Herald(url, watch=", ".join(self.sources), token=token) if url else None

    def feeds(self, store: Store, meters: Meters, *, fresh: bool, onlooker: Onlooker | None = None) -> list[Feed]:
        """Return the feeds that read the sources, judge what they bring, and write it to ``store``.

        Parameters
        ----------
        store, meters, fresh, onlooker
            As :class:`~tocsin.engine.live.feed.Feed` takes them.
        """
        from tocsin.engine.live.feed import Feed
        from tocsin.engine.live.pace import Pace

        return [
            Feed(
                name,
                self.sources[name],
                self.duties[name],
                store,
                sinks=tuple(self.sinks),
                pace=Pace(most_rows=own.batch_rows, most_ms=own.batch_ms),
                meters=meters,
                fresh=fresh,
                onlooker=onlooker,
            )
            for name, own in self.plan.sources.items()
        ]

    def uplink(self, store: Store, meters: Meters) -> Uplink | None:
        """Return who sends to the centre what is forwarded; None where there is no centre.

        Raises
        ------
        SettingError
            If the centre's broker cannot be one.
        """
        own = self.plan.cascade
        if not own.uplink:
            return None
        from tocsin.cascade.uplink import Uplink
        from tocsin.cascade.uplink_place import UplinkPlace, own_name

        place = UplinkPlace.parse(own.uplink, where="[cascade] uplink")
        return Uplink(
            place,
            own_name(own.edge),
            store,
            meters,
            gather_ns=own.gather_ns,
            keep_ns=own.keep_ns,
            context=(own.before, own.after),
        )

    def reloaded(self, plan: WatchPlan) -> Assembly:
        """Return the parts of another plan that can take the place of these while they run.

        Raises
        ------
        SettingError
            If it has other sources, another store, metrics, service or cascade: these need a restart.
        """
        for name in ("sources", "store", "metrics", "service", "cascade"):
            if getattr(plan, name) != getattr(self.plan, name):
                raise SettingError(
                    f"The {name} cannot be exchanged while they run.", remedy="Restart the watch for that."
                )
        return Assembly.of(plan, before=self)


def _sinks(plan: WatchPlan, before: Assembly | None) -> dict[str, Sink]:
    """Return the sinks; one that is set as before is the same object."""
    old = {} if before is None else before.sinks
    same = {name for name in old if before is not None and plan.sinks.get(name) == before.plan.sinks[name]}
    return {
        name: old[name] if name in same else own.sink(where=plan.where("sink", name))
        for name, own in plan.sinks.items()
    }


def expected(duties: Iterable[Duty]) -> Expected:
    """Return what a source may know of readings: what the artifacts' tables looked like, where they agree.

    Parameters
    ----------
    duties
        Whom the readings are for.
    """
    artifacts = [duty.artifact for duty in duties]
    layouts: list[Layout] = [artifact.layout for artifact in artifacts]
    formats = {layout.time_format for layout in layouts}
    zones = {layout.timezone for layout in layouts}
    one = formats.pop() if len(formats) == 1 else ""
    return Expected(
        channels=_once(name for artifact in artifacts for name in artifact.schema.names),
        time=_once(name for layout in layouts for name in layout.time),
        device=_once(layout.device for layout in layouts if layout.device),
        time_format="" if one == "row" else one,
        timezone=zones.pop() if len(zones) == 1 else "UTC",
        missing=_once(text for layout in layouts for text in layout.missing),
        context=(
            max((artifact.window - 1 for artifact in artifacts), default=0),
            max((artifact.window - 1 + _calm(artifact) for artifact in artifacts), default=0),
        ),
    )


def _calm(artifact: Artifact) -> int:
    """Return how many windows below the limit end an incident."""
    return max(law.release_after for law in artifact.policy.tables.laws)


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
