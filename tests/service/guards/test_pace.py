from __future__ import annotations

import asyncio
from typing import Any

import pytest

import tocsin.service.guards.pace as pace
from tocsin.service.guards.pace import Pace


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Asked:
    """Asks through a guard, and keeps what is answered."""

    def __init__(self, per_s: float) -> None:
        self.clock = Clock()
        self.guard = Pace(self._app, per_s=per_s, whose=lambda scope: str(scope["who"]), clock=self.clock)
        self.headers: dict[str, str] = {}

    async def _app(self, _scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    def __call__(self, who: str = "a", path: str = "/v1/me") -> int:
        status = []

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                status.append(message["status"])
                self.headers = {name.decode(): value.decode() for name, value in message["headers"]}

        async def receive() -> Any:
            return {"type": "http.request"}

        scope = {"type": "http", "who": who, "path": path, "headers": [], "method": "GET"}
        asyncio.run(self.guard(scope, receive, send))
        return int(status[0])


def test_ten_seconds_worth_at_once_and_then_no_more() -> None:
    ask = Asked(per_s=2)
    assert [ask() for _ in range(22)] == [200] * 20 + [429] * 2
    assert ask.headers["retry-after"] == "1"
    assert ask.headers["connection"] == "close"


def test_it_comes_back_at_the_pace_that_is_allowed() -> None:
    ask = Asked(per_s=2)
    for _ in range(20):
        ask()
    ask.clock.now += 0.49
    assert ask() == 429
    ask.clock.now += 0.02
    assert [ask(), ask()] == [200, 429]
    ask.clock.now += 3600
    assert [ask() for _ in range(21)] == [200] * 20 + [429], "and never to more than ten seconds' worth"


def test_asking_in_vain_costs_nothing() -> None:
    ask = Asked(per_s=0.1)
    assert [ask(), ask()] == [200, 429]
    assert ask.headers["retry-after"] == "10"
    for _ in range(5):
        ask.clock.now += 1.0
        assert ask() == 429
    ask.clock.now += 5.1
    assert ask() == 200


def test_one_caller_does_not_use_up_what_is_anothers() -> None:
    ask = Asked(per_s=0.1)
    assert [ask("a"), ask("b"), ask("a"), ask("b")] == [200, 200, 429, 429]


def test_whoever_looks_after_the_service_is_always_answered() -> None:
    ask = Asked(per_s=0.1)
    assert [ask(path="/healthz") for _ in range(5)] == [200] * 5


def test_callers_beyond_counting_take_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "_MOST_CALLERS", 100)
    ask = Asked(per_s=1)
    busy = [ask("busy") for _ in range(10)]
    for k in range(1_000):
        ask.clock.now += 0.001
        ask(f"caller {k}")
        assert len(ask.guard._left) <= 101
    assert busy == [200] * 10
