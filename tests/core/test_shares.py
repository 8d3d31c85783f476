from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.shares import Share, stable_hash


def test_a_name_has_the_same_number_everywhere() -> None:
    assert stable_hash("pump-1") == int(hashlib.blake2b(b"pump-1", digest_size=8).hexdigest(), 16)


@given(st.text(), st.integers(1, 9))
def test_each_device_is_in_exactly_one_share(device: str, workers: int) -> None:
    shares = [Share(worker, workers) for worker in range(workers)]
    assert [share.holds(device) for share in shares].count(True) == 1
    assert [share.holds(device) for share in shares].count(True) == 1  # from memory now


def test_shares_are_about_equal() -> None:
    names = [f"device-{number}" for number in range(9_000)]
    for worker in range(3):
        share = Share(worker, 3)
        assert 2_800 < sum(map(share.holds, names)) < 3_200
