"""The page of an export: complete, safe, and with pictures where there is something to draw."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from tocsin.evaluation.pages.export_report import ExportReport, render, write

REPORT = ExportReport(
    title="room.tocsin → <b>.onnx",
    target="onnx",
    files={"<b>.onnx": 12_870},
    facts={"parameters": "705"},
    notes=("Mind the <gap>.",),
    promised="Promised: the same.",
    commands=[("Run it", "python <b>.py")],
    kind=("normal", "borderline", "borderline", "wide range"),
    own=np.array([0.5, 0.9995, 1.0005, 1e20]),
    other=np.array([0.5, 0.9995, 0.9999, np.inf]),
    limit=1.0,
    margin=0.01,
    rows=[("normal", 1, "0", 0, 0), ("borderline", 2, "0.06 %", 1, 1), ("wide range", 1, "0", 0, 0)],
)


def test_it_tells_files_proof_and_commands() -> None:
    page = render(REPORT)
    for text in (
        "12.9 kB",
        "12,870 bytes",
        "0.06 %",
        "1 verdict within the margin differs",
        "Promised: the same.",
        "705",
    ):
        assert text in page, text


def test_names_cannot_become_markup() -> None:
    page = render(REPORT)
    assert "<b>" not in page
    assert "<gap>" not in page
    assert "&lt;b&gt;.onnx" in page


def test_it_loads_nothing() -> None:
    page = render(REPORT)
    assert "src=" not in page
    assert "<link" not in page.replace('<link rel="icon" href="data:', "")


def test_every_kind_is_drawn_and_a_limit_of_nought_has_no_logarithm() -> None:
    assert render(REPORT).count('<svg viewBox="0 0 1000 1000"') == 2
    assert render(replace(REPORT, limit=0.0, own=REPORT.own * 0, other=REPORT.own * 0)).count('"0 0 1000 1000"') == 1
    assert render(replace(REPORT, own=REPORT.own * 9, other=REPORT.own * 9)).count('"0 0 1000 1000"') == 1


def test_it_is_written_as_one_file(tmp_path: Path) -> None:
    write(tmp_path / "edge.html", REPORT)
    assert (tmp_path / "edge.html").read_text("utf-8").startswith("<!doctype html>")
    assert len(list(tmp_path.iterdir())) == 1
