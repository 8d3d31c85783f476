"""Writes the page of the published benchmarks from what ``tocsin benchmark`` found; nothing is run or typed by hand.

    python docs/benchmarks.py --results DIR
    python docs/benchmarks.py                    # the section on what thresholds promised alone; the rest stays

DIR holds the folders that ``tocsin benchmark NAME … -o DIR/NAME`` wrote, or their JSON files. What thresholds promised
is told by benchmarks/limits.json.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from textwrap import fill
from typing import Any

from tocsin.core.discover import names
from tocsin.training.benchmark import markdown
from tocsin.training.recipe import DEFAULT

HERE = Path(__file__).parent
PAGE = HERE / "benchmarks.md"
LIMITS = HERE.parent / "benchmarks/limits.json"
MADE = "<!-- Made by docs/benchmarks.py from the JSON of `tocsin benchmark`: make published DATA=folder. -->"
ORDER = ("nab", "skab", "smap_msl", "wsn", "ton_iot", "ims", "occupancy", "ai4i2020")
KINDS = {"published": "best published", "ours": "best of ours", "baseline": "best rule that costs nothing"}

INTRODUCTION = """What tocsin's detectors reach on published benchmarks, each by its own rules, beside what others have
published, and beside four rules that cost nothing: `random`, `all-ones`, `max |z|` (the strangest channel) and
`PCA error` (what the main components leave over). A result means something only beside them. Nothing is left out
because it looks bad. A row of ours is a detector with its defaults, unless it says otherwise; no setting was chosen for
a single series. But NAB, SKAB, SMAP and MSL were looked at while the default was designed
([decision 12](decisions/0012-ensemble-and-auto.md)), so that its figures there flatter; the other files and the
simulations were not.

Two tracks are kept apart. **Prequential** is what a user lives with: a score knows the past alone, and the limit was
found on the readings learned from and then frozen. **Offline** is what some published tables ask for: a score may know
the future, and no limit is judged. Where a protocol chooses a limit in hindsight, as NAB's does, its table says so.

A method that fails on a case counts as if it had found nothing there, and is named. With several seeds, figures are the
mean ± the standard deviation over them. The files belong to others; each section says where they come from."""

PROMISED = "## What was promised, and what came out"
_PROMISED = """On each case below `{detector}` learned once, with its defaults. The last 40 % of the normal readings it
was given, the share that a budget asks for, were kept as the reference of all thresholds alike, which then judged the
later readings: same graph, same scores. A threshold promises a share of normal readings above the limit, here {rate:g}
%, and keeps that up to {factor:g} times as many; a budget promises one false alarm per device in a stretch of readings,
and keeps it or does not. **To measure** is a budget of one in 0.4 of the reference, about the tightest that so many
normal readings can prove; **a day** is one per device and day, which takes 2.3 days of them. A threshold that says its
reference is *not enough* has promised nothing; where its case then went wrong, the warning was right."""

_READ = (
    "A rate counts readings, a budget incidents, after hysteresis: their figures cannot be compared, only each with "
    "its own promise. FPR is the share of normal readings above the limit; told, of normal readings in an incident.",
    "An alarm that goes on counts once more for each whole day, or for each stretch in which a budget allows one, that "
    "it goes on over normal readings: nobody is served by a single alarm that never ends.",
    "A promise is about readings like those of the reference. Most of these sets were made to be hard: what is judged "
    "is another day, another load, another month, and a limit that never moves is broken by that, not by chance. "
    "[Which threshold promises what](explanation/calibration.md).",
    "A window that still holds a labelled reading is not normal: it counts neither for nor against, so that figures "
    "differ a little from those of the sections below. Labels that come late make false alarms of true ones.",
    "Whoever rings all the time catches every event, and at once: read events and delay beside FPR. A delay is the "
    "median over the events caught, in readings.",
    "IMS has no labels: its one event is the alarm that lasts to the end, if there is one. SMAP, MSL and AI4I have no "
    "clock: a day means nothing there, and the budget by day is refused. **1 in 42** is one in so many readings.",
)


def page(results: Sequence[Mapping[str, Any]], limits: Mapping[str, Any] | None = None) -> str:
    """Return the text of the page, benchmarks in a fixed order, whatever order they come in.

    Parameters
    ----------
    results
        One of each benchmark.
    limits
        What thresholds promised; None to leave that out.
    """
    known = {told["name"]: told for told in results}
    rest = [name for name in names("training.benchmark") if name not in ORDER]
    ordered = [known[name] for name in (*ORDER, *rest) if name in known]
    blocks = [
        "# Published benchmarks",
        MADE,
        INTRODUCTION,
        "## At a glance",
        _glance(ordered),
        "A glance is no judgement: one figure hides what the remarks under each table tell.",
        f"Made with {_versions(ordered)}.",
        *([promised(limits).strip()] if limits else []),
        *(markdown(told, level=2).strip() for told in ordered),
    ]
    return "\n\n".join(blocks) + "\n"


def read(folder: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the results in a folder, or in the folders inside it."""
    for name in names("training.benchmark"):
        for path in (folder / f"{name}.json", folder / name / f"{name}.json"):
            if path.exists():
                yield json.loads(path.read_text("utf-8"))
                break


