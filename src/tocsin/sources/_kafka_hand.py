"""One Kafka partition that is ours, with what was received of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from confluent_kafka import Message


@dataclass(eq=False)
class Hand:
    """A partition that is ours.

    Parameters
    ----------
    topic, partition
        Which.
    position
        The offset of the next message that goes out, None until one is known.
    messages
        Received and not yet given out.
    gap
        Is the offset that we asked for no longer there?
    shift_ns
        For how long the broker was away, and nobody was told yet.
    shift_from
        The offset before which it was not yet away.
    turn
        When it had its last turn: hands take turns.
    """

    topic: str
    partition: int
    position: int | None
    messages: list[Message] = field(default_factory=list)
    gap: bool = False
    shift_ns: int = 0
    shift_from: int = 0
    turn: int = 0

    @property
    def lane(self) -> str:
        """The partition's name as a lane."""
        return f"{self.topic}/{self.partition}"

    @property
    def shifts(self) -> bool:
        """Whether it is time to tell that the broker was away."""
        if not self.shift_ns or self.position is None:
            return False
        following = int(self.messages[0].offset() or 0) if self.messages else self.position
        return following >= self.shift_from

    def give(self, most: int) -> list[Message]:
        """Return the first messages and forget them; those from before the broker was away for themselves."""
        if self.shift_ns:
            before = sum(int(message.offset() or 0) < self.shift_from for message in self.messages[:most])
            most = before or most
        given, self.messages = self.messages[:most], self.messages[most:]
        return given
