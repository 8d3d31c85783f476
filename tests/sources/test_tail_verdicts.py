"""A file that is tailed, replayed or read from a database gives what ``tocsin score`` gives of the finished file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

import tocsin
from tocsin.core.live import Source
from tocsin.engine.live.duty import Duty
from tocsin.engine.live.lane import Lane
from tocsin.engine.scorer import Scorer
from tocsin.sources import open_table
from tocsin.sources.replay import Replay
from tocsin.sources.sql import Sql
from tocsin.sources.tail import Tail
from tocsin.testing.source_checks import Book
from tocsin.training.recipe import Recipe
from tocsin.wiring.assembly import expected

DEVICES = ("north", "south")
Verdict = tuple[str, str, str, str]
Verdicts = dict[tuple[str, int], Verdict]


def cells(count: int, *, faults: bool) -> list[tuple[str, str, str, str]]:
    """Return rows (time, device, temp, valve) as a German logger writes them, with gaps and missing values."""
    rng, rows = np.random.default_rng(3), []
    for k in range(count):
        for n, device in enumerate(DEVICES):
            stamp = datetime(2026, 1, 31, 22, tzinfo=UTC) + timedelta(minutes=k, seconds=n)
            temp = 20 + 3 * np.sin(k / 10) + rng.normal(0, 0.2) + (19 if faults and n == 0 and 60 <= k < 75 else 0)
            text = "n. v." if k % 37 == 5 else f"{temp:.3f}".replace(".", ",")
            text = "-999" if k % 41 == 7 else text
            if not (faults and n and 100 <= k < 140):
                rows.append((f"{stamp:%d.%m.%Y %H:%M:%S}", device, text, "on" if k % 20 < 10 else "off"))
    return rows


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("plant")
    for name, count, faults in (("calm", 400, False), ("later", 200, True)):
        lines = [";".join(row) for row in cells(count, faults=faults)]
        (found / f"{name}.csv").write_text("\n".join(["Zeit;device;temp;valve", *lines]) + "\n", "utf-8")
    return found


@pytest.fixture(scope="module")
def scorer(folder: Path) -> Scorer:
    overrides = tocsin.Overrides(time=("Zeit",), missing=("n. v.",))
    return tocsin.fit(
        folder / "calm.csv",
        Recipe(detector="rolling_zscore", window=12, raise_after=1),
        overrides=overrides,
    )


@pytest.fixture(scope="module")
def wanted(folder: Path, scorer: Scorer) -> tuple[Verdicts, set[str]]:
    table = open_table(folder / "later.csv", expect=scorer.artifact.layout)
    scored = scorer.judge(table)
    verdicts = scored.verdicts
    names = [table.devices[k] for k in verdicts.device]
    found = zip(verdicts.score, verdicts.limit, verdicts.status, verdicts.incident, strict=True)
    rows = [tuple(repr(cell.item()) for cell in row) for row in found]
    ids = {one for one in scored.columns()["incident_id"].tolist() if one}
    return dict(zip(zip(names, verdicts.time.tolist(), strict=True), rows, strict=True)), ids  # type: ignore[arg-type]


def streamed(scorer: Scorer, source: Source, *, most: int, stop_after: int = 10**9) -> tuple[Verdicts, set[str], Book]:
    """Return the verdicts and incidents of a lane that reads a source, and where it stands."""
    lane, book, found, ids = Lane([Duty(scorer.artifact, keep_every_ns=0)]), Book(), Verdicts(), set[str]()
    source.open(book)
    idle = 0
    while idle < 3 and stop_after > 0 and (batch := source.poll(most, 0.05)) is not None:
        idle = 0 if len(batch.arrivals) else idle + 1
        stop_after -= 1
        assert not batch.dead
        tidings = lane.take(batch.arrivals)
        book.known[batch.lane] = batch.position
        ids |= {notice.id for notice in tidings.notices if notice.kind == "open"}
        for kept in tidings.kept:
            rows = zip(kept.device, kept.time, kept.score, kept.limit, kept.status, kept.incident, strict=True)
            for device, time, *rest in rows:
                found[kept.devices[device], int(time)] = tuple(repr(cell.item()) for cell in rest)  # type: ignore[assignment]
    source.close()
    return found, ids, book


@pytest.mark.parametrize("most", [7, 4096])
def test_a_file_that_grows(folder: Path, scorer: Scorer, wanted: tuple[Verdicts, set[str]], most: int) -> None:
    source = Tail.parse(str(folder / "later.csv"), expected([Duty(scorer.artifact)]))
    found, ids, _ = streamed(scorer, source, most=most)
    assert found == wanted[0]
    assert ids == wanted[1] != set()


def test_the_decimal_sign_may_show_late(
    folder: Path, scorer: Scorer, wanted: tuple[Verdicts, set[str]], tmp_path: Path
) -> None:
    growing, finished = tmp_path / "later.csv", (folder / "later.csv").read_text("utf-8").splitlines(keepends=True)
    growing.write_text("".join(finished[:2]), "utf-8")
    source = Tail.parse(str(growing), expected([Duty(scorer.artifact)]))

    class Writing:
        """Writes on while the file is read."""

        def __init__(self) -> None:
            self.open, self.close, self.left = source.open, source.close, finished[2:]

        def poll(self, most: int, timeout_s: float) -> object:
            with growing.open("a", encoding="utf-8") as file:
                file.write("".join(self.left[:50]))
            self.left = self.left[50:]
            return source.poll(most, timeout_s)

    assert streamed(scorer, Writing(), most=4096)[0] == wanted[0]  # type: ignore[arg-type]


@pytest.mark.parametrize("order", ["time", "file"])
def test_a_file_that_is_replayed(folder: Path, scorer: Scorer, wanted: tuple[Verdicts, set[str]], order: str) -> None:
    source = Replay.parse(f"{folder}/later.csv?order={order}", expected([Duty(scorer.artifact)]))
    found, ids, _ = streamed(scorer, source, most=50)
    assert found == wanted[0]
    assert ids == wanted[1]


@pytest.mark.parametrize("long", [False, True])
def test_a_table_in_a_database(
    folder: Path, scorer: Scorer, wanted: tuple[Verdicts, set[str]], tmp_path: Path, *, long: bool
) -> None:
    database = sqlite3.connect(tmp_path / "plant.db")
    table = open_table(folder / "later.csv", expect=scorer.artifact.layout)
    names, readings = table.layout.schema.names, table.readings
    database.execute("CREATE TABLE wide (id INTEGER PRIMARY KEY, at INTEGER, device TEXT, temp REAL, valve REAL)")
    database.execute("CREATE TABLE long (id INTEGER PRIMARY KEY, at INTEGER, device TEXT, name TEXT, value REAL)")
    for device, time, values in zip(readings.device, readings.time.tolist(), readings.values.tolist(), strict=True):
        own = dict(zip(names, (None if np.isnan(value) else value for value in values), strict=True))
        row = (time, table.devices[device])
        database.execute("INSERT INTO wide VALUES (NULL, ?, ?, ?, ?)", (*row, own["temp"], own["valve"]))
        cells = [(*row, name, value) for name, value in own.items() if value is not None]
        database.executemany("INSERT INTO long VALUES (NULL, ?, ?, ?, ?)", cells)
    database.commit()
    more = "table=long&long=name:value" if long else "table=wide"
    url = f"sqlite:///{tmp_path}/plant.db?{more}&time=at&time_format=epoch_ns&every=10ms"
    found, ids, _ = streamed(scorer, Sql.parse(url, expected([Duty(scorer.artifact)])), most=10_000 if long else 64)
    assert found == wanted[0]
    assert ids == wanted[1]


@pytest.mark.parametrize(
    "make", [lambda path, expect: Tail.parse(path, expect), lambda path, expect: Replay.parse(path, expect)]
)
def test_what_was_not_judged_is_read_again(folder: Path, scorer: Scorer, make: Callable[..., Source]) -> None:
    path, expect = str(folder / "later.csv"), expected([Duty(scorer.artifact)])
    whole, _, _ = streamed(scorer, make(path, expect), most=40)
    before, _, book = streamed(scorer, make(path, expect), most=40, stop_after=3)
    rest = make(path, expect)
    rest.open(book)
    seen = set[tuple[str, int]]()
    while (batch := rest.poll(100, 0.0)) is not None and len(batch.arrivals):
        names = [batch.arrivals.devices[k] for k in batch.arrivals.device]
        seen |= set(zip(names, batch.arrivals.time.tolist(), strict=True))
    rest.close()
    assert len(before) > 100
    assert seen == set(whole) - set(before)
