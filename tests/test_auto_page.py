"""The page on what the default chooses is made from results alone, and counts choices as it says it does."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tocsin.core.discover import names
from tocsin.sources import open_table
from tocsin.training.fit import train
from tocsin.training.recipe import Recipe
from tocsin.training.simulate.environment import Environment

ROOT = Path(__file__).resolve().parents[1]
EQUAL = {"pca": 0.5, "ridge": 0.5}


def script(path: str) -> ModuleType:
    name = path.replace("/", "_")
    spec = importlib.util.spec_from_file_location(name, ROOT / f"{path}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def made() -> ModuleType:
    return script("docs/auto")


@pytest.fixture(scope="module")
def study() -> ModuleType:
    return script("benchmarks/auto")


def told(chosen: list[dict[str, Any]], **found: float) -> dict[str, Any]:
    measures = {"VUS-PR": {"random": 0.1, "max |z|": 0.2, **found}, "F1": {"auto": 0.25, "ensemble": 0.5}}
    return {"cases": len(chosen), "measures": measures, "chosen": chosen}


def weighed(**weights: float) -> dict[str, Any]:
    return {"weights": weights, "noticed": dict.fromkeys(weights, 0.7)}


SETS = {
    "rooms": told([weighed(**EQUAL)] * 3, auto=0.6, ensemble=0.5, pca=0.7, ridge=0.3),
    "pumps": told([weighed(pca=0.52, ridge=0.48)], auto=0.4, ensemble=0.45, pca=0.1, ridge=0.3),
    "roads": told([{"stand_in": "beyond_range"}], auto=0.9, ensemble=0.2, pca=0.2, ridge=0.8),
    "motes": told([weighed(pca=1.0, ridge=0.0), weighed(pca=1.0, ridge=0.0)], auto=0.3, ensemble=0.2, pca=0.1),
}


@pytest.mark.parametrize(
    ("chosen", "differs"),
    [
        ([weighed(**EQUAL)], ()),
        ([weighed(pca=0.55, ridge=0.45)], ()),
        ([weighed(pca=0.56, ridge=0.44)], ("more weight for `pca`", "less weight for `ridge`")),
        ([weighed(pca=1, ridge=0), weighed(**EQUAL)], ("no say for `ridge`", "more weight for `pca`")),
        ([weighed(pca=0.52, ridge=0), weighed(**EQUAL), weighed(**EQUAL)], ("less weight for `ridge`",)),
        ([{"stand_in": "beyond_range"}, weighed(**EQUAL)], ("`beyond_range` stands in",)),
    ],
)
def test_what_differs_from_an_equal_average(made: ModuleType, chosen: list[dict[str, Any]], differs: list[str]) -> None:
    assert made.signature(told(chosen)) == differs


def test_the_most_common_choice_is_none_of_its_own(made: ModuleType) -> None:
    assert made.differently(SETS) == ["roads", "motes"]


def test_one_single_for_all_and_one_for_each_in_hindsight(made: ModuleType) -> None:
    assert made.always(SETS, ["pca", "ridge"]) == "ridge"
    assert [made.oracle(each, ["pca", "ridge"]) for each in SETS.values()] == ["pca", "ridge", "ridge", "pca"]


def test_figures_stand_in_the_tables(made: ModuleType) -> None:
    cost = {"fit_s": 1.0, "reading_us": 400, "batch_us": 100, "bytes": 5240}
    each = {"auto": cost | {"fit_s": 5.0}, "ensemble": cost, "pca": cost, "ridge": cost}
    text = made.page({"singles": ["pca", "ridge"], "sets": SETS, "cost": each})
    assert "| best of the set (oracle) | `max \\|z\\|` | chance |" in text
    assert "| rooms | 3 | 0.600 | 0.500 | 0.300 | 0.700 `pca` | 0.200 | 0.100 |" in text
    assert "| **mean** |  | **0.550** | **0.338** | **0.350** | 0.475 | 0.200 | 0.100 |" in text
    assert "ahead of the uniform average on 3 of 4 sets, of always `ridge` on 4, and of the oracle on 3; in the" in text
    assert "| roads | – | – | `beyond_range` stands in (on 1 of 1) |" in text
    assert "| rooms | F1 | 0.250 | 0.500 |" in text
    assert "Chosen differently: 2 of 4 sets (roads; motes)." in " ".join(text.split())
    assert "3 of 7 tables" in " ".join(text.split())
    assert "Training takes 2.5 times" in text
    assert max(len(line) for line in text.splitlines() if not line.startswith(("|", "<"))) <= 120


def test_a_mean_of_its_own_is_of_what_nobody_looked_at(made: ModuleType) -> None:
    sets = {"nab": SETS["pumps"], "smap_msl, univariate": SETS["roads"], "rooms": SETS["rooms"]}
    text = made.page({"singles": ["pca", "ridge"], "sets": sets, "cost": {}})
    assert (
        "| **mean, without those looked at** |  | **0.600** | **0.500** | **0.300** | 0.700 | 0.200 | 0.100 |" in text
    )


def test_the_oracle_of_a_measure_is_best_by_it_and_what_follows_is_of_the_same(made: ModuleType) -> None:
    found = told([weighed(**EQUAL)], auto=0.5, ensemble=0.5, pca=0.9, ridge=0.1)
    found["measures"] |= {"F1": {"pca": 0.2, "ridge": 0.7}, "false alarms %": {"pca": 1.0, "ridge": 30.0}}
    text = made.page({"singles": ["pca", "ridge"], "sets": {"rooms": found}, "cost": {}})
    assert "| rooms | F1 |  |  | 0.200 | 0.700 `ridge` |" in text
    assert "| rooms | false alarms % |  |  | 1.000 | 30.0 `ridge` |" in text


def test_what_an_artifact_tells_is_understood(study: ModuleType) -> None:
    """The sentences are for people; the study must not silently miss them when they are reworded."""
    members = ("pca", "ridge", "ewma")
    recipe = Recipe(detector="auto", settings={"members": members})
    artifact = train(open_table(Environment(rows=1200).table()), recipe)
    found = study.chosen_by(artifact.provenance.why)
    assert tuple(found["weights"]) == tuple(found["noticed"]) == members
    assert sum(found["weights"].values()) == pytest.approx(1, abs=0.02)
    assert all(0.3 < area <= 1 for area in found["noticed"].values())
    alone = open_table(Environment(rows=1200).table().select("time", "temperature"))
    assert study.chosen_by(train(alone, Recipe(detector="auto")).provenance.why) == {"stand_in": "beyond_range"}


def test_the_study_knows_its_benchmarks_and_detectors(study: ModuleType) -> None:
    assert len(study.SETS) >= 8
    assert {each.benchmark for each in study.SETS} <= set(names("training.benchmark"))
    assert set(study.SINGLES) | set(study.TOGETHER) <= set(names("detectors"))


def test_the_page_is_what_the_results_make_of_it(made: ModuleType) -> None:
    assert made.PAGE.read_text("utf-8") == made.page(json.loads(made.RESULTS.read_text("utf-8")))


def test_the_default_is_no_alias(made: ModuleType) -> None:
    sets = json.loads(made.RESULTS.read_text("utf-8"))["sets"]
    assert len(sets) >= 8
    assert len(made.differently(sets)) >= 3
