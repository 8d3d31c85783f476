"""Writes the page on what the default chooses from what benchmarks/auto.py found; nothing is run or typed by hand.

python docs/auto.py
"""

from __future__ import annotations

import json
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from textwrap import fill
from typing import Any

HERE = Path(__file__).parent
RESULTS = HERE.parent / "benchmarks/auto.json"
PAGE = HERE / "explanation/auto.md"
MADE = "<!-- Made by docs/auto.py from benchmarks/auto.json: python benchmarks/auto.py --data DIR -->"

AUTO, UNIFORM, RULE, CHANCE = "auto", "ensemble", "max |z|", "random"
LOOKED_AT = ("skab", "smap_msl", "nab")
"""Benchmarks that were looked at while the default was made."""

FAR = 0.05
"""A weight that differs from an equal one by more counts as another choice."""

Told = Mapping[str, Any]

INTRODUCTION = """`auto` is what `tocsin fit` trains where nobody names a detector. It is worth its place if it beats,
with its defaults everywhere, the simple things it could be replaced with: the **uniform average** of the same members
(`ensemble`), and **always the best single** detector, the one of {singles} with the best mean over these sets, which is
{best}. Beside them stands the **best single of each set**. That one is an oracle: only the labels tell who it is.

Figures are VUS-PR of the scores on the judged readings, mean over the cases of a set; no limit enters, and each score
knows the past alone. A random score reaches what stands in the column chance, the greatest distance of a channel from
its mean, in deviations, what stands in the column `max |z|`. One seed, nothing tuned to a set; but
skab, smap_msl and nab were looked at while the default was made, the others were not."""

CHOSEN = """Weights of the members, mean over the cases of a set where nobody stood in for them. Without faults
to go by, each would have {equal:.2f}. A set counts as chosen differently where a member has no say in at least half of
the cases, a weight is more than {far:.2f} away from the equal one, or somebody stands in, and this is not what was
chosen on most sets."""


COST = """`tocsin fit` on 6,558 readings of 5 channels, in seconds of processor time; one reading from prepare to
policy, and a batch through the graph alone, in µs, median, the least of three rounds. Measured by turns in one process
on one core, which others were using too: read the ratios. What networks take stands on [their page](deep.md)."""


def page(results: Mapping[str, Any]) -> str:
    """Return the text of the page."""
    sets, singles = results["sets"], results["singles"]
    best = always(sets, singles)
    members = list(dict.fromkeys(name for told in sets.values() for one in told["chosen"] for name in _weights(one)))
    equal = 1 / max(len(members), 1)
    introduction = INTRODUCTION.format(singles=_listed(singles), best=f"`{best}`")
    blocks = ["# What the default chooses, and what it is worth", MADE, _prose(introduction)]
    blocks += ["## Beside the others", _ranking(sets, singles, best), _prose(_summary(sets, singles, best))]
    blocks += ["## By the sets' own measures", _prose(_OWN), _own(sets, singles, best)]
    blocks += ["## What it chose", _prose(CHOSEN.format(equal=equal, far=FAR)), _chosen(sets, members)]
    blocks += [_prose(_different(sets))]
    if results["cost"]:
        blocks += [
            "## What it costs",
            _prose(COST),
            _cost(results["cost"], members),
            _prose(_ratio(results["cost"], members)),
        ]
    return "\n\n".join(blocks) + "\n"


_OWN = """The same methods by what each benchmark itself goes by. F1 of skab says something only beside the share of
false alarms: who rings all the time scores .70. Single detectors have the limit that each finds by default. The oracle
is the best by the measure, or by the one above it."""


def always(sets: Mapping[str, Told], singles: Sequence[str]) -> str:
    """Return the single detector with the best mean over all sets."""
    return max(singles, key=lambda name: _mean(_vus(told, name) for told in sets.values()))


def oracle(told: Told, singles: Sequence[str]) -> str:
    """Return the best single detector of one set, which only its labels tell."""
    return max(singles, key=lambda name: _vus(told, name))


