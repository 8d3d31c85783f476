"""Room for readings that wait to be forwarded to a centre."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "parcels",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("feed", sa.Text, nullable=False, server_default=""),
        sa.Column("lane", sa.Text, nullable=False, server_default=""),
        sa.Column("readings", sa.BigInteger, nullable=False),
        sa.Column("block", sa.LargeBinary, nullable=False),
        sa.Column("written_ns", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("parcels_written", "parcels", ["written_ns"])
