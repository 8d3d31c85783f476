"""The picture of an explained verdict shows what the scene holds, and nothing that nobody knows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from tocsin.evaluation.pictures.figures import explained_plot, save
from tocsin.evaluation.pictures.scene import Scene


def scene(channels: int = 3, *, rows: int = 60) -> Scene:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(rows, channels))
    score = np.abs(rng.normal(size=rows))
    score[:5] = np.nan
    return Scene(
        title="The reading costs $5 more",
        story=("It is $trange.", "Nobody knows why."),
        names=[f"channel_{k}" for k in range(channels)],
        remarks=["measured 1, usual 0"] * channels,
        time=np.arange(rows) * 60 * 10**9,
        values=values,
        expected=np.zeros((rows, channels)),
        band=np.full(channels, 0.5),
        usual=np.zeros(channels),
        score=score,
        limit=np.where(np.isnan(score), np.nan, 2.0),
        place=45,
        window=10,
        portions=np.linspace(0.7, -0.1, channels),
        portions_of="share of the score",
        over_time=None,
        incident=(44 * 60 * 10**9, 46 * 60 * 10**9),
        row_clock=False,
    )


def words(figure: Figure) -> str:
    found = [text.get_text() for axes in figure.axes for text in axes.texts]
    found += [axes.get_title("left") for axes in figure.axes]
    found += [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    return "\n".join(found)


def test_it_tells_title_story_channels_and_portions() -> None:
    told = words(explained_plot(scene()))
    for text in (r"costs \$5 more", r"It is \$trange.", "channel_0: measured 1, usual 0", "70 %", "−10 %", "expected"):
        assert text in told


def test_what_nobody_expects_is_not_drawn() -> None:
    bare = replace(scene(), expected=np.zeros((60, 0)), band=np.full(3, np.nan))
    told = words(explained_plot(bare))
    assert "what was expected" not in told
    assert "stray" not in told


def test_what_is_unattributed_is_said_to_be() -> None:
    told = words(explained_plot(replace(scene(), portions=np.full(3, np.nan))))
    assert told.count("unattributed") == 3
    assert " %" not in told


def test_of_many_channels_those_with_the_greatest_shares_are_drawn() -> None:
    told = words(explained_plot(scene(20)))
    assert "6 of 20 channels" in told
    assert "channel_5:" in told
    assert "channel_6:" not in told


@pytest.mark.parametrize("row_clock", [False, True])
def test_a_map_tells_parts_over_time(row_clock: bool) -> None:
    parts = np.random.default_rng(1).normal(size=(10, 3))
    rows = replace(scene(), time=np.arange(60), incident=(44, 46)) if row_clock else scene()
    figure = explained_plot(replace(rows, over_time=parts, row_clock=row_clock))
    drawn = next(axes.images[0].get_array() for axes in figure.axes if axes.images)
    assert drawn is not None
    np.testing.assert_array_equal(drawn, parts.T)
    ticks = [text.get_text() for axes in figure.axes if axes.images for text in axes.get_xticklabels()]
    assert ticks[0] == ("row 45" if row_clock else "00:45")


def test_the_same_scene_gives_the_same_bytes_and_leaves_matplotlib_alone(tmp_path: Path) -> None:
    before = dict(mpl.rcParams)
    for name in ("one.png", "two.png"):
        save(explained_plot(scene()), tmp_path / name)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    assert dict(mpl.rcParams) == before


def test_rows_are_told_under_the_last_channel() -> None:
    rows = replace(scene(), row_clock=True, time=np.arange(60), incident=(44, 46))
    labels = [axes.xaxis.label for axes in explained_plot(rows).axes if axes.get_xlabel()]
    assert [label.get_visible() for label in labels] == [False, False, False, True]


def test_long_lines_are_broken() -> None:
    long = replace(scene(), title="The reading of " + "pump " * 30, story=("It rings. " * 40,))
    figure = explained_plot(long)
    lines = [line for axes in figure.axes[:1] for text in axes.texts for line in text.get_text().split("\n")]
    assert max(map(len, lines)) <= 150
    assert sum("pump" in line for line in lines) == 2


def test_what_lowered_the_score_much_is_drawn_before_what_did_nothing() -> None:
    portions = np.zeros(20)
    portions[[3, 17]] = 1.2, -0.2
    assert replace(scene(20), portions=portions).leading(3) == [3, 0, 17]
