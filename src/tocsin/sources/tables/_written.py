"""Knowing tocsin's own columns again, so that a scored file can be read like the one it was made from."""

from __future__ import annotations

from collections.abc import Collection

REASON = "written by tocsin"

_SURE = frozenset({"score", "limit", "incident_id"})
_OTHERS = frozenset({"severity", "status", "cause"})
_TRUTH, _ASIDE = "anomaly", "tocsin_anomaly"
_SHARE = "share_"


def written_by_tocsin(names: Collection[str]) -> tuple[str, ...]:
    """Return the columns that scoring added, in order; none unless all of those are there that tell it for sure.

    A column ``anomaly`` is the verdict, unless the verdict had to stand aside because the input has one.

    >>> written_by_tocsin(("time", "temp", "score", "limit", "anomaly", "incident_id", "share_temp"))
    ('score', 'limit', 'anomaly', 'incident_id', 'share_temp')
    >>> written_by_tocsin(("time", "score", "anomaly"))
    ()
    """
    if not set(names) >= _SURE:
        return ()
    verdict = _ASIDE if _ASIDE in names else _TRUTH
    own = _SURE | _OTHERS | {verdict}
    return tuple(name for name in names if name in own or name.startswith(_SHARE))
