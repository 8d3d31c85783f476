from __future__ import annotations

import numpy as np
import pytest

from tocsin.core.arrivals import Arrivals
from tocsin.core.live import Batch, Position
from tocsin.testing.toy_sources import Mailbox, MailboxSource, Shelf, ShelfSource


class Hands:
    """Takes lanes over where it is told to."""

    def __init__(self, positions: dict[str, str] | None = None) -> None:
        self.positions, self.said = positions or {}, list[str]()

    def assigned(self, lane: str) -> Position | None:
        self.said.append(f"+{lane}")
        return Position(self.positions[lane]) if lane in self.positions else None

    def revoked(self, lane: str) -> None:
        self.said.append(f"-{lane}")

    def lost(self, lane: str) -> None:
        self.said.append(f"!{lane}")


def readings(*times: int) -> Arrivals:
    when = np.array(times, np.int64)
    return Arrivals(("pump-1",), ("temp",), when * 0, when, when[:, None].astype(np.float64), arrived=when)


def times(batch: Batch | None) -> list[int]:
    return [] if batch is None else [int(time) for time in batch.arrivals.time]


def test_a_shelf_is_read_lane_by_lane_from_where_it_is_known() -> None:
    shelf = Shelf({"a": readings(1, 2, 3), "b": readings(4, 5)})
    source = ShelfSource(shelf)
    source.open(Hands({"a": "2"}))
    found = [source.poll(10, 0.0) for _ in range(3)]
    assert [times(batch) for batch in found] == [[3], [4, 5], []]
    assert found[-1] is None


def test_lanes_come_and_go_when_the_test_says_so() -> None:
    shelf, hands = Shelf({"a": readings(1), "b": readings(2)}, ends=False), Hands()
    source = ShelfSource(shelf, lanes=("a",))
    source.open(hands)
    source.give("b")
    source.revoke("a")
    assert times(source.poll(10, 0.0)) == [2]
    source.lose("b")
    shelf.put("b", readings(9))
    assert times(source.poll(10, 0.0)) == []
    assert hands.said == ["+a", "+b", "-a", "!b"]


def test_a_shelf_may_be_away_or_fail() -> None:
    source = ShelfSource(Shelf({"a": readings(1)}))
    source.open(Hands())
    source.here = False
    assert not source.connected()
    assert times(source.poll(10, 0.0)) == []
    source.here, source.error = True, OSError("torn")
    with pytest.raises(OSError, match="torn"):
        source.poll(10, 0.0)
    assert times(source.poll(10, 0.0)) == [1]


def test_a_mailbox_delivers_again_what_was_not_acknowledged() -> None:
    mailbox = Mailbox()
    for k in range(3):
        mailbox.put(readings(k))
    first = MailboxSource(mailbox)
    first.open(Hands())
    batches = [first.poll(10, 0.0) for _ in range(2)]
    assert batches[0] is not None
    first.commit("0/1", batches[0].position)
    assert (mailbox.acknowledged, len(mailbox.unacknowledged)) == (1, 1)
    second = MailboxSource(mailbox)
    second.open(Hands())
    assert [times(second.poll(10, 0.0)) for _ in range(3)] == [[1], [2], []]
