"""The section [trust]: whose signature artifacts must bear."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tocsin.artifact.trust import Trust
from tocsin.wiring._build import build
from tocsin.wiring.sections import live_sections, read_config


@dataclass(frozen=True)
class TrustSettings:
    """Whose signature artifacts must bear.

    Parameters
    ----------
    keys
        Files with public keys, beside the tocsin.toml or with a path of their own; with none, any artifact will do.
    """

    keys: tuple[str, ...] = ()

    @classmethod
    def read(cls, config: Path) -> TrustSettings:
        """Return the section as it is written in a tocsin.toml.

        Raises
        ------
        SettingError
            If the file is missing or no TOML, or the section has something that it cannot have.
        """
        written = live_sections({"trust": read_config(config).get("trust", {})})
        return build(cls, written["trust"], "[trust]")

    def trust(self, folder: Path) -> Trust:
        """Return the trust in these keys; without any, nothing is asked of artifacts.

        Parameters
        ----------
        folder
            What relative paths start from.

        Raises
        ------
        SettingError
            If a file is missing, or holds no public key.
        MissingExtraError
            If there are keys, and the library ``cryptography`` is not installed.
        """
        return Trust.read(folder / name for name in self.keys)
