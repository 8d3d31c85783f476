"""The desk: what the routes of a service share. Each thing is made when it is first asked for, and only once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from fastapi import Depends, Request

from tocsin.service.places import is_loopback
from tocsin.service.settings import ServiceSettings

if TYPE_CHECKING:
    from tocsin.lifecycle.registry import Registry
    from tocsin.service.analyses.shelf import Analyses
    from tocsin.service.jobs.jobs import Jobs
    from tocsin.service.live.hub import Hub
    from tocsin.service.scoring.express import Express
    from tocsin.service.tally import Tally
    from tocsin.service.tokens import Tokens
    from tocsin.store import Store

T = TypeVar("T")


class Desk:
    """What the routes of a service share.

    Parameters
    ----------
    settings
        What the service was told.
    """

    def __init__(self, settings: ServiceSettings) -> None:
        self.settings = settings
        self._lock = threading.RLock()
        self._there: dict[str, Any] = {}
        settings.folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    @property
    def tokens(self) -> Tokens:
        """Who may do what."""
        from tocsin.service.tokens import Tokens

        told = self.settings
        always = not is_loopback(told.host)
        return self._once("tokens", lambda: Tokens(told.folder / "tokens.json", also=told.token, always=always))

    @property
    def registry(self) -> Registry:
        """The artifacts, with their versions."""
        from tocsin.lifecycle.registry import Registry

        return self._once("registry", lambda: Registry(self.settings.folder / "artifacts"))

    @property
    def jobs(self) -> Jobs:
        """Long work, in processes of its own."""
        from tocsin.service.jobs.jobs import Jobs

        return self._once("jobs", lambda: Jobs(self.settings.folder / "jobs", limits=self.settings.limits))

    @property
    def analyses(self) -> Analyses:
        """Files that people look at."""
        from tocsin.service.analyses.shelf import Analyses

        return self._once("analyses", lambda: Analyses(self.settings.folder / "analyses", limits=self.settings.limits))

    @property
    def store(self) -> Store:
        """What watches have found."""
        from tocsin.store import open_store

        return self._once("store", lambda: open_store(self.settings.store))

    @property
    def hub(self) -> Hub:
        """What watches tell as it happens."""
        from tocsin.service.live.hub import Hub

        return self._once("hub", lambda: Hub(self.settings.limits))

    @property
    def express(self) -> Express:
        """Where a few readings are scored: at once, or in a thread."""
        from tocsin.service.scoring.express import Express

        return self._once("express", Express)

    @property
    def tally(self) -> Tally:
        """What the service counts of itself."""
        from tocsin.service.standing import standing
        from tocsin.service.tally import Tally

        return self._once("tally", lambda: Tally(lambda: standing(self)))

    def there(self, name: str) -> Any:
        """Return one of the things above if somebody has asked for it before, else None."""
        return self._there.get(name)

    def leave(self) -> None:
        """End live streams, which would go on for ever; called before the last answers are waited for."""
        if (hub := self.there("hub")) is not None:
            hub.close()

    def close(self) -> None:
        """End what was begun."""
        for name in ("hub", "jobs", "analyses", "store"):
            if (found := self.there(name)) is not None:
                found.close()

    def _once(self, name: str, make: Callable[[], T]) -> T:
        with self._lock:
            if name not in self._there:
                self._there[name] = make()
            found: T = self._there[name]
        return found


async def _desk(request: Request) -> Desk:
    found: Desk = request.app.state.desk
    return found


OurDesk = Annotated[Desk, Depends(_desk)]
"""A route's parameter of this type is the service's desk."""