def signature(told: Told) -> tuple[str, ...]:
    """Return what is not as an equal average would have it, in words; empty where nothing is."""
    chosen = told["chosen"]
    stood_in = [one["stand_in"] for one in chosen if "stand_in" in one]
    if 2 * len(stood_in) >= len(chosen):
        return tuple(f"`{name}` stands in" for name in dict.fromkeys(stood_in))
    heard = [_weights(one) for one in chosen if "weights" in one]
    members = list(heard[0])
    silent = [name for name in members if 2 * sum(not weights.get(name) for weights in heard) >= len(heard)]
    mean = {name: _mean(weights.get(name, 0.0) for weights in heard) for name in members}
    equal = 1 / len(members)
    more = [name for name in members if _beyond(mean[name] - equal)]
    less = [name for name in members if _beyond(equal - mean[name]) and name not in silent]
    told_of = ((silent, "no say for"), (more, "more weight for"), (less, "less weight for"))
    return tuple(f"{what} {_listed(names)}" for names, what in told_of if names)


def differently(sets: Mapping[str, Told]) -> list[str]:
    """Return the sets on which something else was chosen than on most."""
    usual = Counter(signature(told) for told in sets.values()).most_common(1)[0][0]
    return [name for name, told in sets.items() if signature(told) != usual]


def write() -> None:
    """Write the page."""
    PAGE.write_text(page(json.loads(RESULTS.read_text("utf-8"))), "utf-8")
    print(f"→ {PAGE.relative_to(HERE.parent)}")


def _ranking(sets: Mapping[str, Told], singles: Sequence[str], best: str) -> str:
    head = (
        "set",
        "cases",
        "`auto`",
        "uniform average",
        f"always `{best}`",
        "best of the set (oracle)",
        f"`{RULE}`",
        "chance",
    )
    rows = []
    for name, told in sets.items():
        known = oracle(told, singles)
        figures = [f"{_vus(told, method):.3f}" for method in (AUTO, UNIFORM, best)]
        seen = f"{_vus(told, known):.3f} `{known}`"
        rows.append((name, str(told["cases"]), *figures, seen, *(f"{_vus(told, rule):.3f}" for rule in (RULE, CHANCE))))
    others = {name: told for name, told in sets.items() if not name.startswith(LOOKED_AT)}
    rows += [_mean_row("mean", sets, singles, best), _mean_row("mean, without those looked at", others, singles, best)]
    return _table(head, rows)


def _mean_row(label: str, sets: Mapping[str, Told], singles: Sequence[str], best: str) -> tuple[str, ...]:
    means = [f"**{_mean(_vus(told, method) for told in sets.values()):.3f}**" for method in (AUTO, UNIFORM, best)]
    top = _mean(_vus(told, oracle(told, singles)) for told in sets.values())
    rules = [f"{_mean(_vus(told, rule) for told in sets.values()):.3f}" for rule in (RULE, CHANCE)]
    return (f"**{label}**", "", *means, f"{top:.3f}", *rules)


def _summary(sets: Mapping[str, Told], singles: Sequence[str], best: str) -> str:
    """Return in words who is ahead on how many sets."""

    def ahead(other: str) -> int:
        return sum(_vus(told, AUTO) > _vus(told, other) for told in sets.values())

    beaten = sum(_vus(told, AUTO) > _vus(told, oracle(told, singles)) for told in sets.values())
    nearest = sorted(singles, key=lambda name: -_mean(_vus(told, name) for told in sets.values()))[:3]
    means = ", ".join(f"`{name}` {_mean(_vus(told, name) for told in sets.values()):.3f}" for name in nearest)
    gap = _mean(_vus(told, AUTO) - _vus(told, UNIFORM) for told in sets.values())
    return (
        f"`auto` is ahead of the uniform average on {ahead(UNIFORM)} of {len(sets)} sets, of always `{best}` on "
        f"{ahead(best)}, and of the oracle on {beaten}; in the mean it differs from the uniform average by {gap:+.3f}. "
        f"The best single detectors reach in the mean: {means}."
    )


