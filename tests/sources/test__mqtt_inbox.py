from __future__ import annotations

import threading

from hypothesis import given
from hypothesis import strategies as st

from tocsin.sources._mqtt_inbox import MOST, MOST_BYTES, Inbox, Publish


def a_message(number: int, *, topic: str = "a", payload: bytes = b"!", again: bool = False) -> Publish:
    return Publish(topic, payload, number, again, retained=False)


def inbox(*, retained: bool = False) -> Inbox:
    return Inbox(lambda topic: topic != "theirs", lambda: None, retained=retained)


def test_nothing_is_acknowledged_before_it_is_safe() -> None:
    box = inbox()
    box.put([a_message(1), a_message(2), a_message(3)], 9)
    first = box.take(2, 0)
    assert [message.arrived for message in first.messages] == [9, 9]
    assert (box.acknowledgements(), first.waiting) == ([], 1)
    box.settle(first.serial)
    assert (box.acknowledgements(), box.acknowledgements()) == ([1, 2], [])


def test_what_is_not_ours_is_acknowledged_at_once_but_in_order() -> None:
    box = inbox()
    box.put([a_message(1, topic="theirs"), a_message(2), a_message(3, topic="theirs")], 9)
    assert box.acknowledgements() == [1]
    taken = box.take(9, 0)
    assert [message.topic for message in taken.messages] == ["a"]
    box.settle(taken.serial)
    assert box.acknowledgements() == [2, 3]


@given(st.lists(st.tuples(st.booleans(), st.booleans())), st.lists(st.integers(1, 5)))
def test_every_number_leaves_once_in_order_and_not_too_early(sent: list[tuple[bool, bool]], steps: list[int]) -> None:
    box = inbox()
    messages = [a_message(n, topic="a" if ours else "theirs") for n, (ours, _) in enumerate(sent, start=1)]
    left: list[int] = []
    for message in messages:
        box.put([message], 9)
    for most in [*steps, 1_000]:
        taken = box.take(most, 0)
        left += box.acknowledgements()
        ours = [message.number for message in messages if message.topic == "a"]
        done = taken.serial - len(taken.messages)
        assert [number for number in left if number in ours] == ours[:done]
        box.settle(taken.serial)
    assert left + box.acknowledgements() == [message.number for message in messages]


def test_a_message_that_the_broker_kept_for_newcomers_is_old() -> None:
    kept = Publish("a", b"!", 1, again=False, retained=True)
    box = inbox()
    box.put([kept], 9)
    assert (len(box.take(9, 0).messages), box.acknowledgements()) == (0, [1])
    box = inbox(retained=True)
    box.put([kept], 9)
    assert len(box.take(9, 0).messages) == 1


def test_numbers_of_a_former_connection_are_worth_nothing() -> None:
    box = inbox()
    box.put([a_message(1), a_message(2)], 9)
    taken = box.take(9, 0)
    box.reconnected(session=False)
    box.settle(taken.serial)
    assert box.acknowledgements() == []


def test_what_comes_again_is_not_read_again_but_acknowledged_with_the_first() -> None:
    box = inbox()
    box.put([a_message(1, payload=b"1"), a_message(2, payload=b"2"), a_message(3, payload=b"3")], 9)
    first = box.take(1, 0)
    box.settle(first.serial)
    assert box.acknowledgements() == [1]  # on its way as the connection breaks
    box.reconnected(session=True)
    box.put([a_message(n, payload=str(n).encode(), again=True) for n in (1, 2, 3)] + [a_message(4)], 10)
    assert box.acknowledgements() == [1]
    rest = box.take(9, 0)
    assert [message.payload for message in rest.messages] == [b"2", b"3", b"!"]
    box.settle(rest.serial)
    assert box.acknowledgements() == [2, 3, 4]


def test_another_message_under_the_same_number_is_news() -> None:
    box = inbox()
    box.put([a_message(1, payload=b"old")], 9)
    box.reconnected(session=True)
    box.put([a_message(1, payload=b"new", again=True)], 10)
    assert [message.payload for message in box.take(9, 0).messages] == [b"old", b"new"]


def test_it_says_when_it_is_full() -> None:
    box = inbox()
    box.put([a_message(0)] * (MOST - 1), 9)
    assert box.has_room
    box.put([a_message(0)], 9)
    assert not box.has_room
    box.take(MOST, 0)
    assert box.has_room
    box.put([a_message(0, payload=b"x" * MOST_BYTES)], 9)
    assert not box.has_room


def test_the_listener_is_woken_when_there_is_room_again() -> None:
    woken: list[int] = []
    box = Inbox(lambda _: True, lambda: woken.append(1))
    box.put([a_message(0)] * MOST, 9)
    box.take(1, 0)
    assert len(woken) == 1
    box.take(1, 0)
    assert len(woken) == 1


def test_a_shift_comes_before_what_arrived_after_it() -> None:
    box = inbox()
    box.put([a_message(0, payload=b"1")], 9)
    box.put([a_message(0, payload=b"2")], 9, shift_ns=7)
    box.put([], 9, shift_ns=5)
    assert box.is_shifted
    found = [box.take(9, 0) for _ in range(4)]
    assert [(len(taken.messages), taken.shift_ns) for taken in found] == [(1, 0), (1, 7), (0, 5), (0, 0)]
    assert not box.is_shifted


def test_whoever_waits_is_woken() -> None:
    box = inbox()
    later = threading.Timer(0.05, lambda: box.put([a_message(1)], 9))
    later.start()
    assert len(box.take(9, 60).messages) == 1
    threading.Timer(0.05, box.close).start()
    assert len(box.take(9, 60).messages) == 0
