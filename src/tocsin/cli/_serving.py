"""Running the service in the foreground: where it listens, said; ended in good order."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

from tocsin.cli._logs import logging_to_errors
from tocsin.cli._stopping import stopping
from tocsin.core.errors import InputError, SettingError

if TYPE_CHECKING:
    from tocsin.service.settings import ServiceSettings

_LOG = logging.getLogger("tocsin.service")

VARIABLE = "TOCSIN_ADMIN_TOKEN"
_SHORTEST = 32

_WANTED = "Whoever asks needs a token: tocsin token create NAME"
_OPEN = "Whoever is on this machine may do everything, until there is a token: tocsin token create NAME"


def admin_token() -> str:
    """Return the token that the environment gives; "" where it gives none.

    Raises
    ------
    SettingError
        If it can be guessed.
    """
    found = os.environ.get(VARIABLE, "").strip()
    if found and len(found) < _SHORTEST:
        raise SettingError(
            f"${VARIABLE} has {len(found)} characters, and could be guessed.",
            remedy=f"Give {_SHORTEST} or more, by chance: openssl rand -hex 32",
        )
    return found


def serving(settings: ServiceSettings, *, as_json: bool = False, verbose: bool = False) -> None:
    """Run the service until Ctrl-C or SIGTERM.

    Parameters
    ----------
    settings
        What it is told.
    as_json
        Is its log JSON?
    verbose
        Does the log have a line for each request?

    Raises
    ------
    TocsinError
        What it cannot start or go on for.
    """
    from tocsin.service.serving import running

    with logging_to_errors(as_json=as_json, quiet=False), stopping() as stop:
        logging.getLogger("tocsin.service.requests").setLevel(logging.INFO if verbose else logging.WARNING)
        with running(settings) as service:
            _LOG.info("The service listens at %s; what can be asked: %s/docs", service.url, service.url)
            _LOG.info(_WANTED if service.desk.tokens.wanted else _OPEN)
            while not stop.wait(0.5):
                if not service.alive:
                    raise InputError("The service has ended by itself.", remedy="Its log tells why.")
        _LOG.info("Ended in good order.")
