"""Errors meant for people: one sentence that says what is wrong, and one that says what to do."""

from __future__ import annotations

from tocsin.core.fixes import Fix


class TocsinError(Exception):
    """Something the person running tocsin can put right.

    Parameters
    ----------
    message
        What is wrong, with names, counts and an example.
    remedy
        What to do about it, ready to be typed where that is possible.
    fixes
        The same for a click, where a setting of how a table is read puts it right.

    Examples
    --------
    >>> print(TocsinError("Column 'temp' is missing.", remedy="Name the time column with --time."))
    Column 'temp' is missing. Name the time column with --time.
    """

    def __init__(self, message: str, *, remedy: str = "", fixes: tuple[Fix, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.fixes = fixes

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".rstrip()


class InputError(TocsinError):
    """The readings given cannot be used as they are."""


class ArtifactError(TocsinError):
    """An artifact file is damaged, foreign, too new, or was tampered with."""


class SettingError(TocsinError):
    """A setting has a value that cannot work."""


class MissingExtraError(TocsinError):
    """A part needs a library that the installed extras do not bring."""

    def __init__(self, what: str, *, extra: str, library: str) -> None:
        super().__init__(
            f"{what} needs {library}, which is not installed.",
            remedy=f'Install it with: pip install "tocsin[{extra}]"',
        )