def _glance(results: Sequence[Mapping[str, Any]]) -> str:
    """Return the best of each kind by the first column of each benchmark's own table."""
    head = ["table", "figure", "the default", *KINDS.values()]
    lines = [head, ["---"] * len(head)]
    for told in results:
        for table in _leading(told):
            column = table["columns"][0]
            best = (_best(table, column, kind) for kind in KINDS)
            lines.append([table["title"], column["label"], _default(table, column), *best])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _default(table: Mapping[str, Any], column: Mapping[str, Any]) -> str:
    """Return what is trained where nobody names a detector, to be read beside the best in hindsight."""
    found = [row["values"].get(column["name"]) for row in table["rows"] if row["method"] == DEFAULT]
    return "–" if not found or found[0] is None else f"{found[0]:.{column['digits']}f}".replace("-", "−")


def _leading(told: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the tables that stand beside published rows; the first one where none does."""
    beside = [table for table in told["tables"] if any(row["kind"] == "published" for row in table["rows"])]
    return beside or told["tables"][:1]


def _best(table: Mapping[str, Any], column: Mapping[str, Any], kind: str) -> str:
    rows = [row for row in table["rows"] if row["kind"] == kind and row["values"].get(column["name"]) is not None]
    if not rows:
        return "–"
    found = max(rows, key=lambda row: row["values"][column["name"]] * (1 if column["rises"] is not False else -1))
    value = f"{found['values'][column['name']]:.{column['digits']}f}".replace("-", "−")
    return f"{value} ({found['method']})".replace("|", "\\|")


def _versions(results: Sequence[Mapping[str, Any]]) -> str:
    found = {f"{library} {version}" for told in results for library, version in told["versions"].items()}
    return ", ".join(sorted(found, key=lambda text: (not text.startswith("tocsin"), text)))


def promised(limits: Mapping[str, Any]) -> str:
    """Return the section on what thresholds promised, and what came out."""
    blocks = [PROMISED]
    for detector, sets in limits["detectors"].items():
        introduction = _PROMISED.format(detector=detector, rate=100 * limits["rate"], factor=limits["factor"])
        also = f"The same with `{detector}`, on some sets:"
        blocks.append(fill(introduction if len(blocks) == 1 else also, 120))
        blocks += [_table(_SUMMED, _over_all(sets)), _table(_EACH, _by_set(sets, limits["rate"]))]
    blocks.append("\n".join(fill(f"- {remark}", 120, subsequent_indent="  ") for remark in _READ))
    blocks.append("```console\npython benchmarks/limits.py --data DATA --jobs 2\n```")
    return "\n\n".join(blocks) + "\n"


_SUMMED = ("all sets", "promises made", "kept", "not enough said", "rightly", "events caught")
_EACH = ("set", "threshold", "promised", "FPR %", "told %", "false alarms", "kept", "not enough", "caught", "delay")


def _over_all(sets: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each threshold, cases of all sets together."""
    for name in dict.fromkeys(name for told in sets.values() for name in told["rows"]):
        rows = [told["rows"][name] for told in sets.values() if name in told["rows"]]
        made, kept, lacking, broken, events, caught = (
            sum(row[what] for row in rows) for what in ("promised", "kept", "not_enough", "broken", "events", "caught")
        )
        yield name, str(made), _share(kept, made), str(lacking), _share(broken, lacking), _share(caught, events)


def _share(part: int, whole: int) -> str:
    return f"{part} ({part / whole:.0%})".replace("%", " %") if whole else "–"


def _by_set(sets: Mapping[str, Any], rate: float) -> Iterator[tuple[str, ...]]:
    for name, told in sets.items():
        cases = f"{told['cases']} case{'s' if told['cases'] > 1 else ''}, reference {told['reference']:.0f}"
        heads = [f"**{name}**, {cases}", *[""] * len(told["rows"])]
        for head, (threshold, row) in zip(heads, told["rows"].items(), strict=False):
            yield (head, threshold, *(_came_out(row, rate) if row["judged"] else ["–"] * (len(_EACH) - 2)))


def _came_out(row: Mapping[str, Any], rate: float) -> tuple[str, ...]:
    """Return the cells of one threshold on one set."""
    watched = max(row["watched"], 1)
    return (
        _promise(row, rate),
        _short(100 * row["flagged"] / watched),
        _short(100 * row["told"] / watched),
        _often(row),
        f"{row['kept']} of {row['promised']}" if row["promised"] else "–",
        f"{row['not_enough']}, {row['broken']} broken" if row["not_enough"] else "–",
        f"{row['caught']} of {row['events']}",
        "–" if row["delay"] is None else f"{row['delay']:.0f}",
    )


def _promise(row: Mapping[str, Any], rate: float) -> str:
    if row["stretch"] is None:
        return f"{100 * rate:g} %"
    return "1 a day" if row["by_day"] else f"1 in {row['stretch']:,.0f}"


def _often(row: Mapping[str, Any]) -> str:
    """Return how often false alarms came, in the terms of the promise: by the day, or in so many readings."""
    if row["days"] and (row["by_day"] or row["stretch"] is None):
        return f"{_short(row['false_alarms'] / row['days'])} a day"
    each = row["watched"] / row["false_alarms"] if row["false_alarms"] else row["watched"]
    return f"{1 if row['false_alarms'] else 'none'} in {each:,.0f}"


def _short(figure: float) -> str:
    """Return a figure with two digits, or all before the point."""
    return f"{figure:,.0f}" if figure >= 10 else f"{figure:.2g}"


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, ("---",) * len(head), *rows))


def renewed(text: str, section: str) -> str:
    """Return a page with its section on promises replaced; put before the first benchmark where there was none."""
    old = re.compile(rf"^{re.escape(PROMISED)}$.*?(?=^## )", re.MULTILINE | re.DOTALL)
    if old.search(text):
        return old.sub(lambda _: f"{section}\n", text)
    first = re.search(r"^## (?!At a glance)", text, re.MULTILINE)
    place = first.start() if first else len(text)
    return f"{text[:place]}{section}\n{text[place:]}"


def write(results: Path | None) -> None:
    """Write the page, or its section on promises alone."""
    limits = json.loads(LIMITS.read_text("utf-8"))
    if results is None:
        PAGE.write_text(renewed(PAGE.read_text("utf-8"), promised(limits)), "utf-8")
        print("→ docs/benchmarks.md: what was promised")
        return
    told = list(read(results))
    PAGE.write_text(page(told, limits), "utf-8")
    print(f"→ docs/benchmarks.md: {', '.join(str(each['name']) for each in told)}")


if __name__ == "__main__":
    given = argparse.ArgumentParser(description="Write docs/benchmarks.md from the results of tocsin benchmark.")
    given.add_argument("--results", type=Path, help="folder that holds them")
    write(given.parse_args().results)
