"""Writes the page on what smaller artifacts are worth from what benchmarks/small.py found; nothing is typed by hand.

python docs/small.py
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from textwrap import fill
from typing import Any

HERE = Path(__file__).parent
RESULTS = HERE.parent / "benchmarks/small.json"
PAGE = HERE / "explanation/small.md"
MADE = "<!-- Made by docs/small.py from benchmarks/small.json: python benchmarks/small.py --data DIR -->"

KEPT = 0.999
"""Share of the verdicts that int8 is to leave as they are."""

Row = Mapping[str, Any]

INTRODUCTION = """Everything here was measured by `python benchmarks/small.py --data DIR`, and is written down as it
came out, better or worse. How each kind of smaller artifact is made: [in 8 bits](../how-to/int8.md),
[as a student](../how-to/distill.md), [pruned](../how-to/prune.md), [in C](../how-to/microcontroller.md). For artifacts
and readings of your own: [`tocsin footprint`](../how-to/footprint.md)."""

TAKES = """Learned on the first 60 % of {case}. FLOP are those of a reading, counted from the graph; the file is the
whole artifact, packed, with the evidence behind its limit. Memory is the most that a process held which does nothing
but score, Python and ONNX Runtime in it. Microseconds mean something only within one run on a machine that has little
else to do: `tocsin footprint` tells them, and [a benchmark](../../benchmarks/README.md#small-machines) beside LiteRT
and PyTorch."""

WORTH = """VUS-PR, events caught and false alarms on the later, judged readings of each case, by the lab's protocol
with a frozen limit. "Same verdict" compares with what it was made from: for int8 the artifact in floating point, for
a student its teacher. Rounded is by the 64 normal windows that an artifact holds, or by those of the readings it has
learned from, where "readings given" stands. The promise for int8 is 99.9 % and a loss of at most .01 VUS-PR, at a
third of the graph's size; for a student of 20,000 parameters a loss of at most .02, *in the mean*: one student moves
by .01 to .03 from seed to seed, in both directions, so a single row says little, and that a student beats its teacher
is luck."""

PRUNED = """Rooms of 6,000 simulated readings, each network judged on another room; half of the units of each layer
stay. The small one from scratch has the sizes and epochs of the pruned one. "Same verdict" is with the large one."""

IN_C = """Learned on a simulated room of five channels, with all settings as they are by default. Flash, RAM for each
device and stack are what `arm-none-eabi-gcc -Os` tells, the mathematics of its library among it. "Apart" is the
greatest difference from the artifact's score on {windows:,} windows of another room, with faults, as a share of
max(|score|, limit): the promise is 1e-4 for `c`. `c-int8` promises no scores but verdicts."""

BESIDE = """The same weights in ONNX Runtime, LiteRT and PyTorch, each on one thread and in a process of its own,
taking turns: `python benchmarks/run.py --only edge`, which stops unless they agree;
[how](../../benchmarks/README.md#small-machines). A graph does more than the other two, which get scaled windows and
tell no shares. Ratios above 1 speak for tocsin. Machine: {machine}. Processes that wanted to run when it began:
{load:.1f}. Where those are more than cores, the 99th percentile by the clock is how long others were let in between,
and the processor time of a reading says more."""


def page(results: Mapping[str, Any]) -> str:
    """Return the text of the page."""
    blocks = ["# What smaller artifacts are worth", MADE, _prose(INTRODUCTION), *_of_cases(results.get("cases", {}))]
    if "pruned" in results:
        blocks += ["## Pruned, or small from the start", _prose(PRUNED), _pruned(results["pruned"])]
    if "c" in results:
        blocks += ["## On a microcontroller", *_of_c(results["c"])]
    if "beside" in results:
        blocks += ["## Beside LiteRT and PyTorch", *_of_speed(results["beside"])]
    return "\n\n".join(blocks) + "\n"


def write() -> None:
    """Write the page."""
    PAGE.write_text(page(json.loads(RESULTS.read_text("utf-8"))), "utf-8")
    print(f"→ {PAGE.relative_to(HERE.parent)}")


def _of_cases(cases: Mapping[str, Sequence[Row]]) -> Iterator[str]:
    for name, rows in cases.items():
        if timed := [row for row in rows if "reading_p50_us" in row]:
            yield "## What they take"
            yield _prose(TAKES.format(case=f"`{name}`"))
            yield _takes(timed)
    if cases:
        yield "## What they are worth"
        yield _prose(WORTH)
        yield _worth(cases)
        yield _prose(_summary(cases))


def _takes(rows: Iterable[Row]) -> str:
    head = ("", "parameters", "FLOP", "graph", "file", "memory")
    return _table(
        head,
        (
            (
                row["name"],
                f"{row['parameters']:,}",
                f"{row['flop']:,}",
                *(f"{row[key] / 1e3:.1f} kB" for key in ("graph_bytes", "file_bytes")),
                f"{(row['memory_bytes'] or 0) / 1e6:.0f} MB",
            )
            for row in rows
        ),
    )


def _worth(cases: Mapping[str, Sequence[Row]]) -> str:
    head = ("readings", "", "graph", "VUS-PR", "lost", "events caught", "false alarms", "same verdict")
    return _table(
        head,
        (
            (f"`{name}`" if k == 0 else "", *_line(row, rows))
            for name, rows in cases.items()
            for k, row in enumerate(rows)
        ),
    )


def _line(row: Row, rows: Sequence[Row]) -> tuple[str, ...]:
    if "refused" in row:
        return (row["name"], "refused", "", "", "", "", "")
    origin = _origin(row, rows)
    return (
        row["name"],
        f"{row['graph_bytes'] / 1e3:.0f} kB"
        + (f" (÷ {origin['graph_bytes'] / row['graph_bytes']:.1f})" if origin else ""),
        f"{row['vus_pr']:.3f}",
        f"{round(origin['vus_pr'] - row['vus_pr'], 3) + 0.0:+.3f}" if origin else "",
        f"{row['caught']} of {row['events']}",
        str(row["false_alarms"]),
        f"{row['agreement']:.2%} of {row['readings']:,}" if origin else "",
    )


def _origin(row: Row, rows: Sequence[Row]) -> Row | None:
    """Return the row of what an artifact was made from."""
    name = row["name"]
    wanted = name.partition(", int8")[0] if ", int8" in name else name.removeprefix("student of ")
    return None if wanted == name else next(each for each in rows if each["name"] == wanted)


def _summary(cases: Mapping[str, Sequence[Row]]) -> str:
    """Return in words what int8 and students lose over all cases."""
    pairs = [
        (row, origin)
        for rows in cases.values()
        for row in rows
        if "refused" not in row and (origin := _origin(row, rows))
    ]
    students = [pair for pair in pairs if "int8" not in pair[0]["name"]]
    own, given = ([pair for pair in pairs if pair[0]["name"].endswith(end)] for end in ("int8", "given"))
    refused = sum("refused" in row for rows in cases.values() for row in rows)
    return f"""By the artifact's own 64 windows, {_told(own)} By windows of the readings that were learned from,
{_told(given)} Students lose {statistics.fmean(_lost(students)):+.3f} VUS-PR in the mean,
{statistics.fmean(max(each, 0.0) for each in _lost(students)):+.3f} where no gain makes up for a loss, and
{max(_lost(students)):+.3f} in the worst case. Exports refused: {refused}."""


def _told(int8: Sequence[tuple[Row, Row]]) -> str:
    """Return in words what rounding changes."""
    if not int8:
        return ""
    smaller = [origin["graph_bytes"] / row["graph_bytes"] for row, origin in int8]
    readings = sum(row["readings"] for row, _ in int8)
    turned = sum(round((1 - row["agreement"]) * row["readings"]) for row, _ in int8)
    worst = max(int8, key=lambda pair: 1 - pair[0]["agreement"])[0]
    below = sum(row["agreement"] < KEPT for row, _ in int8)
    return f"""{turned} of {readings:,} verdicts turned ({worst["agreement"]:.2%} are the same where it is worst, and
fewer than {KEPT:.1%} in {below} of {len(int8)} exports); the greatest loss of VUS-PR is {max(_lost(int8)):.4f}, and
graphs are {min(smaller):.1f} to {max(smaller):.1f} times smaller."""


def _lost(pairs: Iterable[tuple[Row, Row]]) -> list[float]:
    return [origin["vus_pr"] - row["vus_pr"] for row, origin in pairs]


def _pruned(found: Mapping[str, Sequence[Row]]) -> str:
    head = ("", "room", "parameters", "VUS-PR: large", "pruned", "from scratch", "same verdict: pruned", "from scratch")
    return _table(
        head,
        (
            (
                f"`{name}`" if k == 0 else "",
                str(row["seed"]),
                f"{row['large']['parameters']:,} → {row['pruned']['parameters']:,}",
                *(f"{row[which]['vus_pr']:.3f}" for which in ("large", "pruned", "scratch")),
                *(f"{row[which]['agreement']:.2%}" for which in ("pruned", "scratch")),
            )
            for name, rows in found.items()
            for k, row in enumerate(rows)
        ),
    )


def _of_c(found: Mapping[str, Mapping[str, Row]]) -> Iterator[str]:
    some = [one for targets in found.values() for one in targets.values() if "facts" in one]
    yield _prose(IN_C.format(windows=max(one["windows"] for one in some)))
    head = ("", "target", "weights", "flash", "RAM", "stack", "apart", "same verdict")
    yield _table(head, (line for name, targets in found.items() for line in _targets(name, targets)))
    if refusals := [
        f"`{name}` as `{t}`: {one['refused']}"
        for name, ts in found.items()
        for t, one in ts.items()
        if "refused" in one
    ]:
        yield _prose("Refused: " + " ".join(refusals))


def _targets(name: str, targets: Mapping[str, Row]) -> Iterator[tuple[str, ...]]:
    for target, one in targets.items():
        if "facts" in one:
            facts = list(one["facts"].items())
            sizes = {key.partition(" (")[0].partition(",")[0]: value for key, value in facts}
            told = (sizes["precision"], sizes["flash"], sizes["RAM"], sizes.get("stack", ""))
            yield (f"`{name}`", f"`{target}`", *told, f"{one['apart']:.1e}", f"{one['agreement']:.2%}")
        else:
            yield (f"`{name}`", f"`{target}`", "refused", "", "", "", "", "")


def _of_speed(found: Mapping[str, Any]) -> Iterator[str]:
    yield _prose(BESIDE.format(machine=found["machine"], load=found["load"] or 0.0))
    rows = []
    for line in found["lines"]:
        other = "" if line["reference"] is None else _figure(line["reference"], line["unit"])
        gain = "" if line["gain"] is None else f"{line['gain']:.2f}"
        rows.append((line["group"], line["what"], _figure(line["value"], line["unit"]), line["against"], other, gain))
    yield _table(("network", "figure", "tocsin", "beside", "its figure", "ratio"), rows)


def _figure(value: float, unit: str) -> str:
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"


def _prose(text: str) -> str:
    """Return a paragraph in lines of at most 120 characters."""
    return fill(" ".join(text.split()), 120, break_long_words=False, break_on_hyphens=False)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [[cell.replace("|", "\\|") for cell in line] for line in (head, ["---"] * len(head), *rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    write()
