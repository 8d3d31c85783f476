"""The way to the service: everything that a page knows or does goes through here."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from tocsin.core.errors import TocsinError
from tocsin.dashboard.launch import SERVICE

if TYPE_CHECKING:
    import httpx2

_CONNECT_S, _ANSWER_S = 5.0, 120.0
_CHUNK = 1 << 20

Params = Mapping[str, Any] | None
"""What is asked for; what is None is left out."""


class ProblemError(TocsinError):
    """What the service answered instead: a sentence, and what to do.

    Parameters
    ----------
    status
        Of HTTP; 0 where the service could not be reached at all, 504 where it takes too long.
    detail
        What is wrong.
    remedy
        What to do about it.
    corrections
        The same for a click: ``{"label", "overrides"}`` or ``{"label", "sort": true}`` each.
    """

    def __init__(
        self, status: int, detail: str, *, remedy: str = "", corrections: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        super().__init__(detail, remedy=remedy)
        self.status, self.corrections = status, [dict(each) for each in corrections]


class Client:
    """Somebody who asks the service; threads may share it, and there is nothing to close.

    Parameters
    ----------
    url
        Of the service, such as "http://127.0.0.1:8420".
    token
        What the service asks for; "" for none.
    patience_s
        So long an answer may take.
    refused
        Called where the service does not know the token, or knows it no more.
    """

    def __init__(
        self,
        url: str,
        token: str = "",
        *,
        patience_s: float = _ANSWER_S,
        refused: Callable[[ProblemError], None] = lambda _: None,
    ) -> None:
        import httpx2

        self.url = url.rstrip("/")
        self._refused = refused
        self._http = httpx2.Client(
            base_url=self.url,
            headers={"authorization": f"Bearer {token}"} if token else {},
            timeout=httpx2.Timeout(patience_s, connect=min(patience_s, _CONNECT_S)),
            transport=connections(),
            trust_env=False,
        )

    def get(self, path: str, params: Params = None) -> Any:
        """Return what is at ``path``.

        Raises
        ------
        ProblemError
            If the service says no, or cannot be reached.
        """
        return self._ask("GET", path, params=params)

    def post(self, path: str, body: Any = None, *, params: Params = None) -> Any:
        """Send ``body`` as JSON; return the answer."""
        return self._ask("POST", path, params=params, json=body)

    def put(self, path: str, body: Any) -> Any:
        """Put ``body`` in the place of what is at ``path``; return the answer."""
        return self._ask("PUT", path, json=body)

    def delete(self, path: str) -> Any:
        """Remove what is at ``path``."""
        return self._ask("DELETE", path)

    def upload(
        self,
        path: str,
        content: bytes | Iterable[bytes],
        *,
        params: Params = None,
        media: str = "application/octet-stream",
    ) -> Any:
        """Send bytes as they come; return the answer."""
        return self._ask("POST", path, params=params, content=content, media=media)

    def download(self, path: str, params: Params = None) -> bytes:
        """Return the very bytes that are at ``path``."""
        with self._answer("GET", path, params=params) as answer:
            return answer.read()

    def _ask(
        self, method: str, path: str, *, params: Params = None, json: Any = None, content: Any = None, media: str = ""
    ) -> Any:
        with self._answer(method, path, params=params, json=json, content=content, media=media) as answer:
            answer.read()
            return answer.json() if answer.content else None

    @contextmanager
    def _answer(
        self, method: str, path: str, *, params: Params = None, json: Any = None, content: Any = None, media: str = ""
    ) -> Iterator[httpx2.Response]:
        import httpx2

        asked = {name: _text(value) for name, value in (params or {}).items() if value is not None}
        headers = {"content-type": media} if media else {}
        try:
            with self._http.stream(method, path, params=asked, json=json, content=content, headers=headers) as answer:
                if answer.status_code >= 400:
                    answer.read()
                    problem = _problem(answer)
                    if problem.status == 401:
                        self._refused(problem)
                    raise problem
                yield answer
        except httpx2.TransportError as error:
            raise _away(self.url, error) from None


def address() -> str:
    """Return where the service is."""
    return os.environ.get(SERVICE, "http://127.0.0.1:8420")


@cache
def connections() -> httpx2.HTTPTransport:
    """Return the connections to the service, which all visitors share and which end when nobody asks for a while.

    Each question brings its own token; so they know of nobody, and a visitor who goes leaves none of them open.
    """
    import httpx2

    return httpx2.HTTPTransport(trust_env=False)


def chunks(content: memoryview) -> Iterator[bytes]:
    """Yield ``content`` in pieces, so that nothing is held twice.

    >>> [len(piece) for piece in chunks(memoryview(bytes(1_500_000)))]
    [1048576, 451424]
    """
    for start in range(0, len(content), _CHUNK):
        yield bytes(content[start : start + _CHUNK])


def problem_of(status: int, told: Mapping[str, Any]) -> ProblemError:
    """Return a problem that the service told of."""
    remedy, fixes = str(told.get("remedy") or ""), told.get("fixes") or ()
    return ProblemError(int(told.get("status") or status), str(told["detail"]), remedy=remedy, corrections=fixes)


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, (list, tuple)) else value


def _problem(answer: httpx2.Response) -> ProblemError:
    try:
        told = answer.json()
        return problem_of(answer.status_code, told)
    except (ValueError, KeyError, TypeError):
        return ProblemError(
            answer.status_code,
            f"The service answered {answer.status_code}, in a way that is not known here.",
            remedy="Is it a tocsin service, of this version?",
        )


def _away(url: str, error: Exception) -> ProblemError:
    import httpx2

    if isinstance(error, httpx2.TimeoutException) and not isinstance(error, httpx2.ConnectTimeout):
        return ProblemError(504, f"The service at {url} takes too long to answer.", remedy="Try again in a while.")
    return ProblemError(0, f"The service at {url} cannot be reached.", remedy="Start it with: tocsin serve")
