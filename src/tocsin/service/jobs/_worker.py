"""The process of a job: takes a function over its standard input, tells lines of JSON, and ends with its service."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from typing import Any

from tocsin.core.errors import MissingExtraError, TocsinError
from tocsin.core.progress import listening

PAUSE_S = 0.1
"""Between two lines of progress: what comes faster is left out."""

Tell = Callable[[dict[str, Any]], None]


def main() -> None:
    """Do what standard input says."""
    tell = _teller()
    _stand_back()
    with open(0, "rb", buffering=0, closefd=False) as wire:
        order = _exactly(wire, int.from_bytes(_exactly(wire, 8), "big"))
    threading.Thread(target=_end_with_the_service, daemon=True).start()
    tell(_outcome(order, tell))


def _stand_back() -> None:
    """Leave the processor to the service, and be the first to go where memory runs out."""
    os.nice(10)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")


def _teller() -> Tell:
    """Return what writes lines to the service; whatever else is printed goes to the log."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def tell(news: dict[str, Any]) -> None:
        with contextlib.suppress(BrokenPipeError):
            print(json.dumps(news, allow_nan=False), file=out, flush=True)  # it is the wire

    return tell


def _exactly(wire: FileIO, size: int) -> bytes:
    """Return so many bytes; the service that does not send them has ended."""
    found = bytearray()
    while len(found) < size:
        if not (part := wire.read(size - len(found))):
            sys.exit(1)
        found += part
    return bytes(found)


def _end_with_the_service() -> None:
    """Wait for the service to end, however it does; then end too, with all children."""
    os.read(0, 1)
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _outcome(order: bytes, tell: Tell) -> dict[str, Any]:
    try:
        # it comes from the service that started this process, over a pipe that nobody else holds
        function, arguments = pickle.loads(order)
        with listening(_thinned(tell)):
            found = function(**arguments)
        json.dumps(found, allow_nan=False)
        return {"result": found}
    except TocsinError as error:
        status = 501 if isinstance(error, MissingExtraError) else 422
        return {"failed": {"status": status, "detail": error.message, "remedy": error.remedy}}
    except MemoryError:
        return {"failed": {"status": 500, "detail": "Memory ran out.", "remedy": "Give fewer readings."}}
    except Exception as error:  # whatever else goes wrong must be told too
        traceback.print_exc()
        name = type(error).__name__
        return {
            "failed": {"status": 500, "detail": f"Something went wrong inside tocsin ({name}); its log tells what."}
        }


def _thinned(tell: Tell) -> Callable[[str, int, int, str], None]:
    """Return a listener that tells of progress now and then, and of each stage's beginning and end."""
    last: tuple[str, float] = ("", 0.0)

    def hear(what: str, done: int, total: int, note: str) -> None:
        nonlocal last
        now = time.monotonic()
        if what != last[0] or done >= total or now - last[1] >= PAUSE_S:
            last = (what, now)
            tell({"progress": {"what": what, "done": int(done), "total": int(total), "note": note}})

    return hear


if __name__ == "__main__":
    main()
