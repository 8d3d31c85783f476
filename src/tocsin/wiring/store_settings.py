"""The section [store]: where a watch keeps what must not be lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tocsin.wiring.durations import duration_ns

if TYPE_CHECKING:
    from tocsin.store import Retention

USUAL = "sqlite:///tocsin.db"
"""In the current folder."""


@dataclass(frozen=True)
class StoreSettings:
    """Where a watch keeps incidents, verdicts and its own memory, and for how long.

    Parameters
    ----------
    url
        "sqlite:///tocsin.db" (a file) or "postgresql://user:password@host/name".
    keep_verdicts
        How long verdicts are kept, such as "30d".
    keep_incidents
        How long incidents are kept once they are over. Those that are open are always kept.
    keep_dead_letters
        How long messages that mean nothing are kept, with the reason.
    """

    url: str = USUAL
    keep_verdicts: str = "30d"
    keep_incidents: str = "365d"
    keep_dead_letters: str = "7d"

    def check(self) -> None:
        """Refuse what cannot work; nothing is opened.

        Raises
        ------
        SettingError, MissingExtraError
            With what is wrong.
        """
        from tocsin.store import check_store_url

        check_store_url(self.url)
        self.retention()

    def retention(self) -> Retention:
        """Return how long what is kept."""
        from tocsin.store import Retention

        return Retention(
            verdicts_ns=duration_ns(self.keep_verdicts, where="[store] keep_verdicts"),
            incidents_ns=duration_ns(self.keep_incidents, where="[store] keep_incidents"),
            dead_ns=duration_ns(self.keep_dead_letters, where="[store] keep_dead_letters"),
        )
