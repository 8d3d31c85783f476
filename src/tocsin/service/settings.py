"""What a service is told when it starts: where it keeps things, where it listens, and how much it takes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

MIB = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much the service takes on before it says no.

    Parameters
    ----------
    body_bytes
        Of an upload.
    json_bytes
        Of readings as JSON.
    order_bytes
        Of any other JSON body.
    rows
        Of a table, and of the readings in a JSON body.
    jobs
        Jobs that run at a time; others wait their turn.
    waiting_jobs
        Jobs that may wait.
    analyses
        Files under analysis that are kept; the longest unused goes first.
    memory_bytes
        Of files under analysis that are held in memory; others are read again from disk when they are wanted.
    requests_per_s
        Of one caller, on average over ten seconds.
    viewers
        Live streams at a time.
    requests
        Requests that are answered at a time, live streams excepted.
    slowest_s
        So long a request's body may take without a byte coming.
    slowest_bytes_per_s
        So fast a body must come on average, once it has taken longer than that.
    """

    body_bytes: int = 1024 * MIB
    json_bytes: int = 16 * MIB
    order_bytes: int = MIB // 4
    rows: int = 20_000_000
    jobs: int = 2
    waiting_jobs: int = 20
    analyses: int = 50
    memory_bytes: int = 2048 * MIB
    requests_per_s: float = 200.0
    viewers: int = 500
    requests: int = 256
    slowest_s: float = 30.0
    slowest_bytes_per_s: float = 1024.0


@dataclass(frozen=True, kw_only=True)
class ServiceSettings:
    """What a service is told when it starts.

    Parameters
    ----------
    folder
        Where artifacts, files under analysis, jobs and tokens are kept; made where it is missing.
    store
        URL of the store of a watch: incidents and verdicts.
    host, port
        Where it listens; port 0 takes a free one.
    token
        One more token with the scope "admin", for those who start a service for themselves alone; "" for none.
    known_as
        Names it may be asked for by, beside those of this machine. On a loopback address others are refused; elsewhere
        any will do unless some are given.
    limits
        How much it takes on.
    """

    folder: Path = Path("tocsin-service")
    store: str = "sqlite:///tocsin.db"
    host: str = "127.0.0.1"
    port: int = 8420
    token: str = ""
    known_as: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
