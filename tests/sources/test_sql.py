from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import create_engine, text

from tocsin.core.arrays import NEVER
from tocsin.core.errors import InputError, SettingError
from tocsin.core.live import Expected, Position
from tocsin.sources._cells import times_of
from tocsin.sources.sql import Sql
from tocsin.testing.servers import Postgres
from tocsin.testing.source_checks import Book

EXPECT = Expected(channels=("v",), time=("at",), device=("unit",))
SECOND = 10**9


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(tmp_path / "plant.db", isolation_level=None)
    made.execute('CREATE TABLE "odd name; --" (id INTEGER PRIMARY KEY, at TEXT, unit TEXT, v)')
    made.execute("CREATE TABLE readings (id INTEGER PRIMARY KEY, at TEXT, unit TEXT, v)")
    yield made
    made.close()


def insert(database: sqlite3.Connection, *values: object, table: str = "readings", first: int | None = None) -> None:
    for k, value in enumerate(values):
        row = (None if first is None else first + k, f"2026-01-01 00:00:{k:02d}", "p1", value)
        database.execute(f'INSERT INTO "{table}" VALUES (?, ?, ?, ?)', row)


def url_of(database: sqlite3.Connection) -> str:
    return f"sqlite:///{database.execute('PRAGMA database_list').fetchone()[2]}"


def opened(text: str, *, at: str | None = None, expect: Expected = EXPECT) -> Sql:
    source = Sql.parse(text, expect)
    source.open(Book({} if at is None else {"": Position(at)}))
    return source


def values(source: Sql, *, most: int = 100, timeout_s: float = 0.2) -> list[float]:
    arrivals = source.poll(most, timeout_s).arrivals
    return arrivals.values[:, 0].tolist() if len(arrivals) else []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sqlite:///plant.db", "'table' is missing"),
        ("sqlite:///plant.db?table=", "table is missing"),
        ("sqlite:///plant.db?table=r&every=0s", "Asking every"),
        ("sqlite:///plant.db?table=r&long=a", "two columns"),
        ("nothing?table=r", "no address of a database"),
    ],
)
def test_settings_that_cannot_work_are_refused(text: str, said: str) -> None:
    with pytest.raises(SettingError, match=said):
        Sql.parse(text, EXPECT)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("table=nothing", "no table 'nothing'"),
        ("table=readings&key=number", "no column 'number'"),
        ("table=readings&device=owner", "no column 'owner'"),
        ("table=readings&channels=v,w", "no column 'w'"),
        ("table=readings&key=unit", "growing whole numbers"),
        ("table=readings; DROP TABLE readings", "no table"),
    ],
)
def test_only_what_the_database_names_is_asked_for(database: sqlite3.Connection, more: str, said: str) -> None:
    insert(database, 1.5)
    with pytest.raises(InputError, match=said):
        opened(f"{url_of(database)}?{more}")
    assert database.execute("SELECT count(*) FROM readings").fetchone() == (1,)


def test_odd_names_are_quoted(database: sqlite3.Connection) -> None:
    insert(database, 1.5, table="odd name; --")
    source = opened(f"{url_of(database)}?table=odd name; --")
    assert values(source) == [1.5]
    source.close()


