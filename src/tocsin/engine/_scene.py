"""From an explanation to its picture: which readings are drawn, and what stands over them."""

from __future__ import annotations

import numpy as np

from tocsin.engine._explanation import Explanation
from tocsin.evaluation.pictures.scene import Scene

BEFORE, AFTER = 60, 30
"""Readings drawn before and after the verdict, at least."""

LONGEST = 400
"""Readings drawn on either side, at most, however long the incident."""


def scene_of(told: Explanation) -> Scene:
    """Return what the picture of an explanation shows."""
    own, cut = told.around, _cut(told)
    story = told.story()
    return Scene(
        title=story[0],
        story=(*story[1:], *told.notes),
        names=[part.channel.label for part in told.parts],
        remarks=[part.remark() for part in told.parts],
        time=own.time[cut],
        values=own.values[cut],
        expected=own.expected[cut],
        band=_numbers([part.band for part in told.parts]),
        usual=_numbers([part.usual for part in told.parts]),
        score=own.score[cut],
        limit=own.limit[cut],
        place=own.place - cut.start,
        window=own.window,
        portions=_numbers([part.portion for part in told.parts]),
        portions_of=f"share of the {told.whole}",
        over_time=told.over_time,
        incident=own.incident,
        row_clock=own.row_clock,
    )


def _cut(told: Explanation) -> slice:
    """Return the stretch that is drawn: the window with room around it, and the whole incident unless it is long."""
    own = told.around
    start = own.place + 1 - own.window - max(own.window, BEFORE)
    stop = own.place + 1 + max(own.window // 2, AFTER)
    if own.incident is not None:
        first, last = np.searchsorted(own.time, own.incident)
        start, stop = min(start, int(first) - AFTER), max(stop, int(last) + AFTER)
    start = max(start, own.place + 1 - own.window - LONGEST, 0)
    return slice(start, min(stop, own.place + LONGEST, len(own.time)))


def _numbers(values: list[float | None]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([np.nan if value is None else value for value in values], np.float64)
