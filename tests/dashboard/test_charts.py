"""Charts: what is drawn where, in which colour, and what a moved limit changes."""

from __future__ import annotations

from typing import Any

import pytest

from tocsin.dashboard._charts import MOST_MARKS, asked, height, histogram_figure, series_figure
from tocsin.dashboard._colours import COLOURS, Mode

Told = dict[str, Any]

TIMES = [f"2026-03-01T08:{minute:02d}:00Z" for minute in range(6)]
SERIES: Told = {
    "device": "pump",
    "row_clock": False,
    "time": TIMES,
    "channels": {
        "a": {"unit": "°C", "value": [1.0, 2.0, 9.0, 3.0, 1.0, 1.0], "expected": [1.0] * 6},
        "<b>": {"unit": "", "value": [5.0] * 6, "expected": None},
    },
    "score": [0.1, 2.4, 6.0, 3.5, 0.1, None],
    "limit": [3.0] * 6,
    "anomalies": {"time": TIMES[2:4], "score": [6.0, 3.5], "values": {"a": [9.0, 3.0], "<b>": [5.0, 5.0]}},
    "gaps": [(TIMES[3], TIMES[4])],
    "labels": [(TIMES[2], TIMES[3])],
}
HISTOGRAM: Told = {"edges": [0.0, 1.0, 3.0], "count": [5, 2], "limit": 2.0, "low": 2.0, "high": 2.0, "tail": False}


def figure(times: float = 1.0, **changed: Any) -> Told:
    return series_figure({**SERIES, **changed}, times=times, incidents=[{"start": TIMES[2], "end": TIMES[3]}])


def named(found: Told, name: str) -> list[Told]:
    return [trace for trace in found["data"] if trace["name"] == name]


def test_readings_are_blue_anomalies_red_crosses_and_the_limit_dashed() -> None:
    found = figure()
    assert {trace["line"]["color"] for trace in named(found, "reading")} == {"normal"}
    assert {trace["marker"]["symbol"] for trace in named(found, "anomaly")} == {"x-thin"}
    (limit,) = named(found, "limit")
    assert (limit["line"]["color"], limit["line"]["dash"]) == ("limit", "dash")


def test_a_line_is_open_where_readings_are_missing() -> None:
    line = named(figure(), "reading")[0]
    assert line["y"] == [1.0, 2.0, 9.0, 3.0, None, 1.0, 1.0]
    assert len(line["x"]) == 7


def test_a_higher_limit_keeps_only_what_is_above_it() -> None:
    found = figure(times=1.5)
    assert named(found, "limit")[0]["y"][0] == 4.5
    assert named(found, "anomaly")[-1]["y"] == [6.0]


def test_a_lower_limit_marks_what_it_would_have_caught() -> None:
    found = figure(times=0.5)
    assert named(found, "anomaly")[-1]["y"] == [2.4, 6.0, 3.5]
    assert named(found, "anomaly")[0]["y"] == [2.0, 9.0, 3.0], "with the channel's own values"


def test_of_very_many_anomalies_the_gravest_are_marked() -> None:
    times = [f"2026-03-01T08:{minute:02d}:{second:02d}Z" for minute in range(10) for second in range(60)]
    scores = [4.0 + number for number in range(600)]
    many = {"time": times, "score": scores, "values": {"a": scores, "<b>": scores}}
    assert named(figure(anomalies=many), "anomaly")[-1]["y"] == scores[-MOST_MARKS:]


def test_expected_is_left_out_where_the_detector_expects_nothing() -> None:
    assert len(named(figure(), "expected")) == 1


def test_incidents_are_shaded_and_labels_stand_apart_at_the_top() -> None:
    incident, label = figure()["layout"]["shapes"]
    assert (incident["y0"], incident["y1"]) == (0, 1)
    assert label["y0"] == 1
    assert incident["fillcolor"] != label["fillcolor"]


def test_names_are_no_markup() -> None:
    texts = [note["text"] for note in figure()["layout"]["annotations"]]
    assert texts == ["a [°C]", "&lt;b&gt;", "score"]


def test_all_axes_of_time_move_together() -> None:
    layout = series_figure(SERIES, times=1.0, incidents=[], zoom=(TIMES[1], TIMES[2]))["layout"]
    axes = [layout[name] for name in ("xaxis", "xaxis2", "xaxis3")]
    assert [axis.get("matches") for axis in axes] == [None, "x", "x"]
    assert all(axis["range"] == [TIMES[1], TIMES[2]] for axis in axes)


def test_rows_are_a_plain_axis() -> None:
    changed: Told = {"row_clock": True, "time": list(range(6)), "gaps": [], "labels": None}
    found = figure(**changed, anomalies={"all": 0, "time": [], "score": [], "values": {}})
    assert found["layout"]["xaxis"]["type"] == "linear"


def test_the_histogram_has_the_limit_where_it_was_moved_to() -> None:
    found = histogram_figure(HISTOGRAM, times=1.25, log=True)
    (line,) = found["layout"]["shapes"]
    assert line["x0"] == line["x1"] == 2.5
    assert line["line"]["dash"] == "dash"
    assert found["data"][0]["x"] == [0.5, 2.0]
    assert found["layout"]["yaxis"]["type"] == "log"


def test_a_limit_that_moves_has_a_line_at_both_ends() -> None:
    found = histogram_figure({**HISTOGRAM, "limit": None, "low": 1.0, "high": 2.0}, times=1.0, log=False)
    assert [line["x0"] for line in found["layout"]["shapes"]] == [1.0, 2.0]


def test_more_channels_make_a_higher_chart() -> None:
    assert height(3) - height(1) == 2 * (height(2) - height(1)) > 0


@pytest.mark.parametrize(("told", "wanted"), [("2026-03-01 08:00", "2026-03-01T08:00:00Z"), (3.6, 4)])
def test_ends_of_a_zoom_are_read(told: Any, wanted: Any) -> None:
    assert asked(told) == wanted


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("name", ["normal", "anomaly", "limit", "expected", "score", "good", "warn", "text", "quiet"])
def test_colours_stand_out(mode: Mode, name: str) -> None:
    """WCAG 2.1, 1.4.3: 4.5 to 1 for text, on the page and on its panels."""
    shades = COLOURS[mode]
    for ground in ("background", "panel"):
        lighter, darker = sorted((luminance(shades[name]), luminance(shades[ground])), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, ground


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
