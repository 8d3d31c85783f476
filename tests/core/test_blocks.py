import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.blocks import blocks


@given(st.lists(st.integers(0, 6), max_size=40))
def test_each_row_stands_once_behind_the_earlier_ones_of_its_device(device: list[int]) -> None:
    seen: dict[int, list[int]] = {}
    for block in blocks(np.array(device, np.int64)):
        counts = block.valid.sum(axis=1)
        assert (block.valid == (np.arange(block.valid.shape[1]) < counts[:, None])).all()
        assert counts.min() > 0
        for own, rows, valid in zip(block.devices.tolist(), block.rows, block.valid, strict=True):
            assert own not in seen
            assert (rows[~valid] == rows[valid][-1]).all()
            seen[own] = rows[valid].tolist()
    assert seen == {own: [row for row, other in enumerate(device) if other == own] for own in set(device)}


def test_at_most_half_is_padding() -> None:
    device = np.repeat(np.arange(7), [1, 2, 3, 4, 9, 1, 100])
    assert all(2 * block.valid.sum() >= block.valid.size for block in blocks(device))


def test_one_reading_of_each_device_is_one_block_in_order_of_devices() -> None:
    (block,) = blocks(np.array([7, 2, 5]))
    assert block.devices.tolist() == [2, 5, 7]
    assert block.rows.tolist() == [[1], [2], [0]]
    assert block.valid.all()
