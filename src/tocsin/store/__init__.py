"""The store: incidents, verdicts, state and outbox, in SQLite or PostgreSQL.

>>> from tocsin.store import StoreAway, open_store
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tocsin.store.entry import Claim, Entry, State
from tocsin.store.errors import StoreAway, Superseded, UnknownIncident
from tocsin.store.opening import check_store_url, open_store
from tocsin.store.parcel import Parcel
from tocsin.store.recorded import Answer, Letter, Recorded
from tocsin.store.retention import Retention

if TYPE_CHECKING:
    from tocsin.store.store import Store

__all__ = [
    "Answer",
    "Claim",
    "Entry",
    "Letter",
    "Parcel",
    "Recorded",
    "Retention",
    "State",
    "Store",
    "StoreAway",
    "Superseded",
    "UnknownIncident",
    "check_store_url",
    "open_store",
]


def __getattr__(name: str) -> Any:
    """Import the class when it is first asked for: it needs SQLAlchemy, and reading settings does not."""
    if name != "Store":
        raise AttributeError(f"module 'tocsin.store' has no attribute {name!r}")
    from tocsin.core.errors import MissingExtraError

    try:
        from tocsin.store.store import Store
    except ModuleNotFoundError:
        raise MissingExtraError("A store", extra="stream", library="sqlalchemy") from None
    return Store
