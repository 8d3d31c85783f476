"""The error for a graph that cannot become an artifact, and what its owner can do about it."""

from __future__ import annotations

from tocsin.core.errors import ArtifactError

EXPORT_AGAIN = "Export it again without that; docs/how-to/import.md tells how."


class RefusalError(ArtifactError):
    """A foreign graph is not taken, for a reason that can be said in a sentence."""

    def __init__(self, message: str, *, remedy: str = EXPORT_AGAIN) -> None:
        super().__init__(message, remedy=remedy)