def _own(sets: Mapping[str, Told], singles: Sequence[str], best: str) -> str:
    rows = []
    for name, told in sets.items():
        own = [(label, found) for label, found in told["measures"].items() if label != "VUS-PR"]
        # the first measure says who is best; what stands behind it, such as false alarms, is of the same detector
        known = max(singles, key=lambda single: own[0][1].get(single, 0.0)) if own else ""
        for label, found in own:
            figures = (_figure(found.get(method)) for method in (AUTO, UNIFORM, best))
            rows.append((name, label, *figures, f"{_figure(found.get(known))} `{known}`"))
    return _table(("set", "measure", "`auto`", "uniform average", f"always `{best}`", "best of the set (oracle)"), rows)


def _chosen(sets: Mapping[str, Told], members: Sequence[str]) -> str:
    rows = []
    for name, told in sets.items():
        heard = [_weights(one) for one in told["chosen"] if "weights" in one]
        weights = [f"{_mean(one.get(member, 0.0) for one in heard):.2f}" if heard else "–" for member in members]
        rows.append((name, *weights, _said(told)))
    return _table(("set", *(f"`{member}`" for member in members), "what differs from an equal average"), rows)


def _said(told: Told) -> str:
    standing = sum("stand_in" in one for one in told["chosen"])
    often = f" (on {standing} of {len(told['chosen'])})" if standing else ""
    return ("; ".join(signature(told)) or "near equal weights") + often


def _cost(cost: Mapping[str, Told], members: Sequence[str]) -> str:
    shown = [name for name in (AUTO, UNIFORM, *members, *cost) if name in cost]
    columns = ("fit_s", "reading_us", "batch_us", "bytes")
    rows = [(f"`{name}`", *(f"{cost[name][column]:,}" for column in columns)) for name in dict.fromkeys(shown)]
    return _table(("detector", "training, s", "one reading, µs", "64 windows, µs", "graph, bytes"), rows)


def _ratio(cost: Mapping[str, Told], members: Sequence[str]) -> str:
    """Return in words what an average takes beside all its members together."""
    together = {column: sum(cost[name][column] for name in members) for column in ("fit_s", "batch_us", "reading_us")}
    times = {column: cost[AUTO][column] / whole for column, whole in together.items()}
    return (
        f"Training takes {times['fit_s']:.1f} times what its members take one after the other: each learns four times, "
        f"from the whole and for each of three stretches of time that are held out, and judges windows with faults put "
        f"in. A batch takes {times['batch_us']:.1f} times what the members take, one reading, most of whose time goes "
        f"into what surrounds the graph, {times['reading_us']:.1f} times."
    )


def _different(sets: Mapping[str, Told]) -> str:
    names = differently(sets)
    cases = [one for told in sets.values() for one in told["chosen"]]
    uneven = sum("stand_in" in one or _uneven(_weights(one)) for one in cases)
    return (
        f"Chosen differently: {len(names)} of {len(sets)} sets ({'; '.join(names)}). Case by case, {uneven} of "
        f"{len(cases)} tables got something else than near equal weights of all members."
    )


def _uneven(weights: Mapping[str, float]) -> bool:
    return any(_beyond(abs(weight - 1 / len(weights))) for weight in weights.values())


def _beyond(gap: float) -> bool:
    return round(gap, 3) > FAR  # weights are told with two digits


def _weights(one: Mapping[str, Any]) -> dict[str, float]:
    return dict(one.get("weights", {}))


def _vus(told: Told, method: str) -> float:
    """Return VUS-PR of a method; one that failed everywhere has none, which counts as nothing."""
    return float(told["measures"]["VUS-PR"].get(method, 0.0))


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}" if value > 1 else f"{value:.3f}"


def _listed(names: Sequence[str]) -> str:
    shown = [f"`{name}`" for name in names]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _mean(values: Iterable[float]) -> float:
    return statistics.fmean(values)


def _prose(text: str) -> str:
    """Return paragraphs in lines of at most 120 characters."""
    paragraphs = (" ".join(part.split()) for part in text.split("\n\n"))
    return "\n\n".join(fill(part, 120, break_long_words=False, break_on_hyphens=False) for part in paragraphs)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [[cell.replace("|", "\\|") for cell in line] for line in (head, ["---"] * len(head), *rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    write()
