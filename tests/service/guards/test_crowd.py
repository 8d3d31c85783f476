"""Room for everybody: one caller who holds what he began does not shut the others out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from tocsin.service.guards.crowd import Crowd


class Room:
    """A service that answers when it is let; counts who is inside."""

    def __init__(self, most: int) -> None:
        self.open = asyncio.Event()
        self.guard = Crowd(self._app, most=most, whose=lambda scope: str(scope["who"]))

    async def _app(self, _scope: Any, _receive: Any, send: Callable[[Any], Awaitable[None]]) -> None:
        await self.open.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def ask(self, who: str, path: str = "/v1/me") -> int:
        told: list[int] = []

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                told.append(message["status"])

        async def receive() -> Any:
            return {"type": "http.request"}

        await self.guard({"type": "http", "who": who, "path": path, "headers": [], "method": "GET"}, receive, send)
        return told[0]


def test_one_caller_gets_three_quarters_and_all_get_the_rest() -> None:
    async def scene() -> tuple[list[int], list[int], int]:
        room = Room(most=8)
        greedy = [asyncio.ensure_future(room.ask("greedy")) for _ in range(8)]
        await asyncio.sleep(0)
        others = [asyncio.ensure_future(room.ask(f"other {k}")) for k in range(3)]
        await asyncio.sleep(0)
        room.open.set()
        return await asyncio.gather(*greedy), await asyncio.gather(*others), await room.ask("greedy")

    greedy, others, again = asyncio.run(scene())
    assert greedy == [200] * 6 + [503] * 2
    assert others == [200, 200, 503]
    assert again == 200, "who has left makes room"
