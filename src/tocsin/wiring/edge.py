"""The parts of an edge that its settings ask for: which artifacts are in force, and who speaks with the centre."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.core.errors import SettingError
from tocsin.wiring.durations import duration_ns

if TYPE_CHECKING:
    from tocsin.cascade.agent import Agent
    from tocsin.cascade.gauge import Gauge
    from tocsin.cascade.pushed import Pushed
    from tocsin.engine.live.duty import Duty
    from tocsin.engine.live.meters import Meters
    from tocsin.wiring.watch_plan import WatchPlan


def pushed_of(plan: WatchPlan) -> Pushed | None:
    """Return the pushed artifacts of a watch; None where it takes none up.

    Raises
    ------
    SettingError
        If it would take up any, signed or not.
    """
    own = plan.cascade
    if not own.artifacts:
        return None
    from tocsin.cascade.pushed import Pushed
    from tocsin.cascade.uplink_place import own_name

    trust = plan.trust.trust(plan.folder)
    if not own.uplink or not trust:
        lacking = "[trust] keys" if own.uplink else "[cascade] uplink"
        raise SettingError(
            f"[cascade] artifacts is on, but {lacking} is not set.",
            remedy="Pushed artifacts come over the uplink, and must be signed by a key that is trusted.",
        )
    configured = {name: plan.folder / duty.artifact for name, duty in plan.duties.items()}
    return Pushed(plan.folder / own.folder, configured, trust=trust, edge=own_name(own.edge))


def artifact_paths(plan: WatchPlan) -> dict[str, Path]:
    """Return where the artifact of each duty lies: the one that was pushed, where one is in force."""
    found = pushed_of(plan)
    return {name: plan.folder / own.artifact for name, own in plan.duties.items()} if found is None else found.paths()


def agent_of(
    plan: WatchPlan,
    gauge: Gauge,
    meters: Meters,
    *,
    duties: Callable[[], Mapping[str, Duty]],
    pushed: Pushed | None,
    exchange: Callable[[], None],
) -> Agent:
    """Return who speaks with the centre; nothing is opened yet.

    Parameters
    ----------
    plan
        With an uplink.
    gauge, meters, duties, pushed, exchange
        As :class:`~tocsin.cascade.agent.Agent` takes them.

    Raises
    ------
    SettingError
        If the uplink's address or a time is none.
    """
    from tocsin.cascade.agent import Agent, Pace
    from tocsin.cascade.uplink_place import UplinkPlace, own_name

    own = plan.cascade
    pace = Pace(
        duration_ns(own.sketch_every, where="[cascade] sketch_every", without="never") / 1e9,
        duration_ns(own.probation, where="[cascade] probation") / 1e9,
        own.probation_readings,
    )
    return Agent(
        UplinkPlace.parse(own.uplink, where="[cascade] uplink"),
        own_name(own.edge),
        duties=duties,
        meters=meters,
        gauge=gauge,
        pace=pace,
        folder=plan.folder / own.folder,
        pushed=pushed,
        exchange=exchange,
    )
