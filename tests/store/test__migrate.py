from __future__ import annotations

import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, make_url, text

from tocsin.store._database import Database
from tocsin.store._migrate import NEWEST, _scripts, _step, bring_up_to_date
from tocsin.store._tables import TABLES
from tocsin.testing._store_toys import notice, opened, told
from tocsin.testing.servers import Postgres

FIRST = "0001"
INCIDENT = """
INSERT INTO incidents (id, revision, kind, what, duty, device, start_ns, opened_ns, peak_ns, end_ns, open, score,
    "limit", grade, document, written_ns)
VALUES ('1f', 0, 'open', 'anomaly', '', 'pump-1', 1, 2, 3, 4, true, 2.0, 1.0, 'major', '{"id":"1f","revision":0,
    "kind":"open","what":"anomaly","duty":"","device":"pump-1","start":1,"opened":2,"peak":3,"end":4,"open":true,
    "score":2.0,"limit":1.0,"grade":"major","causes":[["temp",1.0]],"of a newer tocsin":7}', 5)
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    embedded = request.param == "sqlite"
    return f"sqlite:///{tmp_path}/tocsin.db" if embedded else str(request.getfixturevalue("postgres").fresh())


def database(url: str) -> Database:
    return Database(make_url(url.replace("postgresql:", "postgresql+psycopg:")))


def test_the_steps_lead_to_the_tables(url: str) -> None:
    own = database(url)
    bring_up_to_date(own)
    with own.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), TABLES) == []
    own.close()


def test_a_file_is_made_at_once_as_the_steps_would_make_it(tmp_path: Path) -> None:
    at_once, by_steps = (database(f"sqlite:///{tmp_path}/{name}.db") for name in ("at_once", "by_steps"))
    bring_up_to_date(at_once)
    by_steps.prepare()
    with by_steps.writing() as connection:
        _step(connection, by_steps.place, held=None, upto=NEWEST)
    found = []
    for own in (at_once, by_steps):
        with own.reading() as connection:
            tables = connection.execute(text("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name"))
            shape = [[re.sub(r"\s", "", str(word)) for word in row] for row in tables]
            found.append([*shape, *connection.execute(text("SELECT * FROM alembic_version"))])
        own.close()
    assert found[0] == found[1]


def test_the_newest_step_is_the_last() -> None:
    assert _scripts().get_current_head() == NEWEST


def test_a_store_of_the_first_version_is_brought_up_to_date(url: str) -> None:
    own = database(url)
    bring_up_to_date(own, upto=FIRST)
    with own.writing() as connection:
        connection.execute(text(INCIDENT.replace(":", r"\:")))
    own.close()
    with opened(url) as store:
        (found,) = store.incidents()
        assert (found.notice.device, found.notice.causes) == ("pump-1", (("temp", 1.0),))
        assert told(store, notice("2f")) == (notice("2f"),)


def test_a_step_that_fails_leaves_what_was(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no power")

    own = database(url)
    monkeypatch.setattr(MigrationContext, "stamp", broken)
    monkeypatch.setattr(MetaData, "create_all", broken)
    with pytest.raises(RuntimeError, match="no power"):
        bring_up_to_date(own)
    monkeypatch.undo()
    with own.reading() as connection:
        assert MigrationContext.configure(connection).get_current_revision() is None
    bring_up_to_date(own)
    own.close()


@pytest.mark.usefixtures("postgres")
def test_servers_are_not_asked_to_compress_blocks(postgres: Postgres) -> None:
    place = postgres.fresh()
    with opened(place):
        asked = "SELECT attstorage FROM pg_attribute WHERE attname = 'block' AND attrelid = 'state'::regclass"
        assert postgres.run(asked, url=place) == "e"
