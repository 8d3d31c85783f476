"""The desk: what the routes of a service share. Each thing is made when it is first asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from tocsin.service.places import is_loopback
from tocsin.service.settings import ServiceSettings

if TYPE_CHECKING:
    from tocsin.lifecycle.registry import Registry
    from tocsin.service.analyses.shelf import Analyses
    from tocsin.service.jobs.jobs import Jobs
    from tocsin.service.live.hub import Hub
    from tocsin.service.tokens import Tokens
    from tocsin.store import Store


class Desk:
    """What the routes of a service share.

    Parameters
    ----------
    settings
        What the service was told.
    """

    def __init__(self, settings: ServiceSettings) -> None:
        self.settings = settings
        settings.folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    @cached_property
    def tokens(self) -> Tokens:
        """Who may do what."""
        from tocsin.service.tokens import Tokens

        settings = self.settings
        return Tokens(settings.folder / "tokens.json", also=settings.token, always=not is_loopback(settings.host))

    @cached_property
    def registry(self) -> Registry:
        """The artifacts, with their versions."""
        from tocsin.lifecycle.registry import Registry

        return Registry(self.settings.folder / "artifacts")

    @cached_property
    def jobs(self) -> Jobs:
        """Long work, in processes of its own."""
        from tocsin.service.jobs.jobs import Jobs

        return Jobs(self.settings.folder / "jobs", limits=self.settings.limits)

    @cached_property
    def analyses(self) -> Analyses:
        """Files that people look at."""
        from tocsin.service.analyses.shelf import Analyses

        return Analyses(self.settings.folder / "analyses", limits=self.settings.limits)

    @cached_property
    def store(self) -> Store:
        """What watches have found."""
        from tocsin.store import open_store

        return open_store(self.settings.store)

    @cached_property
    def hub(self) -> Hub:
        """What watches tell as it happens."""
        from tocsin.service.live.hub import Hub

        return Hub(self.settings.limits)

    def leave(self) -> None:
        """End live streams, which would go on for ever; called before the last answers are waited for."""
        if (hub := self.__dict__.get("hub")) is not None:
            hub.close()

    def close(self) -> None:
        """End what was begun."""
        for name in ("hub", "jobs", "analyses", "store"):
            if (found := self.__dict__.get(name)) is not None:
                found.close()


def _desk(request: Request) -> Desk:
    found: Desk = request.app.state.desk
    return found


OurDesk = Annotated[Desk, Depends(_desk)]
"""A route's parameter of this type is the service's desk."""
