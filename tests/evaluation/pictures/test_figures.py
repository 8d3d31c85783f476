"""The pictures draw what is there, in the same bytes each time, and leave matplotlib as they found it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from tocsin.evaluation.outcome import Outcome
from tocsin.evaluation.pictures.figures import (
    Shown,
    detection_example,
    heat_map,
    roc_and_pr,
    save,
    score_plot,
    sensitivity_plot,
    trials_plot,
)

MakeOutcome = Callable[..., Outcome]
RUNS = [
    {"hidden": hidden, "rate": rate, "seed": seed, "f1": hidden / 200 + 10 * rate + 0.01 * seed}
    for hidden in (16, 32, 64, 128)
    for rate in (1e-4, 1e-2)
    for seed in (0, 2)
]


def texts(figure: Figure) -> str:
    legends = [*figure.legends, *(axes.get_legend() for axes in figure.axes)]
    found = [text.get_text() for legend in legends if legend is not None for text in legend.get_texts()]
    found += [axes.get_title("left") + axes.get_ylabel() for axes in figure.axes]
    return "\n".join([*found, figure.get_suptitle()])


@pytest.fixture
def judged(outcome: MakeOutcome) -> Outcome:
    random = np.random.default_rng(3)
    labels = ("." * 90 + "#" * 10) * 5
    score = random.lognormal(size=500) * np.where([mark == "#" for mark in labels], 3, 1)
    found = outcome(labels, score=score)
    return replace(found, anomaly=score > 4, told=score > 8, limit=np.full(500, 4.0))


def test_the_same_figure_gives_the_same_bytes(judged: Outcome, tmp_path: Path) -> None:
    before = dict(mpl.rcParams)
    for name in ("one.png", "two.png", "one.svg", "two.svg"):
        save(score_plot(judged, title="cost in $"), tmp_path / name)
    for suffix in ("png", "svg"):
        assert (tmp_path / f"one.{suffix}").read_bytes() == (tmp_path / f"two.{suffix}").read_bytes()
    assert "<dc:date>" not in (tmp_path / "one.svg").read_text("utf-8")
    assert dict(mpl.rcParams) == before


def test_the_legend_tells_areas_and_what_chance_reaches(judged: Outcome) -> None:
    blind = replace(judged, score=np.ones(500))
    said = texts(roc_and_pr({"good": judged, "blind": blind}))
    assert "0.500  blind" in said
    assert "0.100  blind" in said
    assert "0.100  random (base rate)" in said
    assert "0.500  random" in said


def test_precision_is_drawn_in_the_steps_whose_area_is_told(judged: Outcome) -> None:
    blind = replace(judged, score=np.ones(500))
    line = roc_and_pr({"blind": blind}).axes[1].get_lines()[0]
    assert line.get_drawstyle() == "steps-pre"
    assert line.get_ydata()[-1] == pytest.approx(0.1)  # type: ignore[index]  # an array


def test_labels_all_alike_have_no_curve(judged: Outcome) -> None:
    assert "–  quiet" in texts(roc_and_pr({"quiet": replace(judged, labels=np.zeros(500, bool))}))
    assert texts(roc_and_pr({}))


def test_scores_are_marked_where_flagged_and_shaded_where_labelled(judged: Outcome) -> None:
    axes = score_plot(judged, title="pump").axes[0]
    (marks,) = axes.collections
    assert len(marks.get_offsets()) == np.count_nonzero(judged.anomaly)  # type: ignore[arg-type]  # an array
    assert len(axes.patches) >= 5
    assert axes.get_lines()[1].get_ydata()[0] == 4.0  # type: ignore[index]  # the limit, an array


def test_the_axis_is_logarithmic_where_scores_need_it(judged: Outcome) -> None:
    assert score_plot(judged).axes[0].get_yscale() == "linear"
    steep = replace(judged, score=np.where(judged.labels, 1000.0, 1.0))
    assert score_plot(steep).axes[0].get_yscale() == "log"
    assert score_plot(replace(steep, score=steep.score - 1.0)).axes[0].get_yscale() == "linear"


def test_extremes_of_long_series_are_drawn(outcome: MakeOutcome) -> None:
    score = np.random.default_rng(0).normal(size=50_000)
    score[31_234] = 99.0
    line = score_plot(outcome("." * 50_000, score=score)).axes[0].get_lines()[0]
    drawn = np.asarray(line.get_ydata(), float)
    assert np.nanmax(drawn) == 99.0
    assert len(drawn) < 20_000


def test_few_devices_are_drawn_and_the_title_says_of_how_many(outcome: MakeOutcome) -> None:
    device = np.repeat(np.arange(6), 50)
    labels = "." * 200 + "#" * 10 + "." * 90
    figure = score_plot(outcome(labels, score=np.arange(300.0), device=device), title="fleet")
    assert len(figure.axes) == 4
    assert "fleet (4 of 6 devices)" in texts(figure)
    assert "device 5" in texts(figure)


def test_row_numbers_are_drawn_as_numbers(judged: Outcome) -> None:
    rows = replace(judged, time=np.arange(500), row_clock=True)
    assert score_plot(rows).axes[0].get_xlabel() == "row"


def test_readings_are_marked_at_their_own_height(judged: Outcome) -> None:
    values = np.sin(np.arange(500.0))
    (marks,) = detection_example(judged, values, "temperature [°C]").axes[0].collections
    drawn = np.asarray(marks.get_offsets())[:, 1]
    assert drawn.tolist() == values[judged.anomaly].tolist()
    with pytest.raises(ValueError, match="readings"):
        detection_example(judged, values[:-1], "temperature")


@pytest.mark.parametrize("readings", [0, 1, 2])
def test_small_outcomes_make_pictures(outcome: MakeOutcome, readings: int, tmp_path: Path) -> None:
    few = outcome("#" * readings, "?" * readings)
    save(score_plot(few), tmp_path / "score.png")
    save(detection_example(few, np.full(readings, np.nan), "x"), tmp_path / "example.png")
    save(roc_and_pr({"few": few}), tmp_path / "curves.png")


def test_one_line_for_each_value_with_its_spread() -> None:
    axes = sensitivity_plot(RUNS, over="hidden", metric="f1", by="rate").axes[0]
    low, high = axes.get_lines()
    assert low.get_ydata() == pytest.approx([h / 200 + 1e-3 + 0.01 for h in (16, 32, 64, 128)])
    assert high.get_label() == "rate 0.01"
    assert axes.get_xscale() == "log"
    spread = np.asarray(axes.collections[0].get_paths()[0].vertices)
    assert spread[:, 1].max() == pytest.approx(128 / 200 + 1e-3 + 0.02)


def test_settings_that_are_names_keep_their_order() -> None:
    runs = [{"scale": scale, "f1": f1} for scale, f1 in (("zscore", 0.5), ("minmax", None), ("none", 0.2))]
    axes = sensitivity_plot(runs, over="scale", metric="f1").axes[0]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["zscore", "none"]
    assert sensitivity_plot([], over="scale", metric="f1")


def test_cells_hold_their_percentage() -> None:
    figure = heat_map(np.array([[0.0, np.nan], [0.256, 1.0]]), ["spike", "drift"], ["1 σ", "2 σ"], "rings")
    assert [text.get_text() for text in figure.axes[0].texts] == ["0 %", "–", "26 %", "100 %"]


def test_what_is_no_share_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        heat_map(np.array([[1.2]]), ["a"], ["b"], "t")
    with pytest.raises(ValueError, match="shape"):
        heat_map(np.array([[0.2]]), ["a", "b"], ["b"], "t")


def test_a_search_is_drawn_trial_by_trial_and_by_setting() -> None:
    reached = [("10", "0.1", 0.2), ("5", "0.001", 0.1), ("20", "0.01", None), ("20", "0.1", 0.4), ("5", "0.05", 0.3)]
    trials = [Shown({"window": window, "rate": rate}, value) for window, rate, value in reached]
    figure = trials_plot(trials, over={"window": ("5", "20"), "rate": ()}, metric="vus_pr")
    course, window, rate = figure.axes
    assert course.get_lines()[0].get_ydata() == pytest.approx([0.2, 0.2, 0.2, 0.4, 0.4])  # the best so far
    assert course.get_lines()[1].get_ydata() == pytest.approx([0.2, 0.2])  # untuned
    assert texts(figure).startswith("best so far\na trial\nuntuned\nfailed\nVUS-PR of each trial")
    assert np.asarray(window.collections[0].get_offsets()).tolist() == [[0, 0.1], [1, 0.4], [0, 0.3]]
    assert len(window.collections) == 1  # the untuned window, 10, is none of the values
    assert np.asarray(rate.collections[1].get_offsets()).tolist() == [[0.1, 0.2]]
    assert [tick.get_text() for tick in window.get_xticklabels()] == ["5", "20"]
    assert rate.get_xscale() == "log"
