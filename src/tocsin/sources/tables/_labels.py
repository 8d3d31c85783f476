"""Reading a label column: which rows somebody marked as anomalous."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tocsin.core.arrays import BoolArray
from tocsin.core.errors import InputError
from tocsin.core.fixes import Fix
from tocsin.sources.tables._finding import Finding
from tocsin.sources.tables._names import LABELS, plain
from tocsin.sources.tables._overrides import Overrides
from tocsin.sources.tables._profile import Profile

_NORMAL_WORDS = "0 0.0 false f no n normal ok good benign healthy regular nominal inlier negative neg"
_ANOMALOUS_WORDS = (
    "1 1.0 true t yes y anomaly anomalous anomal abnormal attack fault faulty fail failure failed outlier bad event "
    "alarm positive pos"
)
_NORMAL = frozenset(_NORMAL_WORDS.split())
_ANOMALOUS = frozenset(_ANOMALOUS_WORDS.split())


def find_label(profiles: Mapping[str, Profile], overrides: Overrides) -> str | None:
    """Return the label column: the one the user names, else one that is named so and marks rows in two ways.

    Raises
    ------
    InputError
        If the column that the user names does not say what is normal.
    """
    if overrides.label is not None:
        if overrides.label:
            flags_in(profiles[overrides.label])
        return overrides.label or None
    by_name = {plain(name): name for name in profiles}
    named = [by_name[name] for name in LABELS if name in by_name]
    return next((name for name in named if flags_of(profiles[name]) is not None), None)


def flags_of(profile: Profile) -> BoolArray | None:
    """Return ndarray of shape (rows,), bool, True where marked as anomalous; None where the marks are not of two kinds.

    A missing mark counts as normal.
    """
    if profile.kind in {"number", "states"}:
        values = profile.values()
        return values == 1 if set(np.unique(values[~np.isnan(values)])) <= {0.0, 1.0} else None
    if profile.kind != "text":
        return None
    words = profile.spelled().str.to_lowercase()
    seen = set(words.drop_nulls().unique())
    if seen <= _NORMAL | _ANOMALOUS or (len(seen) == 2 and len(seen & _NORMAL) == 1):
        return _other_than_normal(profile)
    return None


def flags_in(profile: Profile) -> BoolArray:
    """Return the marks in a column that the user calls the label: any number but 0, any text but normal.

    Raises
    ------
    InputError
        If the column does not say what is normal.
    """
    flags = flags_of(profile)
    if flags is None and profile.kind == "number" and not (profile.values() < 0).any():
        values = profile.values()
        flags = ~np.isnan(values) & (values != 0)
    if flags is None and profile.kind == "text" and set(profile.spelled().str.to_lowercase().unique()) & _NORMAL:
        flags = _other_than_normal(profile)
    if flags is None:
        shown = ", ".join(str(value) for value in profile.column.drop_nulls().unique(maintain_order=True).head(4))
        raise InputError(
            f"Label column {profile.name!r} does not say which rows are normal; it holds {shown or 'nothing'}.",
            remedy="Use 0 and 1, or the text 'normal' and any other.",
            fixes=(Fix("Go without labels", {"label": ""}),),
        )
    return flags


def unmarked_findings(profile: Profile) -> list[Finding]:
    """Return what to say of rows that have no mark, and so count as normal."""
    blank = (
        np.isnan(profile.values()) if profile.kind in {"number", "states"} else profile.spelled().is_null().to_numpy()
    )
    count = int(blank.sum())
    told = "1 row has no mark and counts" if count == 1 else f"{count:,} rows have no mark and count"
    text = f"{profile.name}: {told} as normal"
    return [Finding("warning", "unlabelled", None, count, text)] if count else []


def _other_than_normal(profile: Profile) -> BoolArray:
    words = profile.spelled().str.to_lowercase()
    normal = words.is_in(sorted(_NORMAL)).fill_null(value=True)
    return (~normal).to_numpy()
