"""People: news of incidents by e-mail, Slack, Teams, Telegram and the hundred other services that Apprise knows."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar

from tocsin.core.errors import MissingExtraError, SettingError
from tocsin.core.live import Sink
from tocsin.core.notices import Failure, Notice, rfc3339

if TYPE_CHECKING:
    from apprise import Apprise

_ALONE = 3
_LINES = 20
_URL = re.compile(r"(\w+)://\S+")


class Notify(Sink):
    """Tells people: ``notify:mailto://user:password@example.com?to=me@example.com``.

    The address is one of Apprise (https://github.com/caronc/apprise/wiki); several are separated by spaces, each is
    tried by itself, and only where it failed again. Without ``kinds=`` people are told when an incident opens and when
    it is over. More than three at a time come as one message with a line for each.

    Most services cannot tell a repetition: a message that was on its way when tocsin was killed may come twice.

    Parameters
    ----------
    urls
        Addresses of services.
    """

    kinds: ClassVar[tuple[str, ...]] = ("open", "close")

    def __init__(self, *urls: str) -> None:
        self._services = [_service(url) for url in urls]
        self._taken: dict[tuple[str, int], set[int]] = {}

    @classmethod
    def parse(cls, text: str) -> Notify:
        """Return who is told, as Apprise's addresses in ``text``.

        Raises
        ------
        MissingExtraError
            Without Apprise.
        """
        urls = re.split(r"\s+|,(?=[a-z]+://)", text.removesuffix("#").strip())
        if not any(urls):
            raise SettingError(
                "notify needs an address.", remedy="For example: notify:slack://TokenA/TokenB/TokenC/#alarms"
            )
        return cls(*filter(None, urls))

    def send(self, notices: Sequence[Notice]) -> Sequence[Failure]:
        """Tell every service; what some of them did not take fails, and is tried again with those alone."""
        reasons: dict[tuple[str, int], str] = {}
        for number, service in enumerate(self._services):
            waiting = [notice for notice in notices if number not in self._taken.get(_name(notice), ())]
            reasons |= self._tell(number, service, waiting)
        for notice in notices:
            if _name(notice) not in reasons:
                self._taken.pop(_name(notice), None)
        return [Failure(notice, reasons[_name(notice)]) for notice in notices if _name(notice) in reasons]

    def _tell(self, number: int, service: Apprise, waiting: Sequence[Notice]) -> dict[tuple[str, int], str]:
        """Tell one service until it takes nothing; return why, for each that it did not take."""
        size = 1 if len(waiting) <= _ALONE else len(waiting)
        for begin in range(0, len(waiting), size):
            some = waiting[begin : begin + size]
            if reason := _sent(service, some):
                return {_name(notice): reason for notice in waiting[begin:]}
            for notice in some:
                self._taken.setdefault(_name(notice), set()).add(number)
        return {}


def message(notices: Sequence[Notice]) -> tuple[str, str]:
    """Return the title and the text of a message to people.

    >>> cause = (("temp", 1.0),)
    >>> one = Notice("1f", 0, "open", "anomaly", "", "pump-1", 0, 0, 0, 0, True, 3.0, 2.0, "major", cause)
    >>> title, text = message([one])
    >>> title
    'tocsin: pump-1, major anomaly'
    >>> print(text)
    pump-1: major anomaly opened, 1.5 times the limit, mainly temp (100 %)
    Since 1970-01-01T00:00:00Z. Incident 1f.
    """
    if len(notices) > 1:
        rest = len(notices) - _LINES
        lines = [notice.text() for notice in notices[:_LINES]]
        more = [f"… and {rest} more: tocsin incidents"] if rest > 0 else []
        going = sum(notice.open for notice in notices)
        return f"tocsin: {len(notices)} incidents, {going} of them open", "\n".join([*lines, *more])
    (notice,) = notices
    what = ("silent" if notice.open else "silent no longer") if notice.what == "stale" else f"{notice.grade} anomaly"
    over = " is over" if notice.what == "anomaly" and not notice.open else ""
    end = "" if notice.open else f" Until {rfc3339(notice.end)}."
    since = f"Since {rfc3339(notice.start)}.{end} Incident {notice.id}."
    return f"tocsin: {notice.device}, {what}{over}", f"{notice.text()}\n{since}"


def _name(notice: Notice) -> tuple[str, int]:
    return notice.id, notice.revision


def _service(url: str) -> Apprise:
    with warnings.catch_warnings(), _listening() as said:
        warnings.simplefilter("ignore")  # what it makes of the standard library is its own affair
        try:
            import apprise
        except ImportError as error:
            raise MissingExtraError("The sink notify", extra="serve", library="apprise") from error
        service = apprise.Apprise()
        if not service.add(url):
            why = f" ({said.reason})" if said.reason else ""
            raise SettingError(
                f"{url.partition(':')[0]}:… is no address that Apprise understands{why}.",
                remedy="Look it up: https://github.com/caronc/apprise/wiki",
            )
    return service


def _sent(service: Apprise, notices: Sequence[Notice]) -> str:
    """Send a message; return why it failed, "" where it did not."""
    title, body = message(notices)
    kind = "success" if not any(notice.open for notice in notices) else "warning"
    with _listening() as said:
        return "" if service.notify(body=body, title=title, notify_type=kind) else said.reason or "it was not taken"


class _Said(logging.Handler):
    """What Apprise says meanwhile: it tells the reason of a failure to its log alone."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._lines: list[str] = []

    @property
    def reason(self) -> str:
        """The last two things it said."""
        return "; ".join(self._lines[-2:])

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what is said."""
        self._lines.append(_URL.sub(r"\1://…", record.getMessage().rstrip(".")))


@contextmanager
def _listening() -> Iterator[_Said]:
    said, log = _Said(), logging.getLogger("apprise")
    log.addHandler(said)
    try:
        yield said
    finally:
        log.removeHandler(said)
