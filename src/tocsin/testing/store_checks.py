"""The checks that a store must pass on every database that it can stand on, as small named tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tocsin.testing import _store_lane_checks, _store_news_checks

Checked = Callable[[str], None]


@dataclass(frozen=True)
class StoreCheck:
    """One promise of a store. Call it with the URL of an empty database; it raises AssertionError if it is broken.

    Parameters
    ----------
    name
        Its name in reports.
    function
        What checks.
    """

    name: str
    function: Checked

    @property
    def promise(self) -> str:
        """What is promised, in a sentence."""
        return (self.function.__doc__ or "").strip()

    def __call__(self, url: str) -> None:
        """Check."""
        self.function(url)


def store_checks() -> list[StoreCheck]:
    """Return the checks that a store must pass.

    Examples
    --------
    >>> import tempfile
    >>> check = next(check for check in store_checks() if check.name == "epochs_grow")
    >>> check.promise
    'Each claim of a lane has a greater epoch, also after a release and after all was forgotten.'
    >>> check(f"sqlite:///{tempfile.mkdtemp()}/tocsin.db")
    """
    functions = (*_store_lane_checks.CHECKS, *_store_news_checks.CHECKS)
    return [StoreCheck(function.__name__, function) for function in functions]
