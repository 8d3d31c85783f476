"""Is it there, is it ready, who am I: what load balancers and clients ask first."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from tocsin import __version__
from tocsin.service.access import Reader
from tocsin.service.desk import OurDesk

router = APIRouter(tags=["health"])


@router.get("/healthz")
def healthz() -> dict[str, str]:
    """Tell that the service is alive."""
    return {"status": "ok"}


@router.get("/v1/me")
def me(caller: Reader, desk: OurDesk) -> dict[str, Any]:
    """Tell who asks, what they may do, and how much the service takes on."""
    limits = desk.settings.limits
    return {
        "name": caller.name,
        "scope": caller.scope.name,
        "open": not desk.tokens.wanted,
        "version": __version__,
        "limits": {"body_bytes": limits.body_bytes, "rows": limits.rows, "jobs": limits.jobs},
    }
