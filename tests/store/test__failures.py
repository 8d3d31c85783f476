from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import PoolProxiedConnection

from tocsin.core.errors import InputError, SettingError, TocsinError
from tocsin.core.tidings import Tidings
from tocsin.store import StoreAway, open_store
from tocsin.store._failures import told
from tocsin.testing._store_toys import FEED, LANE, entry, kept, notice, opened
from tocsin.testing.servers import Postgres

FULL = """
import resource, signal, sys
from tocsin.store import StoreAway, open_store
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = open_store(sys.argv[1])
epoch = store.claim("feed", "0/1", "full").epoch
safe, refused = [], 0
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, hard))
for k in range(60):
    try:
        safe.append(store.append("feed", "0/1", epoch, bytes([k]) * 20_000))
    except StoreAway as away:
        assert away.remedy
        refused += 1
assert safe and refused
assert [seq for seq, _ in store.journal("feed", "0/1", after=0, most=99)] == safe
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
safe.append(store.append("feed", "0/1", epoch, b"again"))
assert [seq for seq, _ in store.journal("feed", "0/1", after=0, most=99)] == safe
store.close()
"""


def test_a_locked_file_is_away_and_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "tocsin.db"
    with opened(f"sqlite:///{path}") as store:
        epoch = store.claim(FEED, LANE, "check").epoch
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreAway, match="locked") as away:
            store.write(entry(epoch, Tidings((notice(),), (kept([5]),))))
        assert "Another process" in away.value.remedy
        assert store.incidents() == []
        other.execute("ROLLBACK")
        other.close()
        assert store.write(entry(epoch, Tidings((notice(),), (kept([5]),))))
        assert len(store.verdicts()) == 1


def test_a_block_whose_fate_was_unknown_is_written_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(f"sqlite:///{tmp_path}/tocsin.db") as store:
        epoch = store.claim(FEED, LANE, "check").epoch
        dialect = store._database._engine.dialect
        commit = dialect.do_commit

        def lost(connection: PoolProxiedConnection) -> None:
            commit(connection)
            error = sqlite3.OperationalError("the answer was lost")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR
            raise error

        monkeypatch.setattr(dialect, "do_commit", lost)
        with pytest.raises(StoreAway):
            store.append(FEED, LANE, epoch, b"one", memory=b"1")
        monkeypatch.undo()
        assert store.append(FEED, LANE, epoch, b"one", memory=b"1") == 1
        assert store.append(FEED, LANE, epoch, b"two") == 2
        assert store.append(FEED, LANE, epoch, b"two") == 3
        assert [block for _, block in store.journal(FEED, LANE, after=0, most=9)] == [b"one", b"two", b"two"]


def test_a_block_like_the_last_one_is_written_after_a_failure_too(tmp_path: Path) -> None:
    path = tmp_path / "tocsin.db"
    with opened(f"sqlite:///{path}") as store:
        epoch = store.claim(FEED, LANE, "check").epoch
        other = sqlite3.connect(path, isolation_level=None)
        for seq in (1, 2):
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreAway):
                store.append(FEED, LANE, epoch, b"same")
            other.execute("ROLLBACK")
            assert store.append(FEED, LANE, epoch, b"same") == seq
        other.close()


def test_a_file_that_was_moved_away_is_missed(tmp_path: Path) -> None:
    path = tmp_path / "tocsin.db"
    with opened(f"sqlite:///{path}") as store:
        epoch = store.claim(FEED, LANE, "check").epoch
        path.rename(tmp_path / "away.db")
        with pytest.raises(StoreAway, match="is gone"):
            store.write(entry(epoch, Tidings((notice(),))))
        assert not path.exists()
        (tmp_path / "away.db").rename(path)
        assert store.write(entry(epoch, Tidings((notice(),))))
        shutil.copy(path, tmp_path / "other.db")
        (tmp_path / "other.db").rename(path)
        with pytest.raises(InputError, match="was replaced"):
            store.incidents()


