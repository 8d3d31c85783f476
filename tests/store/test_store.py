from __future__ import annotations

from pathlib import Path

import pytest

from tocsin.testing.check import Check
from tocsin.testing.servers import Postgres
from tocsin.testing.store_checks import store_checks

CHECKS = pytest.mark.parametrize("check", store_checks(), ids=lambda check: check.name)


@CHECKS
def test_on_sqlite(check: Check[str], tmp_path: Path) -> None:
    check(f"sqlite:///{tmp_path}/tocsin.db")


@CHECKS
def test_on_postgresql(check: Check[str], postgres: Postgres) -> None:
    check(postgres.fresh())


def test_every_check_says_what_is_promised() -> None:
    assert all(check.promise.endswith(".") for check in store_checks())
