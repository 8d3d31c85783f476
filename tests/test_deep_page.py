"""The page on what training is worth is made from results alone, and says what they say."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]


def script(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.replace("/", "_"), ROOT / f"{path}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def made() -> ModuleType:
    return script("docs/deep")


def event(detector: str, how: str, seed: int, found: float) -> dict[str, Any]:
    own = {"stage": "events", "scenario": "environment", "detector": detector, "as": how, "seed": seed}
    return {**own, "base": 0.05, "all": found, "contextual": found, "co_deviation": found}


def study(trained: list[float], untrained: list[float], rule: list[float]) -> list[dict[str, Any]]:
    runs = []
    for seed, found in enumerate(zip(trained, untrained, rule, strict=True)):
        names = (("net", "trained"), ("net", "untrained"), ("max |z|", ""))
        runs += [event(name, how, seed, figure) for (name, how), figure in zip(names, found, strict=True)]
    return runs


@pytest.mark.parametrize(
    ("trained", "verdict"),
    [
        ([0.5, 0.5, 0.5], "recommended"),
        ([0.5, 0.5, 0.1], "recommended"),
        ([0.9, 0.1, 0.1], "not recommended: no better than its untrained weights and max |z|"),
        ([0.25, 0.25, 0.25], "not recommended: no better than max |z|"),
    ],
)
def test_it_must_beat_both_in_the_mean_and_in_most_seeds(made: ModuleType, trained: list[float], verdict: str) -> None:
    assert made.verdict("net", study(trained, [0.2] * 3, [0.3] * 3)) == verdict


def test_what_failed_counts_as_nothing(made: ModuleType) -> None:
    runs = study([0.5, 0.5], [0.2, 0.2], [0.3, 0.3])
    failed = {name: value for name, value in runs[0].items() if name not in ("all", "base")} | {"failure": "no luck"}
    assert made.verdict("net", [failed, *runs[1:]]).startswith("not recommended")


def test_figures_stand_in_the_tables(made: ModuleType) -> None:
    fault = {"stage": "faults", "scenario": "machine", "detector": "net"}
    faults = [{**fault, "seed": s, "as": how, "all": a} for s in (0, 1) for how, a in (("without", 0.2), ("with", 0.3))]
    cost = {"stage": "cost", "detector": "net", "window": 10, "epochs": 7, "fit_s": 3.2, "parameters": 9, "bytes": 4321}
    runs = [*study([0.5, 0.7], [0.2, 0.2], [0.1, 0.6]), *faults, cost]
    text = made.page({"rows": 4000, "share": 0.06, "runs": runs})
    assert "| `net` | 0.60 ± 0.14 | 0.20 ± 0.00 | 2 of 2 | 2 of 2 | 0 of 0 | recommended |" in text
    assert "| `max \\|z\\|` | 0.35 ± 0.35 |" in text
    assert "| `net` | 0.20 ± 0.00 | 0.30 ± 0.00 | 2 of 2 |" in text
    assert "AUC-PR moves by +0.100, up in 2 of 2 pairs: in the mean it pays." in text
    assert "| `net` | 10 | 7 | 3 | 9 | 4,321 |" in text


def test_the_page_is_what_the_results_make_of_it(made: ModuleType) -> None:
    assert made.PAGE.read_text("utf-8") == made.page(json.loads(made.RESULTS.read_text("utf-8")))


def test_the_docstrings_say_what_the_page_says(made: ModuleType) -> None:
    from tocsin.core.discover import load

    events = [run for run in json.loads(made.RESULTS.read_text("utf-8"))["runs"] if run["stage"] == "events"]
    for name in {run["detector"] for run in events if run["as"]}:
        told = " ".join((load("detectors", name).__doc__ or "").split())
        assert ("not recommended" in told.lower()) == (made.verdict(name, events) != "recommended"), name


def test_the_study_holds_every_network_beside_itself_untrained() -> None:
    study = script("benchmarks/deep")
    networks = study.networks()
    assert {"autoencoder", "cnn_predictor", "ae_lstm"} <= set(networks)
    jobs = list(study._jobs("events", 5, networks))
    assert len(jobs) == 5 * (4 + 2 * len(networks)) == len({json.dumps(job) for job in jobs})
    pairs = {(job["detector"], job["as"]) for job in study._jobs("faults", 1, networks)}
    assert ("autoencoder", "with") in pairs
    assert not any(name == "cnn_predictor" for name, _ in pairs)
