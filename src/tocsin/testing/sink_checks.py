"""The checks that every sink must pass, own and third parties', as small named tests."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from tocsin.core.discover import load
from tocsin.core.errors import SettingError
from tocsin.core.live import Sink
from tocsin.core.notices import Failure, Notice
from tocsin.testing.check import Check, checks_of

_SECOND_NS = 10**9


@dataclass(frozen=True)
class SinkTrial:
    """A sink under check, and what one can know of its receiver.

    Parameters
    ----------
    kind
        The sink's name, or its class where it is not installed as a part.
    text
        As it is written on the command line behind the name's colon.
    received
        Returns the (id, revision) of what has reached the receiver, in order of arrival; of a receiver that keeps only
        how things stand, the latest of each incident.
    wrong
        Texts that cannot work.
    away, back
        Takes the receiver away, and brings it back; None where nobody can.
    secret
        What stands in ``text`` and must be shown to nobody; "" for nothing.
    bound_s
        So long a call may take while the receiver is away, on a busy machine.
    """

    kind: str | type[Sink]
    text: str
    received: Callable[[], Sequence[tuple[str, int]]]
    wrong: tuple[str, ...] = ()
    away: Callable[[], None] | None = None
    back: Callable[[], None] | None = None
    secret: str = field(default="", repr=False)
    bound_s: float = 30.0

    @property
    def part(self) -> type[Sink]:
        """The sink's class."""
        return load("sinks", self.kind) if isinstance(self.kind, str) else self.kind

    def sink(self) -> Sink:
        """Return a new one."""
        return self.part.parse(self.text)


def sink_checks() -> list[Check[SinkTrial]]:
    """Return the checks that a sink must pass.

    Examples
    --------
    In a test file of a package with a sink of its own::

        @pytest.mark.parametrize("check", sink_checks(), ids=lambda check: check.name)
        def test_conforms(check):
            check(SinkTrial(MySink, "//localhost/alarms", received))
    """
    return checks_of(_CHECKS)


def story(name: str, *, device: str = "pump-1") -> list[Notice]:
    """Return the news of an incident called ``name``: it opens, changes and closes."""
    start = 1_700_000_000 * _SECOND_NS
    first = Notice(
        name, 0, "open", "anomaly", "", device, start, start + _SECOND_NS, start, start + _SECOND_NS, True, 3.0, 2.0,
        "major", (("temp", 0.75), ("flow", 0.25)), artifact="v1",
    )  # fmt: skip
    later = replace(first, revision=1, kind="update", regime="noticed", end=start + 9 * _SECOND_NS)
    return [first, later, replace(later, revision=2, kind="close", open=False)]


def described(trial: SinkTrial) -> None:
    """Its docstring begins with one line that a list can show."""
    first = (trial.part.__doc__ or "").strip().partition("\n")[0]
    assert 10 <= len(first) <= 120, f"the first line of the docstring is {first!r}"


def wrong_settings_are_refused(trial: SinkTrial) -> None:
    """What cannot work is refused before anything is opened, with a remedy."""
    for text in trial.wrong:
        remedy = None
        try:
            trial.part.parse(text)
        except SettingError as error:
            remedy = error.remedy
        assert remedy is not None, f"{text!r} is accepted"
        assert remedy, f"{text!r} is refused without a remedy"


def parsing_opens_nothing(trial: SinkTrial) -> None:
    """It can be made while the receiver is away, and closed without ever having sent."""
    if trial.away is not None and trial.back is not None:
        trial.away()
        try:
            trial.sink().close()
        finally:
            trial.back()
    trial.sink().close()


def nothing_is_nothing(trial: SinkTrial) -> None:
    """Sending no notices does nothing."""
    sink, before = trial.sink(), list(trial.received())
    assert list(sink.send([])) == []
    sink.close()
    assert list(trial.received()) == before


def all_news_arrives(trial: SinkTrial) -> None:
    """Opens, updates and closes arrive, each incident's in order, however they are divided into calls."""
    for cut in (3, 1):
        name = _fresh(trial, f"cut{cut}")
        sink, news = trial.sink(), story(name)
        for begin in range(0, len(news), cut):
            _taken(sink, news[begin : begin + cut])
        sink.close()
        _await(trial, lambda name=name: _order(trial, name)[-1:] == [2], "the close has not arrived")  # type: ignore[misc]  # bound here
        found = _order(trial, name)
        assert found == sorted(found), f"revisions arrived as {found}"


