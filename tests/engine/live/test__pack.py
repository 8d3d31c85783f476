"""Blocks of state: they come back as they were, and one that was cut short or changed is never misread."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.errors import ArtifactError
from tocsin.engine.live._pack import Packed, pack, unpack

SOME = Packed("artifact 1", ("pump-1", "", "Lüfter"), {"a": np.arange(6.0).reshape(3, 2), "b": np.zeros((3, 0), bool)})


def test_what_goes_in_comes_out() -> None:
    found = unpack(pack(SOME), "a part")
    assert (found.owner, found.names) == (SOME.owner, SOME.names)
    assert found.arrays.keys() == SOME.arrays.keys()
    for name, array in SOME.arrays.items():
        np.testing.assert_array_equal(found.arrays[name], array)
        assert found.arrays[name].dtype == array.dtype


@given(st.data())
def test_a_block_that_was_cut_short_or_changed_is_told(drawn: st.DataObject) -> None:
    block = pack(SOME)
    place = drawn.draw(st.integers(0, len(block) - 1))
    changed = bytearray(block)
    changed[place] ^= drawn.draw(st.integers(1, 255))
    for broken in (block[:place], bytes(changed)):
        with pytest.raises(ArtifactError):
            unpack(broken, "a part")


def test_a_block_of_a_newer_tocsin_is_told_as_such() -> None:
    newer = bytearray(pack(SOME))
    newer[7] = 2
    with pytest.raises(ArtifactError, match="newer tocsin"):
        unpack(bytes(newer), "a part")
