"""Writes the page on what training is worth from what benchmarks/deep.py found; nothing is run or typed by hand.

python docs/deep.py
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from textwrap import fill
from typing import Any

HERE = Path(__file__).parent
RESULTS = HERE.parent / "benchmarks/deep.json"
PAGE = HERE / "explanation/deep.md"
MADE = "<!-- Made by docs/deep.py from benchmarks/deep.json: python benchmarks/deep.py -->"
BASELINE = "max |z|"
RIVALS = (BASELINE, "PCA error")

Run = Mapping[str, Any]

INTRODUCTION = """A network with random weights is a detector, too: it redraws or predicts nothing well, so what is far
from usual scores high, much as `max |z|`, the strangest channel, would have it. Training is worth its time only
where the trained network beats both, and it has to do so on events that are hardly strange by any single value:
**contextual** ones, where a channel shows for a while what was normal half a day before, and **co-deviations**, where
several channels swell and subside together against the relations that usually hold between them.

The tables are simulated rooms of {rows} readings, one a seed, {share:.0f} % of the readings in such events; the first
60 % of the time are learned from, the rest is judged. Figures are areas under the precision-recall curve (AUC-PR)
over the judged readings, mean ± standard deviation over {seeds} seeds. Chance reaches {base:.2f}, the share of these
readings that lie in events. Every detector has its defaults. "Won" counts the seeds in which the trained network was
ahead."""

RULE = """**Recommended** is what beats both its untrained self and `max |z|` in the mean and in most seeds. It says
nothing on spikes and drops, which cheaper rules find as well, nor on your readings: `tocsin compare` does. `PCA error`
is the part of a reading that the main components leave over, which needs no network at all."""

FAULTS = """`augment_faults` puts a fault into a share of the training windows, and asks for the windows as they were.
Here it is .3, beside 0, on rooms and machines with all kinds of events, {seeds} seeds each, paired: the same table
and seed with and without. To keep the study short both learn from every third window. AUC-PR over all events; "won"
counts the tables in which it helped."""

COST = """What `tocsin fit` takes on 6,558 readings of 5 channels at the defaults, in seconds of processor time on one
core of the machine that made this page, which others were using too. Epochs are those that early stopping left.
Parameters are those that training moves, bytes the size of the graph with the scale in it. No default exceeds 100,000
parameters, so there is no smaller preset: a test holds that."""


def page(results: Mapping[str, Any]) -> str:
    """Return the text of the page."""
    runs = results["runs"]
    events, faults, cost = ([run for run in runs if run["stage"] == stage] for stage in ("events", "faults", "cost"))
    blocks = ["# What training is worth", MADE]
    if events:
        told = {"seeds": len({r["seed"] for r in events}), "base": _mean(r["base"] for r in events if "base" in r)}
        blocks += [_prose(INTRODUCTION.format(rows=f"{results['rows']:,}", share=100 * results["share"], **told))]
        blocks += ["## Trained, untrained, and a rule that costs nothing", _events(events), _prose(RULE)]
        blocks += ["## By kind of event", _kinds(events)]
    if faults:
        blocks += ["## Faults put into training", _prose(FAULTS.format(seeds=len({r["seed"] for r in faults})))]
        blocks += [_faults(faults), _pays(faults)]
    if cost:
        blocks += ["## What it takes", _prose(COST), _cost(cost)]
    return "\n\n".join(blocks) + "\n"


def verdict(name: str, events: Sequence[Run]) -> str:
    """Return "recommended", or "not recommended" and why."""
    trained = _by_seed(events, name, "trained")
    rivals = {"its untrained weights": _by_seed(events, name, "untrained"), BASELINE: _by_seed(events, BASELINE, "")}
    lost = [told for told, other in rivals.items() if not _beats(trained, other)]
    return f"not recommended: no better than {' and '.join(lost)}" if lost else "recommended"


def write() -> None:
    """Write the page."""
    PAGE.write_text(page(json.loads(RESULTS.read_text("utf-8"))), "utf-8")
    print(f"→ {PAGE.relative_to(HERE.parent)}")


def _events(runs: Sequence[Run]) -> str:
    rows = []
    for name in _names(runs):
        trained, untrained = (_by_seed(runs, name, how) for how in ("trained", "untrained"))
        told = (f"`{name}`", _spread(trained.values()), _spread(untrained.values()), _won(trained, untrained))
        beside = [_won(trained, _by_seed(runs, rule, "")) for rule in RIVALS]
        rows.append((_mean(trained.values()), (*told, *beside, verdict(name, runs))))
    best_first = [row for _, row in sorted(rows, reverse=True)]
    last = [
        (f"`{name}`", _spread(_by_seed(runs, name, "").values()), *[""] * (3 + len(RIVALS))) for name in _rules(runs)
    ]
    head = (
        "detector",
        "trained",
        "untrained",
        "won against it",
        *(f"won against `{rule}`" for rule in RIVALS),
        "verdict",
    )
    return _table(head, [*best_first, *last])


def _kinds(runs: Sequence[Run]) -> str:
    kinds = ("contextual", "co_deviation")
    rows = []
    for name in [*_names(runs), *_rules(runs)]:
        hows = ("",) if name in _rules(runs) else ("trained", "untrained")
        figures = [_spread(_by_seed(runs, name, how, kind).values()) for kind in kinds for how in hows]
        rows.append((f"`{name}`", *(figures if len(hows) == 2 else (figures[0], "", figures[1], ""))))
    return _table(("detector", *(f"{kind}, {how}" for kind in kinds for how in ("trained", "untrained"))), rows)


def _faults(runs: Sequence[Run]) -> str:
    rows = []
    for name in _names(runs):
        row = [f"`{name}`"]
        for scenario in _scenarios(runs):
            own = [run for run in runs if run["scenario"] == scenario]
            without, with_faults = (_by_seed(own, name, how) for how in ("without", "with"))
            row += [_spread(without.values()), _spread(with_faults.values()), _won(with_faults, without)]
        rows.append(tuple(row))
    head = [f"{scenario}, {what}" for scenario in _scenarios(runs) for what in ("without", "with", "won")]
    return _table(("detector", *head), rows)


def _pays(runs: Sequence[Run]) -> str:
    """Return in a sentence what faults in training change in the mean."""
    gains = []
    for scenario in _scenarios(runs):
        own = [run for run in runs if run["scenario"] == scenario]
        pairs = [(_by_seed(own, n, "with"), _by_seed(own, n, "without")) for n in _names(own)]
        gains += [one[seed] - other[seed] for one, other in pairs for seed in one if seed in other]
    mean, won = _mean(gains), sum(gain > 0 for gain in gains)
    does = "pays" if mean > 0 and 2 * won > len(gains) else "does not pay"
    return f"Over all, AUC-PR moves by {mean:+.3f}, up in {won} of {len(gains)} pairs: in the mean it {does}."


def _cost(runs: Sequence[Run]) -> str:
    rows = [
        (
            f"`{run['detector']}`",
            str(run["window"]),
            str(run["epochs"]),
            f"{run['fit_s']:.0f}",
            "" if run["parameters"] is None else f"{run['parameters']:,}",
            f"{run['bytes']:,}",
        )
        for run in runs
    ]
    return _table(("detector", "window", "epochs", "training, s", "parameters", "bytes"), rows)


def _by_seed(runs: Iterable[Run], name: str, how: str, kind: str = "all") -> dict[int, float]:
    """Return AUC-PR by seed; a run that failed counts as 0."""
    return {r["seed"]: r.get(kind) or 0.0 for r in runs if r["detector"] == name and r["as"] == how}


def _prose(text: str) -> str:
    """Return paragraphs in lines of at most 120 characters."""
    paragraphs = (" ".join(part.split()) for part in text.split("\n\n"))
    return "\n\n".join(fill(part, 120, break_long_words=False, break_on_hyphens=False) for part in paragraphs)


def _names(runs: Iterable[Run]) -> list[str]:
    return sorted({run["detector"] for run in runs if run["as"]})


def _rules(runs: Iterable[Run]) -> list[str]:
    return sorted({run["detector"] for run in runs if not run["as"]})


def _scenarios(runs: Iterable[Run]) -> list[str]:
    return sorted({run["scenario"] for run in runs})


def _beats(one: Mapping[int, float], other: Mapping[int, float]) -> bool:
    both = [seed for seed in one if seed in other]
    ahead = sum(one[seed] > other[seed] for seed in both)
    return _mean(one.values()) > _mean(other.values()) and 2 * ahead > len(both)


def _won(one: Mapping[int, float], other: Mapping[int, float]) -> str:
    both = [seed for seed in one if seed in other]
    return f"{sum(one[seed] > other[seed] for seed in both)} of {len(both)}"


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return statistics.fmean(found) if found else float("nan")


def _spread(values: Iterable[float]) -> str:
    found = list(values)
    deviation: Callable[[Sequence[float]], float] = statistics.stdev
    return f"{_mean(found):.2f} ± {deviation(found):.2f}" if len(found) > 1 else f"{_mean(found):.2f}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [[cell.replace("|", "\\|") for cell in line] for line in (head, ["---"] * len(head), *rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    write()
