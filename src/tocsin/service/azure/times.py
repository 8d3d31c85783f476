"""From when to when: the times that stand in a request."""

from __future__ import annotations

from datetime import UTC, datetime

from tocsin.core.arrays import NEVER
from tocsin.core.errors import InputError
from tocsin.service.azure.errors import CodedError
from tocsin.service.stamps import moment


def span_of(start: str, end: str) -> tuple[int, int]:
    """Return start and end in ns since the epoch, cut off at what 64 bits hold.

    >>> span_of("1970-01-01T00:00:01Z", "1970-01-01T00:00:02Z")
    (1000000000, 2000000000)

    Raises
    ------
    CodedError
        If one is no time, or the end lies before the start.
    """
    first, last = _ns(start), _ns(end)
    if last < first:
        raise CodedError("InvalidTimestampFormat", "The 'endTime' lies before the 'startTime'.")
    return first, last


def now() -> str:
    """Return the time, RFC 3339 in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _ns(text: str) -> int:
    try:
        found = moment(text, rows=False)
    except InputError:
        raise CodedError(
            "InvalidTimestampFormat", f"Invalid timestamp format. The {text[:60]} format is not a valid format."
        ) from None
    return min(max(found, NEVER + 1), -NEVER - 1)
