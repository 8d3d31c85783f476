"""Signatures of artifacts: at the end of the file, over every byte before it, so that one file stays one file."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from tocsin.artifact.signing_key import KEY_DIGITS, SigningKey
from tocsin.artifact.trust import Trust
from tocsin.core.errors import ArtifactError

DOMAIN = b"tocsin artifact 1\0"
"""Stands before what is signed, so that a signature of something else is none of an artifact."""

_BYTES = 64
_LENGTH = len(" ed25519 ") + KEY_DIGITS + 1 + 2 * _BYTES
_SIGNED = re.compile(rb" ed25519 ([0-9a-f]{%d}) ([0-9a-f]{%d})" % (KEY_DIGITS, 2 * _BYTES))


def sign(artifact: Path, key: SigningKey, output: Path) -> None:
    """Write an artifact with a signature; one that it had is replaced.

    The signature (Ed25519, RFC 8032) is over all bytes of the file that stand before its 128 digits: they hold the
    checksum of the manifest, which holds those of the graph and of the arrays, and whatever else is in a zip.

    Parameters
    ----------
    artifact
        A sound artifact; see :func:`tocsin.artifact.bundle.load`.
    key
        Who signs.
    output
        Where it goes, whole or not at all; may be the same place.

    Raises
    ------
    ArtifactError
        If it cannot be read or written.
    """
    part = output.with_name(f".{output.name}.part")
    try:
        part.write_bytes(artifact.read_bytes())
        with zipfile.ZipFile(part, "a") as bundle:
            plain = comment_of(bundle.comment)
            bundle.comment = plain + b" ed25519 " + key.name.encode() + b" " + b"0" * 2 * _BYTES
        body = part.read_bytes()[: -2 * _BYTES]
        part.write_bytes(body + key.sign(DOMAIN + body).hex().encode())
        part.replace(output)
    except (OSError, zipfile.BadZipFile) as error:
        part.unlink(missing_ok=True)
        raise ArtifactError(f"{artifact.name} cannot be signed: {error}.", remedy="Check the paths.") from None


def comment_of(comment: bytes) -> bytes:
    """Return what an artifact's comment says beside its signature.

    >>> comment_of(b"tocsin 00 ed25519 " + b"1" * 16 + b" " + b"2" * 128)
    b'tocsin 00'
    """
    return comment[:-_LENGTH] if _SIGNED.fullmatch(comment[-_LENGTH:]) else comment


def signer(path: Path) -> str:
    """Return by which key a file says that it was signed, "" by none; only a check tells whether that is true."""
    with path.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(0, file.tell() - _LENGTH))
        found = _SIGNED.fullmatch(file.read())
    return found[1].decode() if found else ""


def check(body: bytes, trust: Trust, name: str) -> None:
    """Refuse the bytes of an artifact that nobody trusted has signed.

    Parameters
    ----------
    body
        The whole file.
    trust
        Whose signature it must bear.
    name
        What it is called, for messages.

    Raises
    ------
    ArtifactError
        If it is not signed, signed by somebody else, or was altered since.
    """
    found = _SIGNED.fullmatch(body[-_LENGTH:])
    if found is None:
        raise ArtifactError(
            f"{name} is not signed, and signatures are required.",
            remedy=f"Have it signed: tocsin sign {name} --key plant.key",
        )
    signed, signature = body[: -2 * _BYTES], bytes.fromhex(found[2].decode())
    trust.check(DOMAIN + signed, key=found[1].decode(), signature=signature, what=name)
