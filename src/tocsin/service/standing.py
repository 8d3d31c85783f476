"""How things stand with a service, for its metrics and for whoever asks whether it is ready."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tocsin.core.errors import TocsinError

if TYPE_CHECKING:
    from tocsin.service.desk import Desk


def standing(desk: Desk) -> Mapping[str, float]:
    """Return the gauges of a service; what nobody has asked for yet is not begun for it."""
    jobs, hub = desk.there("jobs"), desk.there("hub")
    states = Counter(job.state for job in jobs.all()) if jobs else Counter[str]()
    up, going = _store(desk)
    return {
        "tocsin_service_jobs_running": states["running"],
        "tocsin_service_jobs_waiting": states["queued"],
        "tocsin_service_viewers": hub.viewers if hub else 0,
        "tocsin_service_store_up": up,
        **({} if going is None else {"tocsin_service_open_incidents": going}),
    }


def waits_for(desk: Desk) -> str:
    """Return what the service waits for, in a sentence; "" where it is ready."""
    try:
        desk.store.open_count()
        desk.tokens.all()
    except TocsinError as error:
        return str(error)
    return ""


def _store(desk: Desk) -> tuple[int, int | None]:
    try:
        return 1, sum(desk.store.open_count().values())
    except TocsinError:
        return 0, None
