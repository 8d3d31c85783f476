"""``tocsin demo``: the whole way once, on simulated readings."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli._shell import CHECK_FAILED

if TYPE_CHECKING:
    from tocsin.engine.verify import Check


def demo(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for everything.")] = Path("tocsin-demo"),
    rows: Annotated[int, typer.Option(help="Readings to simulate.")] = 6558,
    seed: Annotated[int, typer.Option(help="Of the simulated readings.")] = 7,
    live: Annotated[bool, typer.Option("--live", help="Watch a simulated fleet instead, live.")] = False,
    lasting: Annotated[
        str | None, typer.Option("--for", metavar="TIME", help="With --live: end after so long, such as 60s.")
    ] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="With --live: do not open a browser.")] = False,
) -> None:
    """Simulate, explore, train, score, report and verify: a minute's tour that leaves real files behind.

    With --live: a broker inside this process, a fleet of rooms that develop faults, an artifact trained in seconds, and
    a watch that tells of them, on the terminal and on the page Live of a dashboard beside it. Ctrl-C ends it.
    """
    from tocsin.training.ready import require_training

    require_training()
    if live:
        from tocsin.cli._demo_live import demo_live
        from tocsin.wiring.durations import duration_ns

        seconds = None if lasting is None else duration_ns(lasting, where="--for") / 1e9
        demo_live(output, seed=seed, lasting_s=seconds, browser=not no_browser)
    else:
        _tour(output, rows=rows, seed=seed)


def _tour(output: Path, *, rows: int, seed: int) -> None:
    import polars

    from tocsin.cli._tables import show_pairs, show_recall, show_table, show_trained
    from tocsin.engine.facts import score_facts
    from tocsin.engine.reporting import recall_of, report_of
    from tocsin.engine.verify import verify
    from tocsin.evaluation.pages.report import write
    from tocsin.evaluation.pictures.explore import explore
    from tocsin.sources import open_table, write_table
    from tocsin.training.fit import fit
    from tocsin.training.simulate.environment import Environment

    began = time.monotonic()
    output.mkdir(parents=True, exist_ok=True)
    source = output / "env.csv"
    _say(f"1. Simulate a room: {rows} readings, some in labelled events → {source}")
    Environment(rows=rows, seed=seed).table().write_csv(source)
    _say(f"2. Explore → {output}/eda_preview.png, eda_corr.png")
    table = open_table(source)
    show_table(table)
    explore(table, output)
    _say("3. Let five quick detectors learn from normal readings, weigh them by faults put in → env.tocsin")
    scorer = fit(source)
    scorer.save(output / "env.tocsin")
    show_trained("Trained", scorer.artifact)
    _say("4. Score every row, tell incidents, write the report → scored.csv, incidents.csv, report.html")
    scored = scorer.judge(table)
    write_table(output / "scored.csv", table.columns, scored.columns())
    write_table(output / "incidents.csv", polars.DataFrame(scored.incident_columns()), {})
    write(output / "report.html", report_of(scored, scorer.artifact, title="Simulated room"))
    show_pairs("Scored", score_facts(scored))
    if (recall := recall_of(scored)) is not None:
        show_recall(recall)
    _say("5. Verify that cutting the readings differently changes nothing")
    passed = _verified(verify(scorer.artifact, table.readings.take(slice(0, 2000)), table.devices))
    _tell_what_next(output, time.monotonic() - began)
    if not passed:
        raise typer.Exit(CHECK_FAILED)


def _verified(checks: Iterable[Check]) -> bool:
    passed = True
    for found in checks:
        typer.echo(f"  {found.name}: {'the same, bit for bit' if found.passed else found.difference}")
        passed &= found.passed
    return passed


def _tell_what_next(folder: Path, took_s: float) -> None:
    _say(f"Done in {took_s:.0f} s. Open {folder}/report.html, or look around in the dashboard:")
    typer.echo(f"  tocsin dashboard {folder}/env.tocsin")
    _say("Then try:")
    typer.echo(f"  tocsin inspect {folder}/env.tocsin")
    typer.echo(f"  tocsin fit {folder}/env.csv --detector isolation_forest -o {folder}/forest.tocsin")
    typer.echo(f"  tocsin score {folder}/env.tocsin YOUR.csv -o scored.csv --report report.html")


def _say(text: str) -> None:
    typer.echo(f"\n{typer.style(text, bold=True)}")