def once_more_is_harmless(trial: SinkTrial) -> None:
    """Sending the same again, from the beginning, is no failure, and the close has the last word."""
    name = _fresh(trial, "again")
    for sink in (trial.sink(), trial.sink()):
        _taken(sink, story(name))
        sink.close()
    _await(trial, lambda: _order(trial, name)[-1:] == [2], "the close has not arrived")


def any_name_arrives(trial: SinkTrial) -> None:
    """Names of devices in any script and with any sign arrive, and so do numbers that JSON does not know."""
    sink = trial.sink()
    for number, device in enumerate(("halle/3 #1+", 'a"b\\c\n{id}%', "Pumpe Süd 泵", "\ud800", "")):
        name = _fresh(trial, f"name{number}")
        (opened, *_) = story(name, device=device)
        _taken(sink, [replace(opened, limit=0.0, causes=(("a/b", float("nan")),))])
        _await(trial, lambda name=name: _order(trial, name) == [0], f"{device!r} has not arrived")  # type: ignore[misc]  # bound here
    sink.close()


def a_receiver_that_is_away_is_a_failure(trial: SinkTrial) -> None:
    """While the receiver is away, all notices come back as failures with a reason, in bounded time; then it goes on."""
    if trial.away is None or trial.back is None:
        return
    sink, name = trial.sink(), _fresh(trial, "away")
    _taken(sink, story(_fresh(trial, "before")))
    trial.away()
    try:
        begin = time.monotonic()
        failures = sink.send(story(name))
        took = time.monotonic() - begin
    finally:
        trial.back()
    assert [failure.notice for failure in failures] == story(name), "a notice is neither delivered nor a failure"
    assert all(failure.reason and not failure.final for failure in failures), failures
    assert took <= trial.bound_s, f"it took {took:.1f} s"
    _delivered(sink, story(name), trial)
    sink.close()
    _await(trial, lambda: _order(trial, name)[-1:] == [2], "the close has not arrived")


def closing_twice_is_harmless(trial: SinkTrial) -> None:
    """It can be closed twice, after sending, too."""
    sink = trial.sink()
    sink.send(story(_fresh(trial, "twice")))
    sink.close()
    sink.close()


def secrets_are_shown_to_nobody(trial: SinkTrial) -> None:
    """What it says of itself, and of failures, holds no password."""
    if not trial.secret:
        return
    sink = trial.sink()
    failures: Sequence[Failure] = ()
    if trial.away is not None and trial.back is not None:
        trial.away()
        try:
            failures = sink.send(story("secret"))
        finally:
            trial.back()
    sink.close()
    assert trial.secret not in f"{sink!r} {[failure.reason for failure in failures]}"


def _taken(sink: Sink, notices: Sequence[Notice]) -> None:
    failures = sink.send(notices)
    assert not failures, f"{failures[0].notice.device!r}: {failures[0].reason}"


def _delivered(sink: Sink, notices: Sequence[Notice], trial: SinkTrial) -> None:
    """Send until all is taken: a receiver that is back may need a moment."""
    end = time.monotonic() + trial.bound_s
    while failures := sink.send(notices):
        assert time.monotonic() < end, f"it is back, and still: {failures[0].reason}"
        time.sleep(0.05)


def _order(trial: SinkTrial, name: str) -> list[int]:
    return [revision for own, revision in trial.received() if own == name]


def _await(trial: SinkTrial, met: Callable[[], bool], why: str) -> None:
    end = time.monotonic() + trial.bound_s
    while not met():
        assert time.monotonic() < end, f"{why}: {list(trial.received())[-5:]}"
        time.sleep(0.02)


def _fresh(trial: SinkTrial, name: str) -> str:
    """Return an id that the receiver does not know."""
    known = {own for own, _ in trial.received()}
    return next(found for number in range(10_000) if (found := f"{name}-{number}") not in known)


_CHECKS = (
    described,
    wrong_settings_are_refused,
    parsing_opens_nothing,
    nothing_is_nothing,
    all_news_arrives,
    once_more_is_harmless,
    any_name_arrives,
    a_receiver_that_is_away_is_a_failure,
    closing_twice_is_harmless,
    secrets_are_shown_to_nobody,
)
