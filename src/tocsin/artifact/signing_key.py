"""A key that signs: made once, kept by whoever may say which artifacts run, and shown to nobody."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tocsin.core.errors import InputError, MissingExtraError, SettingError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KEY_DIGITS = 16
"""Hexadecimal digits by which people know a key."""

_NEW = "Make one with: tocsin sign --new-key plant.key"


@dataclass(frozen=True, eq=False)
class SigningKey:
    """A private key of Ed25519 (RFC 8032).

    Parameters
    ----------
    name
        The key's name: the first 16 hexadecimal digits of the SHA-256 of its public half.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     made = SigningKey.make(Path(folder) / "plant.key")
    ...     SigningKey.read(Path(folder) / "plant.key").name == made.name
    True
    """

    name: str
    _private: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def make(cls, path: Path) -> Self:
        """Make a key: the private half at ``path``, readable by its owner alone, the public half beside it (.pub).

        Raises
        ------
        InputError
            If one of the files is there already, or cannot be written.
        MissingExtraError
            If the library ``cryptography`` is not installed.
        """
        need_cryptography()
        from cryptography.hazmat.primitives import serialization as form
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        private = Ed25519PrivateKey.generate()
        secret = private.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
        shown = private.public_key().public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo)
        if path.with_suffix(".pub") == path:
            raise InputError(f"{path} is where the public half goes.", remedy="Name the key otherwise: plant.key")
        for place, body, mode in ((path, secret, 0o600), (path.with_suffix(".pub"), shown, 0o644)):
            _write_new(place, body, mode)
        return cls._of(private)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the key in a file.

        Raises
        ------
        SettingError
            If it is missing, or is no private key of Ed25519.
        MissingExtraError
            If the library ``cryptography`` is not installed.
        """
        need_cryptography()
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            found = load_pem_private_key(path.read_bytes(), password=None)
        except OSError as error:
            raise SettingError(f"The key {path} cannot be read: {error.strerror}.", remedy=_NEW) from None
        except TypeError:
            raise SettingError(f"The key {path} has a passphrase.", remedy="Use one without, kept safe.") from None
        except Exception:  # on other bytes the library fails in several ways
            raise SettingError(f"{path} is no private key in PEM.", remedy=_NEW) from None
        if not isinstance(found, Ed25519PrivateKey):
            raise SettingError(f"{path} is a key of another kind than Ed25519.", remedy=_NEW)
        return cls._of(found)

    @classmethod
    def _of(cls, private: Ed25519PrivateKey) -> Self:
        return cls(key_name(private.public_key().public_bytes_raw()), private)

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message, 64 bytes."""
        return self._private.sign(message)


def key_name(public: bytes) -> str:
    """Return by what name a public key, 32 bytes, is known.

    >>> key_name(bytes(32))
    '66687aadf862bd77'
    """
    return sha256(public).hexdigest()[:KEY_DIGITS]


def need_cryptography() -> None:
    """Say what to install where signatures cannot be looked at.

    Raises
    ------
    MissingExtraError
        If the library ``cryptography`` is not installed.
    """
    try:
        import cryptography  # noqa: F401  # whether it is there
    except ImportError as error:
        raise MissingExtraError("A signature", extra="stream", library="cryptography") from error


def _write_new(path: Path, body: bytes, mode: int) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise InputError(f"{path} is there already, and a key is never replaced.", remedy="Choose another.") from None
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.", remedy="Choose another place.") from None
    with os.fdopen(handle, "wb") as file:
        file.write(body)
