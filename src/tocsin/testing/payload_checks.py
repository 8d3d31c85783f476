"""The checks that every payload must pass, own and third parties', as small named tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tocsin.core.arrivals import Arrivals, DeadLetter, Message
from tocsin.core.live import Payload
from tocsin.testing.check import Check, checks_of

_KEPT = 4_096

NONSENSE = (
    b"",
    b"\x00",
    b"\xff\xfe\xfd",
    b"?" * 70_000,
    b"[" * 70_000,
    b'{"a":' * 70_000,
    b'{"temp": 1',
    b'{"temp": {"temp": {"temp": []}}}',
    b'[[[[[["temp"]]]]]]',
    b"\x12\xff\xff\xff\xff\x0f",
    b"1e999999999",
    b";;;;;;;;",
    b"2026-01-31T12:00:00Z",
)
"""Messages as a broken, foreign or hostile device sends them; of some payloads, some mean something."""


@dataclass(frozen=True, eq=False)
class PayloadTrial:
    """A payload and messages in it.

    Parameters
    ----------
    make
        Makes a payload that remembers nothing yet.
    messages
        Ten or so, as devices send them; each but the first few may rely on those before.
    """

    make: Callable[[], Payload]
    messages: Sequence[Message]


def payload_checks() -> list[Check[PayloadTrial]]:
    """Return the checks that a payload must pass.

    Examples
    --------
    In a test file of a package with a payload of its own::

        @pytest.mark.parametrize("check", payload_checks(), ids=lambda check: check.name)
        def test_conforms(check):
            check(PayloadTrial(make, messages))
    """
    checks = (
        reads_what_devices_send,
        reads_the_same_in_any_portions,
        goes_on_after_a_restart,
        puts_nonsense_aside,
        reads_on_behind_nonsense,
        remembers_at_no_cost,
        says_when_a_reading_arrived,
    )
    return checks_of(checks)


def reads_what_devices_send(trial: PayloadTrial) -> None:
    """Messages yield readings, and none of them a dead letter; so do none at all."""
    arrivals, dead = trial.make().read(trial.messages)
    assert len(arrivals), "there are no readings"
    assert dead == (), f"what devices send means nothing: {dead[0].reason if dead else ''}"
    assert len(trial.make().read([])[0]) == 0


def reads_the_same_in_any_portions(trial: PayloadTrial) -> None:
    """In which portions messages come makes no difference to any reading."""
    whole = told(trial.make().read(trial.messages)[0])
    for size in (1, 2, 3, 7):
        payload = trial.make()
        pieces = [row for part in _portions(trial.messages, size) for row in told(payload.read(part)[0])]
        assert pieces == whole, f"in portions of {size} the readings differ"


def goes_on_after_a_restart(trial: PayloadTrial) -> None:
    """With what it remembered, another process goes on to the same readings, from anywhere."""
    whole = told(trial.make().read(trial.messages)[0])
    for cut in range(len(trial.messages) + 1):
        before, after = trial.make(), trial.make()
        first = told(before.read(trial.messages[:cut])[0])
        after.recall(before.memory())
        assert first + told(after.read(trial.messages[cut:])[0]) == whole, f"a restart at message {cut} is noticed"


def puts_nonsense_aside(trial: PayloadTrial) -> None:
    """Nothing that is sent raises; what means nothing is a dead letter with where, when, why and what, shortened."""
    letters: list[DeadLetter] = []
    for place, raw in enumerate(_nonsense(trial)):
        letters += trial.make().read([Message(trial.messages[0].topic, raw, place)])[1]
    assert letters, "nonsense is taken for readings"
    for letter in letters:
        assert letter.reason.endswith((".", "…")), f"no sentence: {letter.reason!r}"
        assert letter.origin == trial.messages[0].topic
        assert len(letter.payload) <= _KEPT, "a dead letter is kept in full length"


def reads_on_behind_nonsense(trial: PayloadTrial) -> None:
    """One bad message never stops the stream, and changes no good one."""
    expected = set(told(trial.make().read(trial.messages)[0]))
    for raw in _nonsense(trial):
        mixed = [one for message in trial.messages for one in (Message(message.topic, raw, 0), message)]
        missing = expected - set(told(trial.make().read(mixed)[0]))
        assert not missing, f"{raw[:20]!r} made {len(missing)} readings vanish"


def remembers_at_no_cost(trial: PayloadTrial) -> None:
    """What is remembered is the same bytes as long as nothing is learned; a journal asks with each batch."""
    payload = trial.make()
    payload.read(trial.messages)
    first = payload.memory()
    payload.read(trial.messages[-1:])
    assert payload.memory() == first or trial.messages[-1:] == trial.messages[:1]


def says_when_a_reading_arrived(trial: PayloadTrial) -> None:
    """Each reading bears the stamp of the message that it came in."""
    for message in trial.messages:
        payload = trial.make()
        payload.read(trial.messages)
        arrivals, _ = payload.read([message])
        assert set(arrivals.arrived.tolist()) <= {message.arrived}


def told(arrivals: Arrivals) -> list[tuple[object, ...]]:
    """Return readings as plain values that can be compared: device, time, arrival, and each channel with news.

    >>> some = Arrivals(("p",), ("t", "h"), np.array([0]), np.array([5]), np.array([[1.5, np.nan]]), np.array([7]))
    >>> told(some)
    [('p', 5, 7, False, (('t', 1.5, False),))]
    """
    bad = np.zeros(arrivals.values.shape, np.bool_) if arrivals.bad is None else arrivals.bad
    history = np.zeros(len(arrivals), np.bool_) if arrivals.history is None else arrivals.history
    return [
        (
            arrivals.devices[arrivals.device[row]],
            int(arrivals.time[row]),
            int(arrivals.arrived[row]),
            bool(history[row]),
            tuple(
                (name, float(value), bool(wrong))
                for name, value, wrong in zip(arrivals.channels, arrivals.values[row], bad[row], strict=True)
                if not np.isnan(value)
            ),
        )
        for row in range(len(arrivals))
    ]


def _nonsense(trial: PayloadTrial) -> tuple[bytes, ...]:
    """Return nonsense, and good messages cut short."""
    whole = trial.messages[0].payload
    return (*NONSENSE, *(whole[:cut] for cut in range(1, len(whole), 3)))


def _portions(messages: Sequence[Message], size: int) -> Iterator[Sequence[Message]]:
    for start in range(0, len(messages), size):
        yield messages[start : start + size]
