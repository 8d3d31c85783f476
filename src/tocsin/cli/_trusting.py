"""Whose signature a verb asks for: the keys given by flags, else those of [trust] in a tocsin.toml."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tocsin.artifact.trust import Trust


def trusting(keys: Sequence[Path] | None, config: Path | None) -> Trust:
    """Return whom to trust.

    Raises
    ------
    SettingError
        If a file is missing, or holds no public key.
    """
    from tocsin.artifact.trust import Trust
    from tocsin.wiring.trust_settings import TrustSettings

    if keys:
        return Trust.read(keys)
    return Trust() if config is None else TrustSettings.read(config).trust(config.parent)
