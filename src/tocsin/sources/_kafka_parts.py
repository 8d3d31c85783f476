"""Partitions as the Kafka client names them, and what it says when something is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from confluent_kafka import TopicPartition

Key: TypeAlias = tuple[str, int]
"""Topic and partition."""


def part_of(key: Key, offset: int | None = None) -> TopicPartition:
    """Return a partition, with an offset where one is given, as the client wants it."""
    from confluent_kafka import TopicPartition

    return TopicPartition(*key) if offset is None else TopicPartition(*key, offset)


def said(error: Exception) -> str:
    """Return what the client said, without its codes.

    >>> said(ValueError("no such setting"))
    'no such setting'
    """
    inner = error.args[0] if error.args else error
    return str(inner.str()) if hasattr(inner, "str") else str(error)
