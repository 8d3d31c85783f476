"""The checks that a store must pass on every database that it can stand on, as small named tests."""

from __future__ import annotations

from tocsin.testing import _store_lane_checks, _store_news_checks
from tocsin.testing.check import Check, checks_of


def store_checks() -> list[Check[str]]:
    """Return the checks that a store must pass, each to be called with the URL of an empty database.

    Examples
    --------
    >>> import tempfile
    >>> check = next(check for check in store_checks() if check.name == "epochs_grow")
    >>> check.promise
    'Each claim of a lane has a greater epoch, also after a release and after all was forgotten.'
    >>> check(f"sqlite:///{tempfile.mkdtemp()}/tocsin.db")
    """
    return checks_of((*_store_lane_checks.CHECKS, *_store_news_checks.CHECKS))
