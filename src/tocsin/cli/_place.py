"""A running service as the command line asks it: with the standard library alone, so that a verb starts at once."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tocsin.core.errors import InputError

_PATIENCE_S = 60.0

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""No proxy of the environment stands between us and a service in the plant."""


@dataclass(frozen=True)
class Place:
    """Where a service is.

    Parameters
    ----------
    url
        Its address, without a slash at the end.
    token
        What it is asked with; "" for none. Never printed.
    """

    url: str
    token: str = field(default="", repr=False)

    def ask(self, path: str, *, body: bytes | None = None) -> Any:
        """Return what the service answers to a GET, or to a POST where there is a body.

        Raises
        ------
        InputError
            If nobody answers, somebody else does, or the service says no.
        """
        headers = {"Content-Type": "application/octet-stream"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(self.url + path, data=body, headers=headers)
        try:
            with _OPENER.open(request, timeout=_PATIENCE_S) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            raise self._refused(refused) from None
        except (OSError, urllib.error.URLError) as error:
            reason = getattr(error, "reason", error)
            raise InputError(
                f"No service answers at {self.url} ({reason}).", remedy="Check the address, or start: tocsin serve"
            ) from None
        except ValueError:
            raise self._stranger() from None

    def check(self) -> None:
        """Refuse what is no service, and a token that it does not know.

        Raises
        ------
        InputError
            In these cases, and if nobody answers.
        """
        parts = urllib.parse.urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise InputError(f"{self.url} is no address of a service.", remedy="Give one such as http://127.0.0.1:8420")
        found = self.ask("/healthz")
        if not isinstance(found, dict) or found.get("status") != "ok":
            raise self._stranger()
        if self.token:
            self.ask("/v1/me")

    def guarded(self) -> bool:
        """Tell whether it wants a token of whoever asks."""
        try:
            return not Place(self.url).ask("/v1/me")["open"]
        except InputError:
            return True

    def shelve(self, artifact: Path) -> str:
        """Add an artifact under the name of its file; return what came of it, in words.

        The same bytes are not added twice.

        Raises
        ------
        InputError
            If the service does not take it.
        """
        name = urllib.parse.quote(artifact.stem, safe="")
        version = self.ask(f"/v1/artifacts/{name}", body=artifact.read_bytes())
        force = "in force" if version["active"] else "not in force: the page Artifacts activates it"
        return f"{artifact.stem} is on the shelf as version {version['version']}, {force}"

    def _refused(self, answer: urllib.error.HTTPError) -> InputError:
        try:
            told = json.load(answer)
            return InputError(told["detail"], remedy=told["remedy"])
        except (ValueError, KeyError, TypeError, OSError):
            return self._stranger()

    def _stranger(self) -> InputError:
        return InputError(f"What answers at {self.url} is no tocsin service.", remedy="Check the address and its port.")


def answers(url: str) -> bool:
    """Tell whether an address answers with success."""
    try:
        with _OPENER.open(url, timeout=5.0) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
