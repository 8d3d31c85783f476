"""Membership of a Kafka consumer group: taking partitions over, reading and giving them up."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from tocsin.core.errors import InputError
from tocsin.core.live import Lanes, Position
from tocsin.sources._kafka_advice import Advice
from tocsin.sources._kafka_contact import Contact
from tocsin.sources._kafka_hand import Hand
from tocsin.sources._kafka_parts import Key, part_of, said
from tocsin.sources._kafka_topics import lacking_topic

if TYPE_CHECKING:
    from confluent_kafka import Consumer, KafkaError, Message, TopicPartition

_LOG = logging.getLogger("tocsin.sources.kafka")
_FAREWELL_S = 2.0
_FATAL = ("TOPIC_AUTHORIZATION_FAILED", "GROUP_AUTHORIZATION_FAILED", "SASL_AUTHENTICATION_FAILED", "_FATAL")


class Group:
    """A member of a consumer group. One thread calls it; nothing is committed but what :meth:`commit` is told.

    Parameters
    ----------
    settings
        Of the client library.
    topics
        What to read.
    latest
        Of a partition that nobody has read: begin with what comes from now on?
    """

    def __init__(self, settings: Mapping[str, Any], topics: tuple[str, ...], *, latest: bool) -> None:
        self.hands: dict[Key, Hand] = {}
        self.contact = Contact()
        self.held = 0
        self._topics, self._latest = topics, latest
        self._fresh: list[Key] = []
        self._moves: list[tuple[Key, int]] = []
        self._advice = Advice()
        self._left: dict[Key, Hand] = {}
        self._trouble: Exception | None = None
        self._last_words = ""
        self._closing = False
        self._turn = 0
        self._settings = {**settings, "error_cb": self._failed, "stats_cb": self._counted}

    def join(self, lanes: Lanes, *, patience_s: float) -> None:
        """Connect, and ask for a share of the topics.

        Raises
        ------
        InputError
            If no broker answers in time, it refuses us, or a topic is not there.
        """
        from confluent_kafka import Consumer, KafkaException

        self._lanes = lanes
        try:
            self._consumer: Consumer = Consumer(self._settings)
        except KafkaException as error:
            raise InputError(f"The Kafka client refuses its settings: {said(error)}.", remedy="Mend them.") from None
        try:
            self._look_for_topics(patience_s)
        except BaseException:
            self.close()
            raise
        self.contact.heard()
        self._consumer.subscribe(
            list(self._topics), on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._taken
        )

    def receive(self, most: int, timeout_s: float) -> None:
        """Wait for messages and put them into their hands; at most ``most``, and no longer than for the first.

        Raises
        ------
        InputError
            If the broker will never let us read.
        """
        self._claim()
        came: list[Message] = self._consumer.consume(1, timeout_s)
        if came and most > 1:
            came += self._consumer.consume(most - 1, 0)
        self._sort(came)
        self._claim()
        self._advice.give(self._consumer, self.hands)
        if trouble := self._trouble:
            self._trouble = None
            raise trouble

    def next_hand(self) -> Hand | None:
        """Return the hand that has waited longest of those that hold messages, None where none does."""
        full = [hand for hand in self.hands.values() if hand.messages]
        return min(full, key=lambda hand: hand.turn) if full else None

    def hand_out(self, hand: Hand, most: int) -> list[Message]:
        """Return the first messages of a hand, which holds one at least, and forget them."""
        given = hand.give(most)
        self.held -= len(given)
        self._turn += 1
        hand.turn = self._turn
        return given

    def commit(self, hand: Hand, position: int) -> None:
        """Tell the broker soon that everything before an offset is safe. It is advice: the store knows better."""
        self._advice.note((hand.topic, hand.partition), position)

    def lanes(self) -> frozenset[str]:
        """Return the lanes that are ours."""
        return frozenset(hand.lane for hand in self.hands.values())

    def waiting(self) -> int:
        """Return how many messages are known to wait, here and at the broker; one at least where that is not known."""
        found = 0
        for hand in self.hands.values():
            _, high = self._consumer.get_watermark_offsets(part_of((hand.topic, hand.partition)), cached=True)
            if high < 0:
                found += 1  # the broker has not told yet
            elif hand.position is not None:
                found += max(0, high - hand.position)
        return found

    def close(self) -> None:
        """Leave the group; our partitions go to the others at once."""
        if self._closing or not hasattr(self, "_consumer"):
            return
        self._closing = True
        self._advice.give(self._consumer, self.hands, now=True)
        # the library waits for a minute for a broker that hangs
        farewell = threading.Thread(target=self._consumer.close, daemon=True)
        farewell.start()
        farewell.join(_FAREWELL_S)
        if farewell.is_alive():
            _LOG.warning("Kafka does not answer; the others get our partitions once it has missed us")
        self.hands, self.held = {}, 0

    def _look_for_topics(self, patience_s: float) -> None:
        from confluent_kafka import KafkaException

        try:
            lacking = lacking_topic(self._consumer, self._topics, patience_s=patience_s)
        except KafkaException as error:
            self._consumer.poll(0)
            servers = self._settings["bootstrap.servers"]
            raise InputError(
                f"No Kafka broker answers at {servers}: {self._last_words or said(error)}.",
                remedy="Check host and port, security and password, and that it runs.",
            ) from None
        if lacking:
            raise InputError(lacking, remedy="Make it, or correct its name.")

    def _sort(self, came: Iterable[Message]) -> None:
        readable = False
        for message in came:
            if (error := message.error()) is not None:
                self._stumble(message, error)
            elif hand := self.hands.get((message.topic(), message.partition())):  # type: ignore[arg-type]  # both are known
                hand.messages.append(message)
                self.held += 1
                readable = True
        if readable:
            self._shift(self.contact.heard())

    def _stumble(self, message: Message, error: KafkaError) -> None:
        from confluent_kafka import KafkaError as Codes

        hand = self.hands.get((message.topic() or "", message.partition() or 0))
        if error.code() == Codes._AUTO_OFFSET_RESET and hand:
            self._begin_anew(hand)
        elif error.name() in _FATAL or error.fatal():
            self._trouble = InputError(f"Kafka refuses us: {error.str()}.", remedy="Check the user's rights.")
        else:
            _LOG.warning("Kafka: %s", error.str())

    def _begin_anew(self, hand: Hand) -> None:
        """Begin where nothing was asked for; what was asked for and is no longer there is a gap."""
        from confluent_kafka import OFFSET_BEGINNING, OFFSET_END

        hand.gap = hand.position is not None
        if hand.gap:
            _LOG.error("%s: offset %d is no longer there: readings are lost", hand.lane, hand.position)
        offset = OFFSET_END if self._latest and not hand.gap else OFFSET_BEGINNING
        self._consumer.incremental_unassign([part_of((hand.topic, hand.partition))])
        self._moves.append(((hand.topic, hand.partition), offset))

    def _claim(self) -> None:
        """Take over what was assigned to us. Not in the callback: what fails here is tried again at the next poll."""
        from confluent_kafka import OFFSET_STORED

        while self._fresh:
            topic, partition = self._fresh[0]
            known = self._lanes.assigned(f"{topic}/{partition}")
            self._fresh.pop(0)
            offset = None if known is None else offset_in(known)
            self.hands[topic, partition] = self._taken_over(Hand(topic, partition, offset))
            self._moves.append(((topic, partition), OFFSET_STORED if offset is None else offset))
        self._move()

    def _taken_over(self, hand: Hand) -> Hand:
        """Return a hand that knows of the broker's absence since we had it last, where nobody else had it since."""
        left = self._left.pop((hand.topic, hand.partition), None)
        if left and left.position is not None and hand.position is not None and hand.position <= left.position:
            hand.shift_ns, hand.shift_from = left.shift_ns, max(left.position, left.shift_from)
        return hand

    def _move(self) -> None:
        from confluent_kafka import KafkaException

        while self._moves:
            key, offset = self._moves[0]
            try:
                self._consumer.incremental_assign([part_of(key, offset)])
            except KafkaException as error:
                _LOG.warning("Kafka: %s cannot be read yet: %s", key, said(error))
                return
            self._moves.pop(0)

    def _assigned(self, consumer: Consumer, parts: list[TopicPartition]) -> None:
        self._fresh += [(part.topic, part.partition) for part in parts]
        consumer.incremental_assign([])

    def _revoked(self, consumer: Consumer, parts: list[TopicPartition]) -> None:
        self._give_up(consumer, parts, lost=False)

    def _taken(self, consumer: Consumer, parts: list[TopicPartition]) -> None:
        self._give_up(consumer, parts, lost=True)

    def _give_up(self, consumer: Consumer, parts: list[TopicPartition], *, lost: bool) -> None:
        keys = [(part.topic, part.partition) for part in parts]
        self._fresh = [key for key in self._fresh if key not in keys]
        unread = {key for key, _ in self._moves}
        self._moves = [(key, offset) for key, offset in self._moves if key not in keys]
        ours = [key for key in keys if key in self.hands]
        if not self._closing:
            for key in ours:
                self._tell(self.hands[key].lane, lost=lost)
        if not lost:
            self._advice.give(consumer, self.hands, now=True)
        for key in ours:
            self._left[key] = hand = self.hands.pop(key)
            self.held -= len(hand.messages)
            hand.messages = []
            self._advice.forget(key)
        consumer.incremental_unassign([part_of(key) for key in ours if key not in unread])

    def _tell(self, lane: str, *, lost: bool) -> None:
        """Tell that a lane is no longer ours. The broker waits for nobody: what goes wrong is raised by the poll."""
        try:
            self._lanes.lost(lane) if lost else self._lanes.revoked(lane)
        except Exception as error:
            self._trouble = error

    def _failed(self, error: KafkaError) -> None:
        from confluent_kafka import KafkaError as Codes

        self._last_words = error.str()
        if error.code() == Codes._ALL_BROKERS_DOWN:
            self._away(error.str())
        elif error.fatal():
            self._trouble = InputError(f"Kafka refuses us: {error.str()}.", remedy="See the broker's log.")

    def _counted(self, statistics: str) -> None:
        was = self.contact.connected
        self._shift(self.contact.counted(statistics, self.hands))
        if was and not self.contact.connected:
            _LOG.warning("Kafka is away: %s", self._last_words or "the brokers do not answer")

    def _away(self, reason: str) -> None:
        if self.contact.connected:
            _LOG.warning("Kafka is away: %s", reason)
        self.contact.broken()

    def _shift(self, away_s: float) -> None:
        if away_s:
            _LOG.warning("Kafka is back after %.0f s", away_s)
        for hand in (*self.hands.values(), *self._left.values()):
            hand.shift_ns += int(away_s * 1e9)


def offset_in(position: Position) -> int:
    """Return the offset that a position is.

    Raises
    ------
    InputError
        If it is none.
    """
    if not position.value.isdecimal():
        raise InputError(f"{position.value!r} is no offset in a topic.", remedy="Give this watch another store.")
    return int(position.value)
