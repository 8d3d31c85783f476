"""What keeps a sink from sending anything just now."""

from __future__ import annotations


class UnreachableError(Exception):
    """A receiver is not there, too slow, does not let us in, or is not whom its certificate should name."""
