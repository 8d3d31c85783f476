from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tocsin.core.alerts import Incident, incident_id
from tocsin.core.arrays import NEVER, FloatArray
from tocsin.core.schema import Channel, Schema
from tocsin.core.verdicts import Status
from tocsin.evaluation.pages.report import Report, render, write

MakeReport = Callable[..., Report]

HOSTILE = (
    "</script><script>alert(1)</script>",
    "<!--<script </script x",
    "<img src=x onerror=alert(1)>",
    "\"' onmouseover='alert(1)",
    "&lt;b&gt; ${title} $style",
    "tab\t\x00\x1bnul\u202eright-to-left\ud800",
)


class Page(HTMLParser):
    """A page taken apart as a browser would: its text, its elements and what stands in its scripts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self.lasttag == "script" and self.scripts:
            self.scripts[-1] += data
        else:
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words).replace("\u00a0", " "))

    @property
    def payload(self) -> Any:
        return json.loads(self.scripts[0])


def unpack(text: str, kind: str) -> npt.NDArray[np.float64]:
    return np.frombuffer(base64.b64decode(text), dtype=kind).astype(np.float64)


def hostile(report: Report) -> Report:
    channels = tuple(Channel(f"{name}", name) for name in HOSTILE[:5])
    return replace(
        report,
        title=HOSTILE[0],
        schema=Schema(channels),
        devices=HOSTILE[:2],
        quality=[("<b>", HOSTILE[2])],
        settings={HOSTILE[0]: HOSTILE[4]},
        threshold={"warning": HOSTILE[1]},
        provenance={HOSTILE[5]: HOSTILE[5]},
        curves={HOSTILE[1]: (1.0, 2.0)},
        why=HOSTILE,
        notes=[HOSTILE[0]],
    )


def test_the_headline_says_it_in_plain_words(make: MakeReport) -> None:
    report = make()
    worst = max(report.incidents, key=lambda incident: incident.severity)
    text = Page(render(report)).text
    assert f"{len(report.incidents)} incidents in 14 days" in text
    assert "The worst peaked on " in text
    assert f"{worst.severity:.0f}× its limit" in text or f"{worst.severity:.1f}× its limit" in text


def test_sections_come_in_the_order_of_their_weight(make: MakeReport) -> None:
    heads = [head.strip() for head in re.findall("<h2>([^<]+)", render(make()))]
    assert heads == [
        "Incidents",
        "Readings over time",
        "Score",
        "How scores are spread",
        "Quality of the readings",
        "Against the labels",
        "How this came about",
    ]


def test_every_incident_has_a_row_with_its_name_and_cause(make: MakeReport) -> None:
    report = make(rows=1500, devices=3)
    page = Page(render(report))
    rows = [attributes for tag, attributes in page.elements if tag == "tr" and "data-from" in attributes]
    assert len(rows) == len(report.incidents) > 3
    for incident in report.incidents:
        assert incident_id(report.devices[incident.device], incident.start) in page.text
    first = min(report.incidents, key=lambda incident: incident.start)
    assert rows[0]["data-from"] == repr(first.start / 1e6)
    assert (rows[0]["data-blamed"] or "").split()[0] == str(int(np.argmax(first.shares)))


def test_groups_grades_and_incidents_held_back_are_told(make: MakeReport) -> None:
    report = make(rows=1500, devices=3)
    *told, last = report.incidents
    groups = tuple(f"group-{k // 2}" for k in range(len(told)))
    held = (replace(last, held=True),)
    page = Page(render(replace(report, incidents=tuple(told), held=held, groups=groups, grades=(1.0, 1e9))))
    assert f"{len(told)} incidents in {len(set(groups))} groups in" in page.text
    assert "1 incident in quiet hours or maintenance was held back." in page.text
    assert page.text.count("held back") == 2
    assert page.text.count("major") == len(told) + 2  # in each row, and on the card
    assert "group-0" in [attributes.get("title") for tag, attributes in page.elements if tag == "td"]


def test_a_value_outside_its_range_is_named_as_the_cause(make: MakeReport) -> None:
    report = make(rows=1500)
    told = tuple(replace(incident, outside=True) for incident in report.incidents)
    text = Page(render(replace(report, incidents=told))).text
    assert text.count("outside the expected range") == len(told)
    assert "outside its expected range." in text


def test_what_is_drawn_is_what_was_read(make: MakeReport) -> None:
    report = make(rows=600)
    (strip,) = Page(render(report)).payload["devices"]
    assert strip["exact"]
    np.testing.assert_array_equal(unpack(strip["x"], "<f8"), report.time / 1e6)
    for k in range(len(report.schema)):
        drawn = unpack(strip["low"][k], "<f4") + strip["base"][k]
        np.testing.assert_allclose(drawn, report.values[:, k], rtol=1e-6)
    np.testing.assert_allclose(unpack(strip["scoreLow"], "<f4"), report.verdicts.score, rtol=1e-6)


def expecting(report: Report, band: FloatArray) -> Report:
    """Return the report with a tenth less than each reading as what was expected of it."""
    expected = (0.9 * report.values).astype(np.float32)
    expected[report.verdicts.status != Status.ok] = np.nan
    return replace(report, verdicts=replace(report.verdicts, expected=expected), band=band)


def test_what_was_expected_is_drawn_with_its_band(make: MakeReport) -> None:
    report = expecting(make(rows=600, channels=3), np.array([0.5, np.nan, 2.0]))
    page = Page(render(report))
    (strip,) = page.payload["devices"]
    assert [channel["band"] for channel in page.payload["channels"]] == [0.5, None, 2.0]
    assert strip["expected"][1] is None
    for k in (0, 2):
        assert strip["expected"][k]["high"] is None
        drawn = unpack(strip["expected"][k]["low"], "<f4") + strip["base"][k]
        np.testing.assert_allclose(drawn, report.verdicts.expected[:, k], rtol=1e-5)


def test_thinned_the_band_holds_the_least_and_the_greatest_that_was_expected(make: MakeReport) -> None:
    report = expecting(make(rows=60_000, channels=2), np.array([0.5, 2.0]))
    (strip,) = Page(render(report)).payload["devices"]
    found = strip["expected"][1]
    low, high = (unpack(found[end], "<f4") + strip["base"][1] for end in ("low", "high"))
    assert len(low) == len(unpack(strip["x"], "<f8")) < 30_000
    assert np.nanmin(low) == pytest.approx(np.nanmin(report.verdicts.expected[:, 1]), rel=1e-5)
    assert np.nanmax(high) == pytest.approx(np.nanmax(report.verdicts.expected[:, 1]), rel=1e-5)


def test_where_nothing_is_expected_nothing_of_it_is_drawn(make: MakeReport) -> None:
    for band in (np.zeros(0), np.full(2, np.nan)):
        page = Page(render(expecting(make(rows=60, channels=2), band)))
        assert page.payload["devices"][0]["expected"] == []
        assert [channel["band"] for channel in page.payload["channels"]] == [None, None]


def test_each_anomaly_is_marked_once_at_its_place(make: MakeReport) -> None:
    report = make(rows=900, devices=2)
    for strip in Page(render(report)).payload["devices"]:
        own = report.verdicts.anomaly & (report.device == strip["index"])
        np.testing.assert_array_equal(unpack(strip["marks"]["x"], "<f8"), report.time[own] / 1e6)
        assert strip["marks"]["all"] == strip["marks"]["shown"] == own.sum()
        shares = np.stack([unpack(column, "u1") for column in strip["marks"]["shares"]], axis=1)
        np.testing.assert_array_equal(shares.argmax(1), report.verdicts.by_channel[own].argmax(1))


def test_labels_and_unscored_stretches_are_shaded(make: MakeReport) -> None:
    report = make(rows=600)
    (strip,) = Page(render(report)).payload["devices"]
    assert report.labels is not None
    edges = np.flatnonzero(np.diff(np.concatenate([[0], report.labels.astype(int), [0]])))
    assert len(strip["labels"]) == len(edges) // 2
    assert strip["labels"][0] == [report.time[edges[0]] / 1e6, report.time[edges[1] - 1] / 1e6]
    assert {code for *_, code in strip["away"]} == {Status.warming, Status.gap}


def test_a_counter_keeps_its_steps(make: MakeReport) -> None:
    report = make(rows=50, channels=1)
    counter = replace(report, values=2e7 + np.arange(50.0)[:, None] * 0.01)
    (strip,) = Page(render(counter)).payload["devices"]
    drawn = unpack(strip["low"][0], "<f4") + strip["base"][0]
    np.testing.assert_allclose(np.diff(drawn), 0.01, rtol=1e-3)


def test_the_histogram_counts_every_scored_reading(make: MakeReport) -> None:
    report = make()
    (strip,) = Page(render(report)).payload["devices"]
    scored = int((report.verdicts.status == Status.ok).sum())
    for scale in ("linear", "log"):
        assert sum(strip["histogram"][scale]["counts"]) == scored
    assert strip["histogram"]["limits"] == [0.01, 0.01, 0.01]


def test_hostile_names_stay_text(make: MakeReport) -> None:
    page = Page(render(hostile(make(rows=300, devices=2))))
    kinds = [tag for tag, _ in page.elements]
    assert kinds.count("script") == 2
    assert kinds.count("img") == 0
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert not set("<>&") & set(page.scripts[0])
    assert page.payload["channels"][0]["name"] == HOSTILE[0]
    assert "</script><script>alert(1)</script>" in page.text
    assert "\x00" not in page.text
    assert "\u202e" not in page.text


def test_hostile_names_can_be_written(make: MakeReport, tmp_path: Path) -> None:
    write(tmp_path / "report.html", hostile(make(rows=300, devices=2)))
    assert "onerror" in (tmp_path / "report.html").read_text("utf-8")


def test_nothing_is_loaded_from_anywhere(make: MakeReport) -> None:
    page = Page(render(make(rows=100)))
    assert not [attributes for _, attributes in page.elements if "src" in attributes]
    links = [attributes["href"] or "" for tag, attributes in page.elements if tag in ("link", "a")]
    assert all(link.startswith("data:") for link in links)
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest|innerHTML", render(make(rows=100)))


def test_rows_are_the_clock_where_there_is_no_other(make: MakeReport) -> None:
    text = Page(render(make(rows=600, row_clock=True))).text
    assert "incidents in 600 rows" in text
    assert "row 0 – row 599" in text
    assert "False alarms" not in text
    assert "UTC" not in text


def test_metrics_appear_only_where_labels_do(make: MakeReport) -> None:
    report = make()
    assert report.metrics is not None
    labelled, plain = Page(render(report)).text, Page(render(make(labelled=False))).text
    assert "74 readings without a score" not in plain
    assert f"{report.metrics.left_out} readings without a score (warming up" in labelled
    assert "Against the labels" not in plain
    assert "F1" not in plain


def test_too_few_calibration_readings_are_a_warning(make: MakeReport) -> None:
    html = render(make(rows=100))
    assert '<li class="note warning">984 calibration readings are few' in html


def test_the_severity_without_a_limit_is_infinite_and_harms_nothing(make: MakeReport) -> None:
    report = make(rows=300)
    incident = Incident(0, int(report.time[5]), int(report.time[6]), int(report.time[6]), 1.0, 0.0, (), open=True)
    text = Page(render(replace(report, incidents=(incident,)))).text
    assert "1 incident in 2 days, still open" in text
    assert "∞" in text
    assert "unattributed" in text


def test_readings_without_a_readable_time_are_counted_not_drawn(make: MakeReport) -> None:
    report = make(rows=100)
    time = report.time.copy()
    time[10] = NEVER
    (strip,) = Page(render(replace(report, time=time))).payload["devices"]
    assert strip["readings"] == 99


def test_disorder_is_drawn_in_order(make: MakeReport) -> None:
    report = make(rows=100)
    order = np.random.default_rng(1).permutation(100)
    shuffled = replace(
        report, time=report.time[order], values=report.values[order], verdicts=report.verdicts.take(order), labels=None
    )
    (strip,) = Page(render(shuffled)).payload["devices"]
    np.testing.assert_array_equal(unpack(strip["x"], "<f8"), report.time / 1e6)
    drawn = unpack(strip["low"][0], "<f4") + strip["base"][0]
    np.testing.assert_allclose(drawn, report.values[:, 0], rtol=1e-6)


@pytest.mark.parametrize("rows", [0, 1, 2, 20])
def test_small_tables_make_a_report(make: MakeReport, rows: int) -> None:
    report = make(rows=40, channels=2)
    few = np.arange(rows)
    small = replace(
        report,
        device=report.device[few],
        time=report.time[few],
        values=report.values[few],
        verdicts=report.verdicts.take(few),
        incidents=(),
        labels=None,
        metrics=None,
        recall_by_kind=None,
    )
    headline = re.findall("<h1>(.+?)</h1>", render(small))
    assert headline == ["No incidents in 3 hours" if rows > 9 else "No reading could be scored"]


@pytest.mark.parametrize(("rows", "few"), [(12, True), (30, False)])
def test_silence_of_what_was_hardly_judged_is_told_as_such(make: MakeReport, rows: int, few: bool) -> None:
    report = make(rows=40, channels=2)
    seen = np.arange(rows)
    calm = replace(report.verdicts, limit=np.full(40, 1e9))
    short = replace(
        report,
        device=report.device[seen],
        time=report.time[seen],
        values=report.values[seen],
        verdicts=calm.take(seen),
        incidents=(),
        labels=None,
        metrics=None,
        recall_by_kind=None,
    )
    scored = int((short.verdicts.status == 0).sum())
    assert (f"But only {100 * scored / rows:.2g}\u00a0% of the readings got a score." in render(short)) == few


def test_shapes_must_agree(make: MakeReport) -> None:
    report = make(rows=20)
    with pytest.raises(ValueError, match="values"):
        replace(report, values=report.values[:-1])
    with pytest.raises(ValueError, match="verdicts"):
        replace(report, verdicts=report.verdicts.take(np.arange(3)))
    with pytest.raises(ValueError, match="labels"):
        replace(report, labels=np.zeros(3, bool))
    with pytest.raises(ValueError, match="band"):
        expecting(report, np.ones(2))
    with pytest.raises(ValueError, match="band"):
        replace(report, band=np.ones(5))


def test_many_devices_share_the_page(make: MakeReport) -> None:
    page = Page(render(make(rows=60, devices=60)))
    assert len(page.payload["devices"]) == 40
    assert "20 more have none" in page.text


def test_a_hundred_thousand_readings_stay_light_and_quick(make: MakeReport) -> None:
    report = expecting(make(rows=100_000, channels=8), np.ones(8))
    begun = perf_counter()
    html = render(report)
    assert perf_counter() - begun < 2.0
    assert len(html) < 3_000_000
    (strip,) = Page(html).payload["devices"]
    assert not strip["exact"]
    drawn = unpack(strip["high"][2], "<f4") + strip["base"][2]
    assert drawn.max() == pytest.approx(report.values[:, 2].max(), rel=1e-6)
    assert strip["marks"]["shown"] <= 4_000 or strip["marks"]["all"] == strip["marks"]["shown"]
    anomalies = report.time[report.verdicts.anomaly] / 1e6
    assert set(unpack(strip["marks"]["x"], "<f8").tolist()) <= set(anomalies.tolist())


def test_it_says_whether_every_incident_is_drawn_reading_by_reading(make: MakeReport) -> None:
    """Where incidents hold most of the readings, there is no room for all of them."""
    report = make(rows=100_000, channels=2)
    assert Page(render(report)).payload["devices"][0]["complete"]
    worst = report.incidents[0]
    long = replace(worst, start=int(report.time[10]), end=int(report.time[90_000]))
    crowded = replace(report, incidents=(*report.incidents, long))
    assert not Page(render(crowded)).payload["devices"][0]["complete"]


def test_what_was_chosen_stands_where_there_is_no_training_curve(make: MakeReport) -> None:
    choices = ("window: 48 readings, a period of 48.", "pca, on 10 readings: weight 1.00.")
    page = Page(render(replace(make(rows=200), curves={}, why=choices)))
    assert page.text.count("Chosen from the readings") == 1
    assert all(choice in page.text for choice in choices)
    assert "Training curve" not in [own.get("aria-label") for _, own in page.elements]
    assert "Chosen from the readings" not in Page(render(make(rows=200))).text
