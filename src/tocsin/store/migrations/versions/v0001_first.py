"""The first shape of the tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _lanes()
    _verdicts()
    _incidents()
    _outbox()
    _answers()
    if op.get_bind().dialect.name == "postgresql":
        _on_postgresql()


def _lanes() -> None:
    op.create_table(
        "lanes",
        *_lane(),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        _text("owner"),
        _ns("claimed_ns"),
        sa.Column("snapshot", sa.Text),
        sa.Column("judged", sa.Text),
        sa.Column("appended", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("known", sa.Boolean, nullable=False),
    )
    op.create_table("state", *_lane(), sa.Column("part", sa.Text, primary_key=True), _block())
    seq = sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False)
    op.create_table("journal", *_lane(), seq, _block())
    op.create_table("memory", *_lane(), _block())


def _verdicts() -> None:
    op.create_table(
        "devices",
        sa.Column("number", _NUMBER, primary_key=True),
        _text("duty"),
        _text("device"),
        _ns("seen_ns"),
        sa.UniqueConstraint("duty", "device", name="devices_name"),
        sqlite_autoincrement=True,
    )
    op.create_table("slots", sa.Column("slot", _NUMBER, primary_key=True, autoincrement=False), _ns("written_ns"))
    op.create_index("slots_written", "slots", ["written_ns"])
    op.create_table(
        "verdicts",
        sa.Column("slot", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("device", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("time_ns", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("score", sa.Double),
        sa.Column("limit", sa.Double),
        sa.Column("status", sa.SmallInteger, nullable=False),
        sa.Column("incident_ns", sa.BigInteger),
        sqlite_with_rowid=False,
    )


def _incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
        *(_text(name) for name in ("kind", "what", "duty", "device")),
        *(_ns(name) for name in ("start_ns", "opened_ns", "peak_ns", "end_ns")),
        sa.Column("open", sa.Boolean, nullable=False),
        sa.Column("score", sa.Double),
        sa.Column("limit", sa.Double),
        _text("grade"),
        _text("document"),
        _ns("written_ns"),
        _text("acknowledged_by"),
        sa.Column("acknowledged_ns", sa.BigInteger),
        _text("label"),
        _text("note"),
        _text("feed"),
        _text("lane"),
    )
    op.create_index("incidents_open", "incidents", ["open", "start_ns"])
    op.create_index("incidents_start", "incidents", ["start_ns"])
    op.create_index("incidents_device", "incidents", ["device", "start_ns"])
    op.create_index("incidents_written", "incidents", ["written_ns"])
    op.create_table(
        "notices",
        sa.Column("id", sa.Text, sa.ForeignKey("incidents.id"), primary_key=True),
        sa.Column("revision", sa.BigInteger, primary_key=True, autoincrement=False),
        _text("document"),
        _ns("written_ns"),
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("number", _NUMBER, primary_key=True),
        _text("sink"),
        _text("id"),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("tries", sa.BigInteger, nullable=False, server_default="0"),
        _ns("not_before_ns"),
        _text("taken_by"),
        _text("reason"),
        sa.UniqueConstraint("sink", "id", "revision", name="outbox_letter"),
        sa.ForeignKeyConstraint(["id", "revision"], ["notices.id", "notices.revision"]),
        sqlite_autoincrement=True,
    )
    op.create_index("outbox_order", "outbox", ["sink", "number"])
    op.create_index("outbox_due", "outbox", ["sink", "not_before_ns"])
    op.create_index("outbox_incident", "outbox", ["id"])


def _answers() -> None:
    op.create_table(
        "feedback",
        sa.Column("number", _NUMBER, primary_key=True),
        sa.Column("id", sa.Text, sa.ForeignKey("incidents.id"), nullable=False),
        *(_text(name) for name in ("kind", "label", "by", "note")),
        _ns("at_ns"),
        sqlite_autoincrement=True,
    )
    op.create_index("feedback_incident", "feedback", ["id"])
    op.create_table(
        "dead_letters",
        sa.Column("number", _NUMBER, primary_key=True),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        *(_text(name) for name in ("feed", "lane", "origin")),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        _text("reason"),
        _ns("arrived_ns"),
        _ns("written_ns"),
        sqlite_autoincrement=True,
    )
    op.create_index("dead_letters_written", "dead_letters", ["written_ns"])


def _on_postgresql() -> None:
    """Write blocks as they are, which are not worth compressing; cut verdicts by time where TimescaleDB is there."""
    for table in ("state", "journal", "memory"):
        op.execute(f"ALTER TABLE {table} ALTER COLUMN block SET STORAGE EXTERNAL")
    extension = sa.text("SELECT count(*) FROM pg_extension WHERE extname = 'timescaledb'")
    if op.get_bind().scalar(extension):  # this path has been run by nobody yet
        day = 86_400 * 10**9
        op.execute(f"SELECT create_hypertable('verdicts', 'time_ns', chunk_time_interval => {day})")


def _lane() -> list[sa.Column[str]]:
    return [sa.Column("feed", sa.Text, primary_key=True), sa.Column("lane", sa.Text, primary_key=True)]


def _block() -> sa.Column[bytes]:
    return sa.Column("block", sa.LargeBinary, nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def _ns(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)
