"""The evidence for the default: auto beside the uniform average, the best single detector, and what it chose where.

python benchmarks/auto.py --data DIR            # everything, about ten minutes on one core
python benchmarks/auto.py --data DIR --few      # a few cases of each set: to see that it works; the page stays as it is

DIR holds the benchmarks' files, each in the folder that docs/how-to/benchmarks.md names; what is not there is told and
left out, and what is simulated needs none. Runs are kept, and it goes on where it stopped. Figures go to
benchmarks/auto.json, from there to docs/explanation/auto.md.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tocsin.core.errors import InputError
from tocsin.sources import open_table
from tocsin.training.benchmark import Plan, Report, Run, run
from tocsin.training.fit import train
from tocsin.training.lab.timing import timing
from tocsin.training.recipe import Recipe
from tocsin.training.simulate.environment import Environment

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks/auto.json"

TOGETHER = ("auto", "ensemble")
SINGLES = ("pca", "sub_pca", "ridge", "kmeans", "ewma", "beyond_range", "rolling_zscore", "isolation_forest")
"""Who could stand in for the default: its members, what it gives way to, and two of the cheapest others."""

COSTED = ("limits", "one_class_svm", "spectral_residual", "patch_knn", "svm", "random_forest")
"""Whose cost is told as well; that of the networks stands in docs/explanation/deep.md."""

COST = "cost"
COST_ROWS = 6558
"""Readings, of five channels, in the table of costs."""

ROUNDS = 3

_MEMBER = re.compile(r"^(\w+), on (\d+) readings: (?:weight ([\d.]+)|no say); .*? area under ROC of ([\d.]+) ")
"""How an artifact tells of a member of ``auto``."""


@dataclass(frozen=True)
class Set:
    """Readings of one kind, judged together.

    Parameters
    ----------
    name
        On the page.
    benchmark, group
        Where its cases come from; "" for all.
    sheet
        The table with VUS-PR at what a user lives with.
    own
        By name on the page: table and column of the set's own measures.
    few
        A pattern for a few of the benchmark's cases.
    """

    name: str
    benchmark: str
    group: str = ""
    sheet: str = "frozen"
    own: tuple[tuple[str, str, str], ...] = ()
    few: str = "*"


SETS = (
    Set(
        "skab", "skab", own=(("F1", "leaderboard", "f1"), ("false alarms %", "leaderboard", "far")), few="valve1/[0-2]"
    ),
    *(
        Set(
            f"smap_msl, {track}",
            "smap_msl",
            track,
            f"prequential {track}",
            (("VUS-PR, offline", f"offline {track}", "vus_pr"),),
            "*ivariate/[ST]-*",
        )
        for track in ("multivariate", "univariate")
    ),
    Set("nab", "nab", own=(("official score, standard", "official", "standard"),), few="realTraffic/*"),
    Set("wsn", "wsn", few="mote 1"),
    Set("ton_iot", "ton_iot", few="Thermostat"),
    Set("occupancy", "occupancy", few="datatest"),
    Set("ai4i2020", "ai4i2020"),
    *(
        Set(f"simulated {scenario}", "simulated", scenario, scenario, few="*/7")
        for scenario in ("environment", "machine", "network")
    ),
)


def main() -> None:
    asked = _arguments()
    found: dict[str, Any] = {}
    for name in dict.fromkeys(each.benchmark for each in SETS):
        if name not in asked.only:
            continue
        began = time.monotonic()
        try:
            found |= _judged(name, asked)
            print(f"{name}: done, {time.monotonic() - began:.0f} s", flush=True)
        except InputError as error:
            print(f"{name}: left out. {error}", flush=True)
    cost = _cost() if COST in asked.only else {}
    if asked.few:
        asked.output.mkdir(parents=True, exist_ok=True)
        (asked.output / "few.json").write_text(_written(found, cost), "utf-8")
    else:
        before = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {"sets": {}, COST: {}}
        RESULTS.write_text(_written(before["sets"] | found, cost or before[COST]), "utf-8")
        _write_page()


def _judged(name: str, asked: argparse.Namespace) -> dict[str, Any]:
    """Run one benchmark; return what came of each of its sets."""
    sets = [each for each in SETS if each.benchmark == name]
    recipes = {method: Recipe(detector=method) for method in (*TOGETHER, *SINGLES)}
    plan = Plan(jobs=asked.jobs, only=sets[0].few if asked.few else "*")
    report, runs = run(name, asked.data, recipes, plan=plan, folder=asked.output / "runs")
    for failure in report.failures:
        print(f"failed, and counted as if nothing had been found: {failure}", flush=True)
    return {each.name: told for each in sets if (told := _told(each, report, runs))}


def _told(each: Set, report: Report, runs: Sequence[Run]) -> dict[str, Any]:
    """Return the measures of all methods on one set, and what the default chose; empty where no case was run."""
    own = [one for one in runs if one.case.group == each.group]
    chosen = [chosen_by(one.why) for one in own if one.method == "auto" and not one.failure]
    measures = {"VUS-PR": _column(report, each.sheet, "vus_pr")}
    measures |= {label: _column(report, sheet, column) for label, sheet, column in each.own}
    return {"cases": len({one.case.name for one in own}), "measures": measures, "chosen": chosen} if own else {}


def _column(report: Report, sheet: str, column: str) -> dict[str, float]:
    """Return a column of a table by method, our own rows and the baselines."""
    rows: Iterator[Any] = (row for table in report.tables if table.sheet.name == sheet for row in table.rows)
    ours = (row for row in rows if row.kind != "published")
    return {row.method: round(row.values[column], 4) for row in ours if row.values.get(column) is not None}


def chosen_by(why: Iterable[str]) -> dict[str, Any]:
    """Return what ``auto`` chose, from the sentences that an artifact keeps.

    That is each member's weight, and how well it told faults; or who stood in.
    """
    members = [found for sentence in why if (found := _MEMBER.match(sentence))]
    if not members:
        return {"stand_in": "beyond_range"}
    return {
        "weights": {each[1]: float(each[3] or 0) for each in members},
        "noticed": {each[1]: float(each[4]) for each in members},
    }


def _cost() -> dict[str, Any]:
    """Return what training and scoring takes with each, by turns in this process; of scoring, the least of a few."""
    table = open_table(Environment(rows=COST_ROWS).table()).in_time_order()
    train(table, Recipe(detector="kmeans"))  # what is loaded once counts for nobody
    found, artifacts = {}, {}
    for name in (*TOGETHER, *SINGLES, *COSTED):
        began = time.process_time()
        artifacts[name] = train(table, Recipe(detector=name))
        found[name] = {"fit_s": round(time.process_time() - began, 2), "bytes": len(artifacts[name].graph)}
    rounds = [{name: timing(artifact, table) for name, artifact in artifacts.items()} for _ in range(ROUNDS)]
    for name, told in found.items():
        told["reading_us"] = round(1e3 * min(taken[name].reading_p50_ms for taken in rounds))
        told["batch_us"] = round(1e3 * min(taken[name].batch_p50_ms for taken in rounds))
    print(f"{COST}: done", flush=True)
    return found


def _written(sets: Mapping[str, Any], cost: Mapping[str, Any]) -> str:
    ordered = {each.name: sets[each.name] for each in SETS if each.name in sets}
    return json.dumps({"singles": SINGLES, "sets": ordered, COST: cost}, indent=1) + "\n"


def _write_page() -> None:
    spec = importlib.util.spec_from_file_location("auto_page", ROOT / "docs/auto.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.write()


def _arguments() -> argparse.Namespace:
    names = [*dict.fromkeys(each.benchmark for each in SETS), COST]
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--data", type=Path, required=True, help="folder with the benchmarks' folders")
    given.add_argument("--only", nargs="+", choices=names, default=names, help="some benchmarks alone, or the cost")
    given.add_argument("--few", action="store_true", help="a few cases of each set, and no page")
    given.add_argument("--jobs", type=int, default=1, help="processes side by side")
    given.add_argument("--output", type=Path, default=ROOT / "build/auto", help="where runs are kept")
    return given.parse_args()


if __name__ == "__main__":
    main()