def test_a_full_disk_is_away_and_loses_nothing_that_was_promised(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FULL, f"sqlite:///{tmp_path}/tocsin.db"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("size", [0.0, 0.3, 0.6, 0.95])
def test_a_file_that_was_cut_off_is_told(size: float, tmp_path: Path) -> None:
    path = tmp_path / "tocsin.db"
    with opened(f"sqlite:///{path}") as store:
        epoch = store.claim(FEED, LANE, "check").epoch
        for k in range(20):
            store.append(FEED, LANE, epoch, bytes([k]) * 9_000)
    whole = path.stat().st_size
    with path.open("r+b") as file:
        file.truncate(100 + int(size * whole))
    with pytest.raises(InputError, match="damaged") as damaged, opened(f"sqlite:///{path}") as store:
        store.journal(FEED, LANE, after=0, most=99)
    assert "Keep a copy" in damaged.value.remedy
    assert "tocsin.db" in damaged.value.message


def test_a_file_of_something_else_is_told(tmp_path: Path) -> None:
    path = tmp_path / "readings.csv"
    path.write_text("time,device,temp\n" * 100)
    before = path.read_bytes()
    with pytest.raises(InputError, match="damaged"):
        open_store(f"sqlite:///{path}")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_READONLY, StoreAway),
        (sqlite3.SQLITE_FULL, StoreAway),
        (sqlite3.SQLITE_IOERR | 3 << 8, StoreAway),
        (sqlite3.SQLITE_CANTOPEN, StoreAway),
        (sqlite3.SQLITE_CORRUPT, InputError),
        (sqlite3.SQLITE_ERROR, InputError),
    ],
)
def test_what_sqlite_reports_is_told(code: int, kind: type[TocsinError]) -> None:
    error = sqlite3.OperationalError("so it is")
    error.sqlite_errorcode = code
    with pytest.raises(kind, match="so it is") as found, told("tocsin.db"):
        raise error
    assert found.value.remedy


def test_a_database_that_cannot_hold_every_name_is_refused(postgres: Postgres) -> None:
    url = postgres.fresh() + "_latin"
    postgres.run(f"CREATE DATABASE {url.rpartition('/')[2]} ENCODING 'LATIN1' TEMPLATE template0")
    with pytest.raises(SettingError, match="LATIN1"):
        open_store(url)


def test_a_lost_connection_comes_back(postgres: Postgres) -> None:
    url = postgres.fresh()
    with opened(url) as store:
        epoch = store.claim(FEED, LANE, "check").epoch
        name = url.rpartition("/")[2]
        postgres.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        with pytest.raises(StoreAway) as away:
            store.write(entry(epoch, Tidings((notice(),))))
        assert away.value.remedy
        assert store.write(entry(epoch, Tidings((notice(),)))) == (notice(),)


def test_a_database_that_may_only_be_read_is_away(postgres: Postgres) -> None:
    url = postgres.fresh()
    with opened(url) as store:
        epoch = store.claim(FEED, LANE, "check").epoch
    name = url.rpartition("/")[2]
    postgres.run(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    with opened(url) as store:
        with pytest.raises(StoreAway, match="read-only"):
            store.write(entry(epoch, Tidings((notice(),))))
        assert store.incidents() == []


def test_a_server_that_is_not_there_is_away() -> None:
    with pytest.raises(StoreAway, match="refused"):
        open_store("postgresql://tocsin:secret@127.0.0.1:1/none")


def test_tables_that_are_gone_are_told(postgres: Postgres) -> None:
    url = postgres.fresh()
    with opened(url) as store:
        postgres.run("DROP TABLE journal", url=url)
        with pytest.raises(InputError, match="journal"):
            store.journal(FEED, LANE, after=0, most=1)


def test_what_no_waiting_makes_fit_is_refused(postgres: Postgres) -> None:
    name = "".join(map(chr, range(0x4E00, 0x4E00 + 10_000)))
    with opened(postgres.fresh()) as store, pytest.raises(InputError, match="refuses"):
        store.claim(FEED, name, "check")
