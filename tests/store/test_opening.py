from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tocsin.core.errors import InputError, MissingExtraError, SettingError
from tocsin.store import open_store
from tocsin.testing._store_toys import FEED, LANE, opened
from tocsin.testing.servers import Postgres

OPEN = "import sys; from tocsin.store import open_store; open_store(sys.argv[1]).claim('feed', sys.argv[2], 'me')"
WITHOUT = """
import sys
sys.modules[{library!r}] = None
from tocsin.store import Retention, StoreAway, open_store
from tocsin.core.errors import MissingExtraError
try:
    open_store({url!r})
except MissingExtraError as error:
    print(error.remedy)
"""


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("tocsin.db", "no place"),
        ("", "no place"),
        ("sqlite://", "no file"),
        ("sqlite:///:memory:", "no file"),
        ("sqlite://tocsin.db", "no file"),
        ("sqlite:///no/such/folder/tocsin.db", "no folder"),
        ("sqlite:///tocsin.db?mode=ro", "not known"),
        ("sqlite:///tocsin.db?synchronous=off", "not known"),
        ("mysql://host/database", "'mysql'"),
        ("postgresql://host:port/database", "no place"),
    ],
)
def test_a_url_that_cannot_work_is_refused(url: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingError, match=why) as error:
        open_store(url)
    assert error.value.remedy
    assert list(tmp_path.iterdir()) == []


def test_a_password_is_never_told(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="refused") as error:
        open_store("postgresql://tocsin:hush@127.0.0.1:1/none")
    assert "hush" not in str(error.value)
    with opened(f"sqlite:///{tmp_path}/tocsin.db") as store:
        assert store.place.endswith("tocsin.db")


@pytest.mark.parametrize(("setting", "value"), [("", 2), ("?synchronous=full", 2), ("?synchronous=NORMAL", 1)])
def test_how_much_a_power_cut_may_cost_is_a_setting(setting: str, value: int, tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path}/tocsin.db{setting}") as store, store._database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == value
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA auto_vacuum").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_path_may_have_spaces_and_signs(tmp_path: Path) -> None:
    folder = tmp_path / "Werk 3%, süd"
    folder.mkdir()
    with opened(f"sqlite:///{folder}/tocsin.db") as store:
        store.claim(FEED, LANE, "check")
    assert (folder / "tocsin.db").exists()


def many_at_once(url: str, *, count: int) -> None:
    names = [str(k) for k in range(count)]
    children = [subprocess.Popen([sys.executable, "-c", OPEN, url, name], stderr=subprocess.PIPE) for name in names]
    said = [child.communicate(timeout=120)[1] for child in children]
    assert [child.returncode for child in children] == [0] * count, said
    with opened(url) as store:
        assert store.lanes("feed") == tuple(names)


def test_several_processes_may_make_one_file(tmp_path: Path) -> None:
    many_at_once(f"sqlite:///{tmp_path}/tocsin.db", count=3)


def test_several_processes_may_make_one_database(postgres: Postgres) -> None:
    many_at_once(postgres.fresh(), count=2)


def test_a_newer_tocsins_store_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tocsin.db"
    open_store(f"sqlite:///{path}").close()
    with sqlite3.connect(path) as direct:
        direct.execute("UPDATE alembic_version SET version_num = '9999'")
    direct.close()
    with pytest.raises(InputError, match="newer tocsin") as error:
        open_store(f"sqlite:///{path}")
    assert "pip install --upgrade tocsin" in error.value.remedy


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as direct:
        direct.execute("CREATE TABLE lanes (swimmer TEXT)")
    direct.close()
    before = path.read_bytes()
    with pytest.raises(InputError, match="another program"):
        open_store(f"sqlite:///{path}")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("library", "url", "extra"),
    [("sqlalchemy", "sqlite:///tocsin.db", "stream"), ("psycopg", "postgresql://127.0.0.1:1/none", "serve")],
)
def test_a_missing_library_is_named(library: str, url: str, extra: str, tmp_path: Path) -> None:
    code = WITHOUT.format(library=library, url=url)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, timeout=120)
    assert done.stdout.strip() == f'Install it with: pip install "tocsin[{extra}]"', done.stderr


def test_the_class_names_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    import tocsin.store

    monkeypatch.setitem(sys.modules, "tocsin.store.store", None)
    with pytest.raises(MissingExtraError):
        _ = tocsin.store.Store


def test_settings_are_read_without_a_database() -> None:
    code = "import sys; from tocsin.store import Retention, StoreAway, open_store; print('sqlalchemy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
