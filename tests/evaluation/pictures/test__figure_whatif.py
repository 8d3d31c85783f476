"""The picture of limits and policies shows each setting where it belongs, with labels and without."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from tocsin.evaluation.pictures.figures import Bearable, whatif_plot

WEEKLY = Bearable(rate=1.0, unit="per device per week", least=0.2)


def settings(*, labelled: bool, moving: bool = False) -> list[dict[str, Any]]:
    """Return three limits × two numbers of windows; the middle one with 2 windows is in force."""
    found = []
    for k, times in enumerate((0.5, 1.0, 3.0)):
        for wait in (1, 2):
            found.append(
                {
                    "limit": None if moving else 2 * times,
                    "times": times,
                    "wait": f"{wait} window" + "s" * (wait > 1),
                    "in_force": (k, wait) == (1, 2),
                    "rate": (4.0, 1.0, 0.0)[k] / wait,
                    "events": 8 if labelled else None,
                    "caught": 8 - 3 * k - wait if labelled else None,
                    "delay": 2.0 * wait if labelled and k < 2 else None,
                    "delay_s": 7200.0 * wait if labelled and k < 2 else None,
                }
            )
    return found


def lines(figure: Figure, panel: int) -> dict[str, list[float]]:
    """Return the heights of a panel's lines by their names."""
    return {
        str(line.get_label()): np.asarray(line.get_ydata(), float).ravel().tolist()
        for line in figure.axes[panel].lines
        if not str(line.get_label()).startswith("_")
    }


def test_each_setting_lies_at_its_rate_its_events_and_its_delay() -> None:
    shown = settings(labelled=True)
    figure = whatif_plot(shown, bearable=WEEKLY, story="pump.csv", best=shown[2])
    often, caught, late = (lines(figure, k) for k in range(3))
    assert often["1"] == [4.0, 1.0, 0.1]  # none lies at half of what can be told from it
    assert often["2 (now)"] == [2.0, 0.5, 0.1]
    assert (often["in force"], often["suggested"]) == ([0.5], [1.0])
    assert caught["1"] == [7.0, 4.0, 1.0]
    assert late["1"][:2] == [2.0, 2.0]  # hours
    assert np.isnan(late["1"][2])
    assert figure.axes[2].get_ylabel() == "median, hours"


def test_without_labels_there_is_one_panel_and_a_word_of_warning() -> None:
    figure = whatif_plot(settings(labelled=False), bearable=WEEKLY, story="pump.csv: 9 scores.")
    assert len(figure.axes) == 1
    assert figure.axes[0].get_title("left") == "How often it would have rung"
    assert "some of these incidents may be real" in figure.get_suptitle()
    assert "suggested" not in lines(figure, 0)


def test_limits_are_named_and_those_that_move_by_their_multiple() -> None:
    for moving, wanted in ((False, ["1\n×0.5", "2\n×1", "6\n×3"]), (True, ["×0.5", "×1", "×3"])):
        figure = whatif_plot(settings(labelled=False, moving=moving), bearable=WEEKLY, story="")
        assert [text.get_text() for text in figure.axes[-1].get_xticklabels()] == wanted


def test_nothing_rings_anywhere_and_the_picture_still_stands() -> None:
    silent = [{**one, "rate": 0.0} for one in settings(labelled=False)]
    figure = whatif_plot(silent, bearable=WEEKLY, story="")
    low, high = figure.axes[0].get_ylim()
    assert low < 0.1 < 1.0 < high


def test_a_budget_below_a_single_alarm_is_drawn_between_none_and_one() -> None:
    short = Bearable(rate=1.0, unit="per device per week", least=2000.0)
    often = whatif_plot(settings(labelled=False), bearable=short, story="pump.csv").axes[0]
    (line,) = (line for line in often.lines if line.get_linestyle() == "--")
    none, one = 1000.0, 2000.0
    assert none < float(np.ravel(line.get_ydata())[0]) < one
    assert often.get_ylim()[0] < none
    assert all(often.get_ylim()[0] <= text.xy[1] for text in often.texts if hasattr(text, "xy"))
