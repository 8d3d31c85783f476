"""Uploads: written to disk as they come, never held in memory, and gone when nobody needs them any longer."""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from anyio import CancelScope, to_thread
from fastapi import Request
from starlette.requests import ClientDisconnect

from tocsin.service.problems import ProblemError

_FORGOTTEN_S = 24 * 3_600.0
_PIECE = 1 << 18


class Incoming:
    """A place for uploads.

    Parameters
    ----------
    folder
        Where they lie meanwhile; what has lain there for a day was left behind, and is removed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for old in folder.glob("*"):
            with suppress(FileNotFoundError):  # another upload may just have ended
                if time.time() - old.stat().st_mtime > _FORGOTTEN_S:
                    shutil.rmtree(old, ignore_errors=True)

    def place(self) -> Path:
        """Return a new, empty folder, for whoever asks to remove."""
        found = self._folder / secrets.token_hex(12)
        found.mkdir(parents=True, mode=0o700)
        return found

    @asynccontextmanager
    async def body(self, request: Request, name: str) -> AsyncIterator[Path]:
        """Give the body of a request as the file ``name`` in a folder of its own, which goes with the block.

        Raises
        ------
        ProblemError
            400, if it breaks off; 507, if there is no room for it.
        """
        place = await to_thread.run_sync(self.place)
        try:
            await self._write(request, place / name)
            yield place / name
        finally:
            with CancelScope(shield=True):
                await to_thread.run_sync(shutil.rmtree, place, True)

    async def _write(self, request: Request, path: Path) -> None:
        held = bytearray()
        try:
            # closed here, in microseconds: who waits for a thread to close it can be cut off meanwhile
            with path.open("wb") as file:
                async for part in request.stream():
                    held += part
                    if len(held) >= _PIECE:
                        await to_thread.run_sync(file.write, held)
                        held = bytearray()
                await to_thread.run_sync(file.write, held)
        except ClientDisconnect:
            raise ProblemError(400, "The upload broke off.", remedy="Send it again.") from None
        except OSError as error:
            raise ProblemError(507, f"The upload cannot be kept: {error.strerror}.", remedy="Make room.") from None
