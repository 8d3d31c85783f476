"""Limits per channel: learned with a margin, or stated."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tocsin.core.errors import InputError, SettingError
from tocsin.core.scores import Scores
from tocsin.core.windows import Windows
from tocsin.detectors.limits import ChannelLimits
from tocsin.graph.run import Runner
from tocsin.training.recipe import Recipe


def rows_of(values: Any, length: int = 1) -> Windows:
    series = np.asarray(values, np.float32)
    return Windows(series, np.arange(length - 1, len(series)), length)


def scores(detector: ChannelLimits, windows: Windows, last: Any) -> Scores:
    scored = np.zeros((len(last), windows.length, windows.channels), np.float32)
    scored[:, -1] = last
    return Runner(detector.fit(windows, seed=0).onnx)(scored)


RAMP = rows_of(np.stack([np.arange(101.0), 10 * np.arange(101.0) - 500], axis=1))


def test_score_is_one_at_the_ends_of_a_learned_range() -> None:
    detector = ChannelLimits(quantile=0.05, margin=0.5)
    # From 5 to 95, widened by half of 90 at either end: from −40 to 140. The second channel ten times as wide.
    found = scores(detector, RAMP, [[140, 0], [-40, 0], [50, 0], [230, 0], [50, 1800]])
    assert found.score == pytest.approx([1, 1, 0, 2, 2])


def test_shares_go_by_the_square_of_the_distance() -> None:
    found = scores(ChannelLimits(quantile=0, margin=0), RAMP, [[150, 500]])
    assert found.score == pytest.approx([2])
    assert found.by_channel == pytest.approx(np.array([[2 * 4 / 5, 2 * 1 / 5]]))


def test_stated_ends_stand_and_open_ones_are_learned() -> None:
    low = ChannelLimits(quantile=0, margin=0, ranges=("20:40", "-100:"))
    # The second channel from −100, stated, to 500, learned.
    assert scores(low, RAMP, [[20, 200], [40, 200], [50, 200], [30, 500], [30, -400]]).score == pytest.approx(
        [1, 1, 2, 1, 2]
    )
    learned = ChannelLimits(quantile=0, margin=0, ranges=("learned", ":700"))
    assert scores(learned, RAMP, [[100, 0], [50, 700]]).score == pytest.approx([1, 1])


def test_the_default_threshold_is_the_end_of_the_range() -> None:
    assert ChannelLimits.default_threshold == "fixed:1"
    assert ChannelLimits.default_scale == "none"


def test_a_few_outliers_do_not_widen_a_range() -> None:
    values = np.random.default_rng(0).standard_normal((10_000, 1))
    values[:5] = 1e6
    assert scores(ChannelLimits(), rows_of(values), [[6]]).score[0] > 1


@pytest.mark.parametrize(("level", "room"), [(0.0, 1e-3), (5000.0, 5.0)])
def test_a_channel_that_never_moved_has_a_thousandth_of_its_level_as_room(level: float, room: float) -> None:
    still = rows_of(np.full((50, 1), level))
    assert scores(ChannelLimits(), still, [[level + 2 * room], [level]]).score == pytest.approx([2, 0], rel=1e-3)


def test_the_last_reading_alone_counts() -> None:
    windows = rows_of(RAMP.series, length=4)
    assert scores(ChannelLimits(quantile=0, margin=0), windows, [[100, 0]]).score == pytest.approx([1])


def test_ranges_can_be_written_in_a_recipe() -> None:
    made = Recipe(detector="limits", settings={"ranges": "15:30, :80,learned"}).make_detector()
    assert made == ChannelLimits(ranges=("15:30", ":80", "learned"))


@pytest.mark.parametrize("text", ["", "5", "5:3", "3:3", "a:b", "0:inf", "nan:x", "1:2:3"])
def test_ranges_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(SettingError, match="is no range"):
        ChannelLimits(ranges=(text,))


def test_a_range_for_each_channel_or_none() -> None:
    with pytest.raises(InputError, match="1 ranges for 2 channels"):
        ChannelLimits(ranges=("0:1",)).fit(RAMP, seed=0)


def test_a_stated_end_beyond_what_was_read_is_refused() -> None:
    with pytest.raises(InputError, match="Channel 2 would range from -"):
        ChannelLimits(ranges=("learned", ":-900")).fit(RAMP, seed=0)


@pytest.mark.parametrize(("name", "value"), [("quantile", -0.1), ("quantile", 0.3), ("margin", -1)])
def test_settings_that_cannot_work_are_refused(name: str, value: Any) -> None:
    settings = {name: value}
    with pytest.raises(SettingError, match=name):
        ChannelLimits(**settings)
