"""What is quick is done at once, and what is not, elsewhere."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from tocsin.service.scoring.express import QUICK_S, Express


def where() -> int:
    return threading.get_ident()


def slow() -> int:
    until = time.thread_time() + 2 * QUICK_S
    while time.thread_time() < until:
        pass
    return threading.get_ident()


def test_quick_work_is_done_at_once_from_the_second_time_on() -> None:
    async def ask() -> list[bool]:
        express, here = Express(), threading.get_ident()
        sizes = (100, 100, 60, 200, 200)
        return [await express.run("pump", where, size=size) == here for size in sizes]

    assert asyncio.run(ask()) == [False, True, True, False, True]


def test_slow_work_is_never_done_at_once_twice() -> None:
    async def ask() -> list[bool]:
        express, here = Express(), threading.get_ident()
        works = (slow, slow, where, slow, slow)
        return [await express.run("pump", work, size=100) == here for work in works]

    assert asyncio.run(ask()) == [False, False, False, True, False]


def test_a_large_body_is_never_judged_at_once() -> None:
    async def ask() -> list[bool]:
        express, here = Express(), threading.get_ident()
        return [await express.run("pump", where, size=1 << 20) == here for _ in range(3)]

    assert asyncio.run(ask()) == [False, False, False]


def test_what_is_refused_says_nothing_of_how_quick_the_rest_is() -> None:
    def refused() -> int:
        raise KeyError(threading.get_ident())

    async def ask() -> None:
        express, here = Express(), threading.get_ident()
        for _ in range(2):
            with pytest.raises(KeyError) as error:
                await express.run("pump", refused, size=100)
            assert error.value.args != (here,)

    asyncio.run(ask())
