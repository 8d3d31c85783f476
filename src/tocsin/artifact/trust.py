"""Whom to trust: the public keys one of which must have signed whatever comes from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from tocsin.artifact.signing_key import key_name, need_cryptography
from tocsin.core.errors import ArtifactError, SettingError

_SHOWN = "Name the public half, the file that ends in .pub: it was made beside the private one."


@dataclass(frozen=True)
class Trust:
    """Public keys by name. With none, nothing is asked of anybody.

    Parameters
    ----------
    keys
        32 bytes each, of Ed25519, by :func:`~tocsin.artifact.signing_key.key_name`.

    Examples
    --------
    >>> bool(Trust())
    False
    """

    keys: Mapping[str, bytes] = field(default_factory=dict)

    @classmethod
    def read(cls, paths: Iterable[Path]) -> Self:
        """Return the trust in the keys of some files, in PEM.

        Raises
        ------
        SettingError
            If a file is missing, or is no public key of Ed25519.
        MissingExtraError
            If the library ``cryptography`` is not installed.
        """
        found = [_public(path) for path in paths]
        return cls({key_name(public): public for public in found})

    def __bool__(self) -> bool:
        return bool(self.keys)

    def check(self, message: bytes, *, key: str, signature: bytes, what: str) -> None:
        """Refuse a message that none of the keys has signed.

        Parameters
        ----------
        message
            What was signed.
        key
            Name of the key that is said to have signed it.
        signature
            64 bytes.
        what
            What it is, for the message.

        Raises
        ------
        ArtifactError
            If it was altered, or signed by somebody else.
        """
        need_cryptography()
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        if key not in self.keys:
            raise ArtifactError(
                f"{what} was signed by the key {key}, which is not trusted.",
                remedy=f"Have it signed by one of: {', '.join(self.keys)}; or trust that key.",
            )
        try:
            Ed25519PublicKey.from_public_bytes(self.keys[key]).verify(signature, message)
        except InvalidSignature:
            raise ArtifactError(
                f"{what} was altered after it was signed.", remedy="Get it again from whoever signed it."
            ) from None


def _public(path: Path) -> bytes:
    need_cryptography()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        found = load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise SettingError(f"The trusted key {path} cannot be read: {error.strerror}.", remedy=_SHOWN) from None
    except Exception:  # on other bytes the library fails in several ways
        raise SettingError(f"{path} is no public key in PEM.", remedy=_SHOWN) from None
    if not isinstance(found, Ed25519PublicKey):
        raise SettingError(f"{path} is a key of another kind than Ed25519.", remedy=_SHOWN)
    return found.public_bytes_raw()
