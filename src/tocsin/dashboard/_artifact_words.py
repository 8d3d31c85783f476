"""An artifact's version in words."""

from __future__ import annotations

from typing import Any

from tocsin.dashboard._problems import plain

Version = dict[str, Any]

_MANY_CHANNELS = 6


def version_in_words(version: Version) -> str:
    """Return what a version is, in two sentences.

    >>> version_in_words({"detector": "pca", "window": 10, "channels": ["a", "b"], "threshold": "percentile:99.9",
    ...                   "limit": 0.5, "readings": 6558})
    'Its detector, pca, looks at 10 readings of 2 channels (a, b), and has learned from 6,558. Its limit is 0.5.'
    """
    return (
        f"Its detector, {plain(version['detector'])}, looks at {_count(version['window'], 'reading')} "
        f"of {channels_in_words(version['channels'])}, and has learned from {version['readings']:,}. "
        f"Its limit {limit_in_words(version)}."
    )


def limit_in_words(version: Version) -> str:
    """Return the limit as the end of a sentence."""
    limit = version["limit"]
    return "moves with the scores" if limit is None else f"is {limit:.4g}"


def threshold_in_words(threshold: str) -> str:
    """Return the rule that gave the limit, in words.

    >>> threshold_in_words("percentile:99.9")
    '99.9 % of the normal scores lie below it'
    >>> threshold_in_words("budget:1 per device per week")
    'a budget of false alarms: 1 per device per week'
    """
    rule, _, setting = threshold.partition(":")
    told = {
        "percentile": f"{setting} % of the normal scores lie below it",
        "budget": f"a budget of false alarms: {setting}",
        "fixed": "set by hand",
        "adaptive": "it follows the scores",
    }
    return told.get(rule, threshold) if setting or rule in ("fixed", "adaptive") else threshold


def channels_in_words(names: list[str]) -> str:
    """Return how many channels there are, and which."""
    shown = ", ".join(plain(name) for name in names[:_MANY_CHANNELS])
    more = f" and {len(names) - _MANY_CHANNELS} more" if len(names) > _MANY_CHANNELS else ""
    return f"{_count(len(names), 'channel')} ({shown}{more})"


def day(text: str) -> str:
    """Return a moment for people, to the minute.

    >>> day("2026-03-01T08:00:12Z")
    '2026-03-01 08:00'
    """
    return text[:16].replace("T", " ")


def size(count: int) -> str:
    """Return a file's size.

    >>> size(48_213), size(3_200_000)
    ('48 kB', '3.2 MB')
    """
    return f"{count / 1e6:.1f} MB" if count >= 1_000_000 else f"{max(1, round(count / 1e3))} kB"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
