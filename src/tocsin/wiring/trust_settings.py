"""The section [trust]: whose signature artifacts must bear."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TrustSettings:
    """Whose signature artifacts must bear.

    Parameters
    ----------
    keys
        Files with public keys, beside the tocsin.toml or with a path of their own; with none, any artifact will do.
    """

    keys: tuple[str, ...] = ()
