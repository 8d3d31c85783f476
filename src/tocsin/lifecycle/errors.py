"""Errors of the registry that whoever asks may want to tell from others."""

from __future__ import annotations

from tocsin.core.errors import InputError


class AbsentError(InputError):
    """There is no artifact of that name, or no such version of it."""
