"""The service as one application: each file in ``routes`` is a part of it, and guards stand before them all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.resources import files

from fastapi import FastAPI

from tocsin import __version__
from tocsin.service import description, manual, problems
from tocsin.service.access import whose
from tocsin.service.desk import Desk
from tocsin.service.doors import Doors
from tocsin.service.guards.bodies import Bodies, BodyLimits
from tocsin.service.guards.crowd import Crowd
from tocsin.service.guards.pace import Pace
from tocsin.service.guards.place import Place
from tocsin.service.guards.porter import Porter
from tocsin.service.guards.seals import Seals
from tocsin.service.places import is_loopback
from tocsin.service.settings import ServiceSettings


def make_app(settings: ServiceSettings, *, listening: bool = False) -> FastAPI:
    """Return the service; nothing listens yet.

    Parameters
    ----------
    settings
        What it is told.
    listening
        Will it listen where the settings say? Then it knows its own names, and refuses what was led there by others.
    """
    desk = Desk(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        try:
            yield
        finally:
            desk.close()

    app = FastAPI(
        title="tocsin",
        version=__version__,
        summary="Turns sensor readings into alarms people trust.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.desk, doors = desk, Doors(lambda: app.openapi())
    problems.install(app, doors.methods)
    manual.install(app)
    for name in _rooms():
        app.include_router(import_module(f"tocsin.service.routes.{name}").router)
    description.install(app)
    _guard(app, desk, doors, listening=listening)
    return app


def _guard(app: FastAPI, desk: Desk, doors: Doors, *, listening: bool) -> None:
    """Set up guards, the innermost first."""
    limits = desk.settings.limits
    bodies = BodyLimits(
        file_bytes=limits.body_bytes,
        json_bytes=limits.json_bytes,
        order_bytes=min(limits.order_bytes, limits.json_bytes),
        silence_s=limits.slowest_s,
        least_bytes_per_s=limits.slowest_bytes_per_s,
    )
    app.add_middleware(Bodies, limits=bodies, held=doors.held)
    app.add_middleware(Pace, per_s=limits.requests_per_s, whose=lambda asked: whose(desk, asked))
    app.add_middleware(Crowd, most=limits.requests, whose=lambda asked: whose(desk, asked))
    if listening:
        hosts = desk.settings.known_as or (() if is_loopback(desk.settings.host) else None)
        app.add_middleware(Place, hosts=hosts, wanted=lambda: desk.tokens.wanted)
    app.add_middleware(Seals)
    app.add_middleware(Porter, tally=desk.tally)


def _rooms() -> list[str]:
    """Return the names of the files of routes; routes are tried in turn, so that first which is most in a hurry."""
    found = files("tocsin.service.routes").iterdir()
    names = [file.name[:-3] for file in found if file.name.endswith(".py") and not file.name.startswith("_")]
    return sorted(names, key=lambda name: (name != "scoring", name))
