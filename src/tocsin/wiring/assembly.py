"""A plan becomes parts: artifacts are opened, sources and sinks made, and nothing on the network is touched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tocsin.core.live import Expected, Sink, Source
from tocsin.wiring.watch_plan import WatchPlan

if TYPE_CHECKING:
    from tocsin.engine.duty import Duty
    from tocsin.sources import Layout


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
    def of(cls, plan: WatchPlan) -> Assembly:
        """Open the artifacts, and make sources and sinks.

        Raises
        ------
        SettingError, ArtifactError
            With the first thing that cannot work, and its place.
        MissingExtraError
            If a part needs a library that is not installed.
        """
        plan.store.retention()
        made = {
            name: own.duty(name, folder=plan.folder, where=plan.where("watch", name))
            for name, own in plan.duties.items()
        }
        duties = {name: tuple(made[own] for own in plan.duties_of(name)) for name in plan.sources}
        return cls(
            plan,
            {
                name: own.source(expected(duties[name]), where=plan.where("source", name))
                for name, own in plan.sources.items()
            },
            duties,
            {name: own.sink(where=plan.where("sink", name)) for name, own in plan.sinks.items()},
        )


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
    )


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
