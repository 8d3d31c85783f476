"""The public names of the room are exactly those it promises."""

from __future__ import annotations

import tocsin.sources


def test_public_names() -> None:
    visible = {name for name in vars(tocsin.sources) if not name.startswith("_") and name != "annotations"}
    assert visible == set(tocsin.sources.__all__)
