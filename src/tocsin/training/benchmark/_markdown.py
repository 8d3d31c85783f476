"""A benchmark's report as Markdown, made from its JSON, so that pages can be made anew without running anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

MINUS = "−"


def markdown(told: Mapping[str, Any], *, level: int = 1) -> str:
    """Return the page of one benchmark.

    Parameters
    ----------
    told
        What :meth:`Report.as_dict` returned, also after a trip through JSON.
    level
        Of its heading.
    """
    head = [f"{'#' * level} {told['name']}", told["summary"], f"Files: {told['origin']}."]
    command = [f"```console\n{told['command']}\n```"] if told["command"] else []
    seen: set[str] = set()
    body = [block for table in told["tables"] for block in _table(table, level + 1, seen)]
    return "\n\n".join([*head, *command, _costs(told), *body, *_endings(told)]) + "\n"


def _table(table: Mapping[str, Any], level: int, seen: set[str]) -> Iterator[str]:
    """Yield the blocks of one table; what was explained before on the page is not explained again."""
    columns = [c for c in table["columns"] if any(row["values"].get(c["name"]) is not None for row in table["rows"])]
    head = ["method", "", *(column["label"] for column in columns)]
    rule = ["---", "---", *("---:" for _ in columns)]
    rows = [[_safe(row["method"]), row["kind"], *(cell(row, column) for column in columns)] for row in table["rows"]]
    yield f"{'#' * level} {table['title']}"
    yield "\n".join(f"| {' | '.join(line)} |" for line in [head, rule, *rows])
    legend = [f"- **{column['label']}**: {column['meaning']}." for column in columns if column["meaning"]]
    for lines in (legend, [f"- {remark}" for remark in table["remarks"]]):
        if new := [line for line in lines if line not in seen]:
            yield "\n".join(new)
        seen.update(lines)
    if table["sources"]:
        yield f"Published rows: {'; '.join(table['sources'])}."
    if table["pairs"]:
        yield _pairs(table)


def cell(row: Mapping[str, Any], column: Mapping[str, Any]) -> str:
    """Return a figure as text: the mean, and behind ± the standard deviation over seeds."""
    value, spread = row["values"].get(column["name"]), row["spread"].get(column["name"])
    if value is None:
        return "–"
    text = _number(value, column["digits"])
    return text if spread is None else f"{text} ± {_number(spread, column['digits'])}"


def _number(value: float, digits: int) -> str:
    """Return a number as text, never "-0.0".

    >>> _number(-0.04, 1), _number(-2.5, 1), _number(0.7321, 3)
    ('0.0', '−2.5', '0.732')
    """
    text = f"{value:.{digits}f}"
    return text.removeprefix("-") if float(text) == 0 else text.replace("-", MINUS)


def _pairs(table: Mapping[str, Any]) -> str:
    """Return the pairs that differ at 5 %, and how many do not."""
    apart = [pair for pair in table["pairs"] if pair["p"] < 0.05]
    lines = [f"- {_told(pair)}: {_wins(pair)}, p = {pair['p']:.2g}" for pair in sorted(apart, key=lambda p: p["p"])]
    rest = len(table["pairs"]) - len(apart)
    fact = table["paired"].removeprefix("offline_").replace("_", "-").upper()
    head = (
        f"Case by case ({fact}, Wilcoxon's signed-rank test, two-sided, "
        f"{table['pairs'][0]['cases']} cases, not corrected for {len(table['pairs'])} pairs); {rest} pairs do not "
        "differ at 5 %."
    )
    return "\n".join([head, *(["", *lines] if lines else [])])


def _told(pair: Mapping[str, Any]) -> str:
    names = (pair["first"], pair["second"])
    better, worse = names if pair["first_better"] >= pair["second_better"] else names[::-1]
    return f"{_safe(better)} over {_safe(worse)}"


def _wins(pair: Mapping[str, Any]) -> str:
    more, less = sorted((pair["first_better"], pair["second_better"]), reverse=True)
    return f"better in {more}, worse in {less}"


def _costs(told: Mapping[str, Any]) -> str:
    once = f"; with the first alone {', '.join(told['once'])}" if told.get("once") else ""
    lines = [f"{_counted(told['cases'], 'case')}, {_counted(told['seeds'], 'seed')}{once}.", ""]
    for method, (fit, score) in told["seconds"].items():
        changed = told["recipes"].get(method) or {}
        settings = ", ".join(f"{name} = {value}" for name, value in changed.items())
        own = f" ({settings})" if settings else ""
        lines.append(f"- {method}{own}: {fit:.0f} s to train, {score:.0f} s to score, all cases together.")
    return "\n".join(lines).strip()


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _endings(told: Mapping[str, Any]) -> Iterator[str]:
    if told["left_out"]:
        yield "\n".join(f"- {method} is not in the tables: {why}" for method, why in told["left_out"].items())
    if told["failures"]:
        yield "\n".join(
            ["Failed, and counted as if nothing had been found:", "", *(f"- {f}" for f in told["failures"])]
        )


def _safe(text: str) -> str:
    return text.replace("|", "\\|")
