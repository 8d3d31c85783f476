"""What goes wrong with a store: it is away for a while, a lane has got another owner, an incident is not there."""

from __future__ import annotations

from tocsin.core.errors import InputError, TocsinError


class StoreAway(TocsinError):  # noqa: N818  # it says what is, as its siblings do
    """The store cannot be reached or written just now; try again later.

    Nothing of the call was written; or, where a connection was lost just then, all of it. Calling again is harmless.
    """


class Superseded(TocsinError):  # noqa: N818  # it says what is, as its siblings do
    """The lane belongs to somebody else now. Nothing was written; drop the lane."""


class UnknownIncident(InputError):  # noqa: N818  # it says what is, as its siblings do
    """There is no incident with that id."""
