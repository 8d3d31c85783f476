"""PostgreSQL for tests: a cluster of its own in a temporary folder, which nothing else on the machine knows of."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import uuid
from collections.abc import Sequence
from pathlib import Path

from tocsin.core.errors import TocsinError
from tocsin.testing._server import HOST, MissingServerError, Server, binary

_NOBODIES = ("postgres", "nobody")


class Postgres(Server):
    """A PostgreSQL that trusts everybody on the loopback, and that keeps its tables over :meth:`kill`.

    What is committed is handed to the system and not forced to the disk: that makes tests quick, and only the death of
    the whole machine would show it.
    """

    def __init__(self, *, patience_s: float = 120.0) -> None:
        self._home = _programs()
        super().__init__(patience_s=patience_s)
        if self.user:
            shutil.chown(self.folder, self.user)

    @property
    def user(self) -> str | None:
        """Somebody else where we are root, whom PostgreSQL refuses to be run by."""
        known = {entry.pw_name for entry in pwd.getpwall()}
        return next(name for name in _NOBODIES if name in known) if os.getuid() == 0 else None

    @property
    def url(self) -> str:
        """The URL of a database that is there from the beginning; tests take one of their own: :meth:`fresh`."""
        return self._url("postgres")

    def fresh(self) -> str:
        """Make an empty database; return its URL."""
        name = f"t{uuid.uuid4().hex[:12]}"
        self.run(f"CREATE DATABASE {name}")
        return self._url(name)

    def run(self, statement: str, *, url: str | None = None) -> str:
        """Run a statement; return what it yields, a line a row, columns parted by "|"."""
        command = [f"{self._home}/psql", "--no-psqlrc", "-v", "ON_ERROR_STOP=1", "-Atqc", statement, url or self.url]
        done = subprocess.run(command, capture_output=True, text=True, timeout=self.patience_s, check=False)
        if done.returncode:
            raise TocsinError(f"PostgreSQL refused {statement!r}: {done.stderr.strip()}")
        return done.stdout.strip()

    @property
    def farewell(self) -> signal.Signals:
        """Its "fast" shutdown: the default waits until all clients have gone."""
        return signal.SIGINT

    def command(self) -> Sequence[str]:
        """Return the command, having made the cluster."""
        if not (self.folder / "cluster").exists():
            self._initialise()
        fast = ["fsync=off", "full_page_writes=off", "unix_socket_directories="]
        place = ["-D", str(self.folder / "cluster"), "-h", HOST, "-p", str(self.port)]
        return [f"{self._home}/postgres", *place, *(part for each in fast for part in ("-c", each))]

    def answers(self) -> bool:
        """Tell whether it takes connections."""
        command = [f"{self._home}/pg_isready", "-q", "-h", HOST, "-p", str(self.port)]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def _url(self, database: str) -> str:
        return f"postgresql://tocsin@{HOST}:{self.port}/{database}"

    def _initialise(self) -> None:
        command = [f"{self._home}/initdb", "-D", str(self.folder / "cluster"), "-U", "tocsin", "-E", "UTF8"]
        command += ["--auth=trust", "--no-sync", "--no-locale"]
        group = pwd.getpwnam(self.user).pw_gid if self.user else None
        groups: Sequence[int] | None = [] if self.user else None
        subprocess.run(
            command, check=True, capture_output=True, cwd=self.folder, user=self.user, group=group, extra_groups=groups
        )


def _programs() -> str:
    """Return the folder with PostgreSQL's programs: Debian keeps it off the path, one for each version."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: path.parts[-3], reverse=True)
    if versions:
        return str(versions[0].parent)
    found = Path(binary("initdb", package="postgresql")).resolve().parent
    if not (found / "postgres").exists():
        raise MissingServerError("postgres is not beside initdb.", remedy="On Debian: apt-get install postgresql")
    return str(found)
