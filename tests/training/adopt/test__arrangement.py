"""Which axis is which: told by the shape where it can be, asked for where it cannot."""

from __future__ import annotations

import pytest

from tocsin.training.adopt._arrangement import Arrangement, arrangement
from tocsin.training.adopt.foreign import Foreign
from tocsin.training.adopt.refusal import RefusalError


@pytest.mark.parametrize(
    ("shape", "foreign", "found"),
    [
        ((10, 3), Foreign(), ("nwc", 10)),
        ((3, 10), Foreign(), ("ncw", 10)),
        ((30,), Foreign(), ("flat", 10)),
        ((3,), Foreign(), ("flat", 1)),
        ((None, 3), Foreign(window=7), ("nwc", 7)),
        ((10, None), Foreign(), ("nwc", 10)),
        ((3, 3), Foreign(layout="ncw"), ("ncw", 3)),
        ((None,), Foreign(window=4), ("flat", 4)),
    ],
)
def test_what_the_shape_says_is_taken(shape: tuple[int | None, ...], foreign: Foreign, found: tuple[str, int]) -> None:
    assert arrangement(shape, foreign, channels=3) == Arrangement(*found)


@pytest.mark.parametrize(
    ("shape", "foreign", "reason", "remedy"),
    [
        ((3, 3), Foreign(), "may lie on either axis", "--layout nwc or --layout ncw"),
        ((None, 3), Foreign(), "leaves the length of a window open", "--window"),
        ((10, 4), Foreign(), "Its input is 10 × 4, and 3 channels are to go in", "--channels"),
        ((10, 4), Foreign(layout="nwc"), "Its input is 10 × 4", "--channels"),
        ((31,), Foreign(), "Its input is 31", "--channels"),
        ((10, 3), Foreign(window=9), "windows of 10 readings, not 9", "Leave --window out"),
        ((10, 3), Foreign(layout="flat"), "which is not flat", "--layout"),
    ],
)
def test_what_does_not_fit_or_is_open_is_refused(
    shape: tuple[int | None, ...], foreign: Foreign, reason: str, remedy: str
) -> None:
    with pytest.raises(RefusalError, match=reason) as refused:
        arrangement(shape, foreign, channels=3)
    assert remedy in refused.value.remedy
