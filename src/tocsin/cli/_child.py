"""What runs in a process of its own: a service, or the pages of the dashboard. Ends when its standard input does."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, NoReturn

from tocsin.core.errors import TocsinError


def service(told: dict[str, Any]) -> None:
    """Run a service for one dashboard alone; its token stands in the environment."""
    from tocsin.cli._stopping import stopping
    from tocsin.service.serving import running
    from tocsin.service.settings import ServiceSettings

    settings = ServiceSettings(
        folder=Path(told["folder"]), store=told["store"], port=told["port"], token=os.environ["TOCSIN_TOKEN"]
    )
    with stopping() as stop, running(settings) as found:
        while found.alive and not stop.wait(0.2):
            pass


def pages(told: dict[str, Any]) -> None:
    """Run the dashboard's pages; where the service is stands in the environment."""
    from streamlit.web.cli import main

    main(["run", *told["arguments"]], standalone_mode=False)


PARTS: dict[str, Callable[[dict[str, Any]], None]] = {"service": service, "pages": pages}


def _end_with_parent() -> None:
    while os.read(0, 1024):  # nothing is sent; it ends where we are left alone
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Run a part; tell an error that a person can put right as one line of JSON."""
    part, told = sys.argv[1:]
    told_to = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what libraries print greets nobody
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        PARTS[part](json.loads(told))
    except TocsinError as error:
        _tell(told_to, error.message, error.remedy)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _tell(told_to, f"{where}{error.strerror or error}.", "Check the path and the free space.")


def _tell(told_to: IO[str], message: str, remedy: str) -> NoReturn:
    told_to.write(json.dumps({"message": message, "remedy": remedy}) + "\n")
    told_to.close()
    sys.exit(2)


if __name__ == "__main__":
    main()