def test_no_database_is_made_by_looking(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no database"):
        opened(f"sqlite:///{tmp_path}/typo.db?table=readings")
    assert not list(tmp_path.iterdir())


def test_it_goes_on_behind_the_last_key(database: sqlite3.Connection) -> None:
    insert(database, 1, 2, 3, first=10)
    source = opened(f"{url_of(database)}?table=readings&every=10ms")
    batch = source.poll(2, 0.1)
    assert batch.position.value == "11"
    assert batch.waiting == 1
    assert values(source) == [3]
    assert values(opened(f"{url_of(database)}?table=readings", at="11")) == [3]
    assert values(opened(f"{url_of(database)}?table=readings&start=end")) == []
    with pytest.raises(InputError, match="no key"):
        opened(f"{url_of(database)}?table=readings", at="{}")


def test_keys_that_appear_late_are_waited_for(database: sqlite3.Connection) -> None:
    source = opened(f"{url_of(database)}?table=readings&every=10ms&behind=1s")
    written, found = {2.0: time.monotonic()}, dict[float, float]()
    insert(database, 2, first=2)
    assert values(source, timeout_s=0.1) == []
    insert(database, 1, first=1)  # a slow transaction, whose key was taken earlier
    time.sleep(0.4)
    written[4.0] = time.monotonic()
    insert(database, 4, first=4)
    while len(found) < 3 and time.monotonic() - written[2] < 30:
        found |= dict.fromkeys(values(source), time.monotonic())
    assert list(found) == [1, 2, 4]
    assert all(found[key] - then > 0.99 for key, then in written.items())


def test_cells_of_all_kinds(database: sqlite3.Connection) -> None:
    insert(database, 1, 2.5, "3.5", None, "n/a", "hot", b"\x00", float("inf"))
    batch = opened(f"{url_of(database)}?table=readings").poll(100, 0.1)
    assert batch.arrivals.values[:, 0].tolist()[:3] == [1, 2.5, 3.5]
    assert np.isnan(batch.arrivals.values[3:5, 0]).all()
    assert batch.arrivals.values[5:, 0].tolist() == [np.inf]
    assert [letter.origin for letter in batch.dead] == ["readings, id 6", "readings, id 7"]
    assert "v is 'hot', which is no number." in batch.dead[0].reason


def test_times_of_all_kinds() -> None:
    aware, naive = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1)  # as databases give them
    second = 1_767_225_600
    assert times_of([aware, None], Expected()).tolist() == [second * SECOND, NEVER]
    assert times_of([naive], Expected(timezone="Europe/Berlin")).tolist() == [(second - 3600) * SECOND]
    assert times_of([naive.date()], Expected()).tolist() == [second * SECOND]
    assert times_of([Decimal("1767225600.25")], Expected()).tolist() == [second * SECOND + SECOND // 4]
    assert times_of([second * 1000], Expected()).tolist() == [second * SECOND]
    assert times_of([None, None], Expected()).tolist() == [NEVER, NEVER]


def test_a_locked_database_is_asked_again(database: sqlite3.Connection) -> None:
    insert(database, 1)
    source = opened(f"{url_of(database)}?table=readings&every=10ms")
    database.execute("ALTER TABLE readings RENAME TO elsewhere")
    assert values(source) == []
    assert not source.connected()
    database.execute("ALTER TABLE elsewhere RENAME TO readings")
    assert values(source) == [1]
    assert source.connected()


def test_nobody_there_is_said(postgres: Postgres) -> None:
    source = Sql.parse("postgresql://anna:secret@127.0.0.1:1/plant?table=readings", EXPECT)
    with pytest.raises(InputError, match="does not answer") as told:
        source.open(Book())
    assert "secret" not in str(told.value)
    assert postgres.running


def test_postgresql_in_a_schema_of_its_own_and_over_a_restart(postgres: Postgres) -> None:
    url = postgres.fresh()
    postgres.run("CREATE SCHEMA plant", url=url)
    postgres.run('CREATE TABLE plant."Readings" (id bigserial, at timestamptz, unit text, v numeric(8, 3))', url=url)
    add = "INSERT INTO plant.\"Readings\" (at, unit, v) VALUES ('2026-01-01 01:00+01', 'p1', {})"
    postgres.run(add.format("1.125"), url=url)
    source = opened(f"{url}?table=plant.Readings&every=20ms&behind=0s&application_name=tocsin")
    batch = source.poll(10, 0.2)
    assert batch.arrivals.values.tolist() == [[1.125]]
    assert batch.arrivals.time.tolist() == [1_767_225_600 * SECOND]
    postgres.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tocsin'", url=url)
    postgres.run(add.format("2.5"), url=url)
    end = time.monotonic() + 30
    while not (found := values(source)) and time.monotonic() < end:
        continue
    assert found == [2.5]
    source.close()


def test_transactions_that_end_out_of_order_lose_nothing(postgres: Postgres) -> None:
    url = postgres.fresh()
    postgres.run("CREATE TABLE readings (id bigserial PRIMARY KEY, at timestamptz, unit text, v float8)", url=url)
    add = "INSERT INTO readings (at, unit, v) VALUES (now(), 'p1', {})"
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    source = opened(f"{url}?table=readings&every=20ms&behind=1500ms")
    ready = threading.Event()

    def slow() -> None:
        with engine.begin() as connection:
            connection.execute(text(add.format(1)))
            ready.set()
            time.sleep(0.5)

    writer = threading.Thread(target=slow)
    writer.start()
    assert ready.wait(30)
    postgres.run(add.format(2), url=url)
    found: list[float] = []
    end = time.monotonic() + 30
    while len(found) < 2 and time.monotonic() < end:
        found += values(source)
    writer.join()
    engine.dispose()
    source.close()
    assert found == [1, 2]


def test_a_missing_driver_is_named_with_its_extra() -> None:
    script = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from tocsin.core.live import Expected\nfrom tocsin.sources.sql import Sql\n"
        "Sql.parse('postgresql://a@localhost/b?table=r', Expected())\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert 'pip install "tocsin[serve]"' in done.stderr
