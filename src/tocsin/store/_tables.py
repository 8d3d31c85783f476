"""The tables of a store, the same for SQLite and PostgreSQL; :mod:`~tocsin.store.migrations` brings old ones here."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

TABLES = MetaData()

_NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts rows up by itself only in a column of type INTEGER."""


def _key(name: str) -> Column[str]:
    return Column(name, Text, primary_key=True)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


def _ns(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=nullable)


lanes = Table(
    "lanes",
    TABLES,
    _key("feed"),
    _key("lane"),
    Column("epoch", BigInteger, nullable=False),
    _text("owner"),
    _ns("claimed_ns"),
    Column("snapshot", Text),
    Column("judged", Text),
    Column("appended", BigInteger, nullable=False, server_default="0"),
    Column("known", Boolean, nullable=False),
)
state = Table("state", TABLES, _key("feed"), _key("lane"), _key("part"), Column("block", LargeBinary, nullable=False))
journal = Table(
    "journal",
    TABLES,
    _key("feed"),
    _key("lane"),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("block", LargeBinary, nullable=False),
)
memory = Table("memory", TABLES, _key("feed"), _key("lane"), Column("block", LargeBinary, nullable=False))

devices = Table(
    "devices",
    TABLES,
    Column("number", _NUMBER, primary_key=True),
    _text("duty"),
    _text("device"),
    _ns("seen_ns"),
    UniqueConstraint("duty", "device", name="devices_name"),
    sqlite_autoincrement=True,
)
slots = Table(
    "slots",
    TABLES,
    Column("slot", _NUMBER, primary_key=True, autoincrement=False),
    _ns("written_ns"),
    Index("slots_written", "written_ns"),
)
verdicts = Table(
    "verdicts",
    TABLES,
    Column("slot", BigInteger, primary_key=True, autoincrement=False),
    Column("device", BigInteger, primary_key=True, autoincrement=False),
    Column("time_ns", BigInteger, primary_key=True, autoincrement=False),
    Column("score", Double),
    Column("limit", Double),
    Column("status", SmallInteger, nullable=False),
    _ns("incident_ns", nullable=True),
    sqlite_with_rowid=False,
)

incidents = Table(
    "incidents",
    TABLES,
    _key("id"),
    Column("revision", BigInteger, nullable=False),
    _text("kind"),
    _text("what"),
    _text("duty"),
    _text("device"),
    _ns("start_ns"),
    _ns("opened_ns"),
    _ns("peak_ns"),
    _ns("end_ns"),
    Column("open", Boolean, nullable=False),
    Column("score", Double),
    Column("limit", Double),
    _text("grade"),
    _text("document"),
    _ns("written_ns"),
    _text("acknowledged_by"),
    _ns("acknowledged_ns", nullable=True),
    _text("label"),
    _text("note"),
    _text("feed"),
    _text("lane"),
    Index("incidents_open", "open", "start_ns"),
    Index("incidents_start", "start_ns"),
    Index("incidents_device", "device", "start_ns"),
    Index("incidents_written", "written_ns"),
)
notices = Table(
    "notices",
    TABLES,
    Column("id", Text, ForeignKey("incidents.id"), primary_key=True),
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    _text("document"),
    _ns("written_ns"),
)
outbox = Table(
    "outbox",
    TABLES,
    Column("number", _NUMBER, primary_key=True),
    _text("sink"),
    _text("id"),
    Column("revision", BigInteger, nullable=False),
    Column("tries", BigInteger, nullable=False, server_default="0"),
    _ns("not_before_ns"),
    _text("taken_by"),
    _text("reason"),
    UniqueConstraint("sink", "id", "revision", name="outbox_letter"),
    ForeignKeyConstraint(["id", "revision"], ["notices.id", "notices.revision"]),
    Index("outbox_order", "sink", "number"),
    Index("outbox_due", "sink", "not_before_ns"),
    Index("outbox_incident", "id"),
    sqlite_autoincrement=True,
)
parcels = Table(
    "parcels",
    TABLES,
    Column("number", _NUMBER, primary_key=True),
    _text("feed"),
    _text("lane"),
    Column("readings", BigInteger, nullable=False),
    Column("block", LargeBinary, nullable=False),
    _ns("written_ns"),
    Index("parcels_written", "written_ns"),
    sqlite_autoincrement=True,
)
feedback = Table(
    "feedback",
    TABLES,
    Column("number", _NUMBER, primary_key=True),
    Column("id", Text, ForeignKey("incidents.id"), nullable=False),
    _text("kind"),
    _text("label"),
    _text("by"),
    _text("note"),
    _ns("at_ns"),
    Index("feedback_incident", "id"),
    sqlite_autoincrement=True,
)
dead_letters = Table(
    "dead_letters",
    TABLES,
    Column("number", _NUMBER, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    _text("feed"),
    _text("lane"),
    _text("origin"),
    Column("payload", LargeBinary, nullable=False),
    _text("reason"),
    _ns("arrived_ns"),
    _ns("written_ns"),
    Index("dead_letters_written", "written_ns"),
    sqlite_autoincrement=True,
)
