"""What a watch says while it runs: lines for people, or JSON lines for machines, on the error stream."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
"""What every record has; the rest is what somebody added."""


class JsonLines(logging.Formatter):
    """A record as a line of JSON: time, level, logger, message, and whatever fields were added.

    Examples
    --------
    >>> record = logging.makeLogRecord({"name": "tocsin", "levelname": "INFO", "msg": "up", "created": 0, "lag_s": 1})
    >>> print(JsonLines().format(record))
    {"time": "1970-01-01T00:00:00.000Z", "level": "info", "logger": "tocsin", "message": "up", "lag_s": 1}
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text."""
        told = {"time": _stamp(record), "level": record.levelname.lower(), "logger": record.name}
        told |= {"message": record.getMessage(), **_added(record)}
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told, default=str, ensure_ascii=False)


class Lines(logging.Formatter):
    """A record as a line for people: the time of day in UTC, the level unless all is well, the message, short fields.

    Examples
    --------
    >>> warned = {"levelname": "WARNING", "levelno": 30, "msg": "Taken over.", "created": 0, "lane": "0/1"}
    >>> print(Lines().format(logging.makeLogRecord(warned)))
    00:00:00 warning: Taken over. lane=0/1
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text."""
        level = f"{record.levelname.lower()}: " if record.levelno > logging.INFO else ""
        fields = [
            f" {name}={value}"
            for name, value in _added(record).items()
            if isinstance(value, str | int | float) and value != ""
        ]
        text = f"{_stamp(record)[11:19]} {level}{record.getMessage()}{''.join(fields)}"
        return f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text


class _Errors(logging.StreamHandler[Any]):
    """Writes to whatever the error stream is at the time: a live view puts itself in its place."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


@contextmanager
def logging_to_errors(*, as_json: bool, quiet: bool) -> Iterator[None]:
    """Have tocsin's log on the error stream; with ``quiet`` only warnings and worse."""
    logger, handler = logging.getLogger("tocsin"), _Errors()
    handler.setFormatter(JsonLines() if as_json else Lines())
    level, onward = logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(logging.WARNING if quiet else logging.INFO)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        logger.propagate = onward


def _stamp(record: logging.LogRecord) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.created * 1e3) % 1000:03d}Z"


def _added(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name, value in vars(record).items() if name not in _OWN}
