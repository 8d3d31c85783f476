"""Tokens: who may look, who may operate, who may say which artifact is in force. Only their hashes are kept."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import Path

from tocsin.core.errors import InputError, SettingError

_PREFIX = "tocsin_"


class Scope(IntEnum):
    """What a token allows; each scope includes those before it."""

    read = 1
    operate = 2
    admin = 3


@dataclass(frozen=True)
class Token:
    """A token as it is kept.

    Parameters
    ----------
    name
        Whose it is.
    scope
        What it allows.
    sha256
        Of the secret, in hexadecimal digits; the secret itself has 256 random bits and is kept nowhere.
    created
        RFC 3339.
    """

    name: str
    scope: Scope
    sha256: str
    created: str


class Tokens:
    """The tokens of a service, in a file that only its owner can read.

    Parameters
    ----------
    path
        The file; what other processes write into it counts at once.
    also
        The secret of one more token, for "admin", kept nowhere; "" for none.
    """

    def __init__(self, path: Path, *, also: str = "") -> None:
        self._path, self._also = path, _sha256(also) if also else ""
        self._read: tuple[tuple[int, int, int], dict[str, Token]] | None = None

    @property
    def wanted(self) -> bool:
        """Are there any? Else nobody is asked for one."""
        return bool(self._also or (self._path.exists() and self.all()))

    def all(self) -> tuple[Token, ...]:
        """Return all tokens, in order of name."""
        return tuple(sorted(self._tokens().values(), key=lambda token: token.name))

    def find(self, secret: str) -> Token | None:
        """Return the token that ``secret`` belongs to, None where there is none."""
        digest = _sha256(secret)
        if self._also and hmac.compare_digest(digest, self._also):
            return Token("owner", Scope.admin, digest, "")
        return self._tokens().get(digest)

    def create(self, name: str, scope: Scope) -> str:
        """Add a token; return its secret, which nobody can tell again.

        Raises
        ------
        SettingError
            If the name is taken or empty.
        """
        if not name.strip() or any(token.name == name for token in self.all()):
            raise SettingError(f"There is a token {name!r} already, or the name is empty.", remedy="Choose another.")
        secret = _PREFIX + secrets.token_urlsafe(32)
        token = Token(name, scope, _sha256(secret), datetime.now(UTC).isoformat(timespec="seconds"))
        self._write([*self.all(), token])
        return secret

    def revoke(self, name: str) -> None:
        """Remove a token, at once.

        Raises
        ------
        SettingError
            If there is none of this name.
        """
        kept = [token for token in self.all() if token.name != name]
        if len(kept) == len(self.all()):
            raise SettingError(f"There is no token {name!r}.", remedy="See: tocsin token list")
        self._write(kept)

    def _tokens(self) -> dict[str, Token]:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return {}
        stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
        if self._read is None or self._read[0] != stamp:
            self._read = (stamp, self._parsed())
        return self._read[1]

    def _parsed(self) -> dict[str, Token]:
        try:
            rows = json.loads(self._path.read_text("utf-8"))["tokens"]
            read = [Token(**{**row, "scope": Scope[row["scope"]]}) for row in rows]
        except (ValueError, KeyError, TypeError):
            raise InputError(
                f"{self._path} is no list of tokens.", remedy="Remove it and make the tokens anew: tocsin token create"
            ) from None
        return {token.sha256: token for token in read}

    def _write(self, tokens: list[Token]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = self._path.with_name(f".{self._path.name}.{os.getpid()}.part")
        rows = [{**asdict(token), "scope": token.scope.name} for token in tokens]
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump({"tokens": rows}, file, indent=1)
        part.replace(self._path)


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
