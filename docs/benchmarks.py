"""Writes the page of the published benchmarks from what ``tocsin benchmark`` found; nothing is run or typed by hand.

    python docs/benchmarks.py --results DIR

DIR holds the folders that ``tocsin benchmark NAME … -o DIR/NAME`` wrote, or their JSON files.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tocsin.core.discover import names
from tocsin.training.benchmark import markdown
from tocsin.training.recipe import DEFAULT

HERE = Path(__file__).parent
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


def page(results: Sequence[Mapping[str, Any]]) -> str:
    """Return the text of the page, benchmarks in a fixed order, whatever order they come in."""
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


if __name__ == "__main__":
    given = argparse.ArgumentParser(description="Write docs/benchmarks.md from the results of tocsin benchmark.")
    given.add_argument("--results", type=Path, required=True, help="folder that holds them")
    told = list(read(given.parse_args().results))
    (HERE / "benchmarks.md").write_text(page(told), "utf-8")
    print(f"→ docs/benchmarks.md: {', '.join(str(each['name']) for each in told)}")
