"""Applying the layout that an artifact was trained on to another table."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from tocsin.core.errors import InputError
from tocsin.core.fixes import Fix
from tocsin.sources.tables._clock import Clock, find_clock
from tocsin.sources.tables._infer import refuse_unknown
from tocsin.sources.tables._labels import find_label
from tocsin.sources.tables._layout import Layout
from tocsin.sources.tables._names import nearest
from tocsin.sources.tables._overrides import Overrides
from tocsin.sources.tables._profile import Profile
from tocsin.sources.tables._reasons import refuse_mixed
from tocsin.sources.tables._written import written_by_tocsin


def expected_layout(profiles: Mapping[str, Profile], overrides: Overrides, base: Layout, expect: Layout) -> Layout:
    """Return ``expect`` as far as the columns are there.

    Parameters
    ----------
    profiles
        What each column holds.
    overrides
        What the user knows better; it wins over ``expect``.
    base
        How this table's text is written.
    expect
        The layout of the artifact.

    Raises
    ------
    InputError
        If a channel has no column, or holds text; or if the artifact's device column is gone,
        or its time and no other time is there.
    """
    refuse_unknown(profiles, overrides)
    long = overrides.long or expect.long
    _refuse_missing(profiles, long or expect.schema.names)
    for name in (long[1],) if long else expect.schema.names:
        refuse_mixed(profiles[name], needed=True)
    clock = _clock(profiles, overrides, expect, long or expect.schema.names)
    labelled = expect.label in profiles and expect.label not in written_by_tocsin(profiles)
    label = expect.label if overrides.label is None and labelled else None
    used = {*clock.columns, label, *(long or expect.schema.names)}
    return replace(
        expect,
        separator=base.separator,
        decimal=base.decimal,
        encoding=base.encoding,
        time=clock.columns,
        time_format=clock.time_format,
        timezone=overrides.timezone or expect.timezone,
        device=_device(profiles, overrides, expect),
        label=label if overrides.label is None else find_label(profiles, overrides),
        long=long,
        missing=base.missing,
        sentinels=() if overrides.keep_sentinels else expect.sentinels,
        excluded=tuple((name, reason) for name, reason in expect.excluded if name in profiles and name not in used),
        notes=(*base.notes, *([clock.note] if clock.note else [])),
    )


def _device(profiles: Mapping[str, Profile], overrides: Overrides, expect: Layout) -> str | None:
    if overrides.device is not None:
        return overrides.device or None
    if expect.device is not None and expect.device not in profiles:
        raise InputError(
            f"The column {expect.device!r} that names the device in the training is not in the table.",
            remedy="Name the column with --device-column, or say with --device-column '' (in Python "
            "Overrides(device='')) that all rows are of one device.",
            fixes=(Fix("Take all rows as of one device", {"device": ""}),),
        )
    return expect.device


def _clock(profiles: Mapping[str, Profile], overrides: Overrides, expect: Layout, channels: Collection[str]) -> Clock:
    named = overrides.time is not None or overrides.time_format is not None
    if not named and all(name in profiles for name in expect.time):
        return Clock(expect.time, expect.time_format)
    free = {name: profile for name, profile in profiles.items() if name not in channels}
    clock = find_clock(free, overrides)
    by_row = overrides.time == () or overrides.time_format == "row"
    if expect.time and not clock.columns and not by_row:
        one = len(expect.time) == 1
        raise InputError(
            f"The time {'column' if one else 'columns'} {' and '.join(map(repr, expect.time))} that the artifact was "
            f"trained on {'is' if one else 'are'} not in the table, and no other column holds a time.",
            remedy="Name the column with --time COLUMN, or count rows, one a period, with --time-format row.",
            fixes=(Fix("Count rows, one a period", {"time_format": "row"}),),
        )
    return clock


def _refuse_missing(profiles: Mapping[str, Profile], names: Collection[str]) -> None:
    gone = [name for name in names if name not in profiles]
    if not gone:
        return
    hints = " ".join(filter(None, (nearest(name, profiles) for name in gone[:3])))
    one = len(gone) == 1
    shown = ", ".join(map(repr, gone[:8])) + (f" and {len(gone) - 8} more" if len(gone) > 8 else "")
    subject, verb, columns = ("channel", "is", "column") if one else ("channels", "are", "columns")
    raise InputError(
        f"The {subject} {shown} that the artifact was trained on {verb} not in the table.",
        remedy=f"{hints} Rename the {columns}, or train on this table.".strip(),
    )
