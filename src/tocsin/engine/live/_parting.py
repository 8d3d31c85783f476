"""Incidents of an artifact that has been replaced: its memory means nothing to the new one, so they end."""

from __future__ import annotations

from dataclasses import fields, replace

from tocsin.alerting import Watch
from tocsin.core.notices import Notice
from tocsin.engine.live._pack import Packed
from tocsin.engine.live._telling import notice_of
from tocsin.engine.live.duty import Duty

_POLICY = "policy."


def ended(page: Packed, duty: Duty) -> list[Notice]:
    """Return news that the incidents on a page of an earlier artifact are over, as they stood.

    Causes are left out, as the channels may be others now.
    """
    arrays = {name.removeprefix(_POLICY): array for name, array in page.arrays.items() if name.startswith(_POLICY)}
    if arrays.keys() != {field.name for field in fields(Watch)}:
        return []
    _, events = duty.artifact.policy.dismiss(Watch(**arrays))
    return [
        notice_of(
            replace(event, incident=replace(event.incident, shares=())),
            duty=duty,
            device=page.names[event.incident.device],
            group="",
        )
        for event in events
    ]
