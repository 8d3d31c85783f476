"""Tokens: who may look, who may operate, who may say which artifact is in force. Only their hashes are kept."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import Path

from tocsin.core.errors import InputError, SettingError

_PREFIX = "tocsin_"
_LONGEST_NAME = 100
LOCAL, OWNER = "local", "owner"
"""Who asks where no token is wanted, and who shows the secret that is kept nowhere."""


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
    expires
        From when it counts no more, RFC 3339; "" for never.
    """

    name: str
    scope: Scope
    sha256: str
    created: str
    expires: str = ""

    def over(self, now: datetime) -> bool:
        """Tell whether it has expired."""
        return bool(self.expires) and now >= datetime.fromisoformat(self.expires)


class Tokens:
    """The tokens of a service, in a file that only its owner can read.

    Whether a token is wanted errs on one side: once there was one, nobody is let in without, be all of them revoked,
    the file damaged or gone.

    Parameters
    ----------
    path
        The file; what other processes write into it counts at once.
    also
        The secret of one more token, for "admin", kept nowhere; "" for none.
    always
        Is a token wanted even where there never was one?
    now
        The time in UTC.

    Examples
    --------
    >>> import tempfile
    >>> tokens = Tokens(Path(tempfile.mkdtemp()) / "tokens.json")
    >>> tokens.wanted
    False
    >>> secret = tokens.create("line 3", Scope.read)
    >>> tokens.wanted, tokens.find(secret).name, tokens.find("guessed")
    (True, 'line 3', None)
    """

    def __init__(
        self,
        path: Path,
        *,
        also: str = "",
        always: bool = False,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._path, self._also, self._now = path, _sha256(also) if also else "", now
        self._wanted = bool(also) or always
        self._read: tuple[tuple[int, int, int], tuple[Token, ...]] | None = None

    @property
    def wanted(self) -> bool:
        """Whether anybody is asked for a token; once so, it stays so."""
        self._wanted = self._wanted or self._path.exists()
        return self._wanted

    @property
    def usable(self) -> bool:
        """Whether there is a token that somebody could show now."""
        now = self._now()
        return bool(self._also) or any(not token.over(now) for token in self.all())

    def all(self) -> tuple[Token, ...]:
        """Return all tokens, in order of name.

        Raises
        ------
        InputError
            If the file cannot be read, or is no list of tokens.
        """
        try:
            found = self._path.stat()
            stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
            if self._read is None or self._read[0] != stamp:
                self._read = (stamp, self._parsed())
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise InputError(f"{self._path} cannot be read: {error.strerror}.", remedy="See whose it is.") from None
        return self._read[1]

    def find(self, secret: str) -> Token | None:
        """Return the token that ``secret`` belongs to; None where there is none, or it has expired.

        Raises
        ------
        InputError
            If the file cannot be read, or is no list of tokens.
        """
        digest = _sha256(secret)
        if self._also and hmac.compare_digest(digest, self._also):
            return Token(OWNER, Scope.admin, digest, "")
        fits = [token for token in self.all() if hmac.compare_digest(digest, token.sha256)]
        return fits[0] if fits and not fits[0].over(self._now()) else None

    def create(self, name: str, scope: Scope, *, lasts_s: float | None = None) -> str:
        """Add a token; return its secret, which nobody can tell again.

        Parameters
        ----------
        name
            Whose it is.
        scope
            What it allows.
        lasts_s
            For how long, in s; None for ever.

        Raises
        ------
        SettingError
            If the name is taken, empty, too long, or what those without a token are called.
        """
        if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
            raise SettingError(f"{name!r} is no name for a token.", remedy="Say whose it is: grafana, line 3.")
        if name.strip().lower() in (LOCAL, OWNER):
            # what somebody has in hand belongs to a name
            raise SettingError(f"{name!r} is what those without a token are called.", remedy="Choose another name.")
        secret = _PREFIX + secrets.token_urlsafe(32)
        with self._locked():
            kept = self.all()
            if any(token.name == name for token in kept):
                raise SettingError(f"There is a token {name!r} already.", remedy="Choose another name, or revoke it.")
            now = self._now()
            ends = "" if lasts_s is None else _stamp(datetime.fromtimestamp(now.timestamp() + lasts_s, UTC))
            self._write((*kept, Token(name, scope, _sha256(secret), _stamp(now), ends)))
        return secret

    def revoke(self, name: str) -> None:
        """Remove a token, at once.

        Raises
        ------
        SettingError
            If there is none of this name.
        """
        with self._locked():
            kept = self.all()
            rest = tuple(token for token in kept if token.name != name)
            if len(rest) == len(kept):
                raise SettingError(f"There is no token {name!r}.", remedy="See: tocsin token list")
            self._write(rest)

    def _parsed(self) -> tuple[Token, ...]:
        try:
            rows = json.loads(self._path.read_text("utf-8"))["tokens"]
            found = [_token(row) for row in rows]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise InputError(
                f"{self._path} is no list of tokens.", remedy="Remove it and make the tokens anew: tocsin token create"
            ) from None
        return tuple(sorted(found, key=lambda token: token.name))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Let nobody else change the file meanwhile, in whatever process."""
        import fcntl

        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(os.open(self._path.with_name(f"{self._path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _write(self, tokens: tuple[Token, ...]) -> None:
        part = self._path.with_name(f".{self._path.name}.part")
        part.unlink(missing_ok=True)
        rows = [{**asdict(token), "scope": token.scope.name} for token in tokens]
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump({"tokens": rows}, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._path)


def _token(row: dict[str, str]) -> Token:
    found = Token(**{**row, "scope": Scope[row["scope"]]})  # type: ignore[arg-type]  # checked below
    if not all(isinstance(part, str) for part in (found.name, found.sha256, found.created, found.expires)):
        raise TypeError
    if len(bytes.fromhex(found.sha256)) != hashlib.sha256().digest_size:
        raise ValueError
    found.over(datetime.now(UTC))
    return found


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _stamp(time: datetime) -> str:
    return time.isoformat(timespec="seconds")
