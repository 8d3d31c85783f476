"""The service as one application: each file in ``routes`` is a part of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.resources import files

from fastapi import FastAPI

from tocsin import __version__
from tocsin.service import problems
from tocsin.service.desk import Desk
from tocsin.service.settings import ServiceSettings


def make_app(settings: ServiceSettings) -> FastAPI:
    """Return the service; nothing listens yet.

    Parameters
    ----------
    settings
        What it is told.
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
    )
    app.state.desk = desk
    problems.install(app)
    for name in _rooms():
        app.include_router(import_module(f"tocsin.service.routes.{name}").router)
    return app


def _rooms() -> list[str]:
    found = files("tocsin.service.routes").iterdir()
    return sorted(file.name[:-3] for file in found if file.name.endswith(".py") and not file.name.startswith("_"))
