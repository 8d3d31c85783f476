"""The public names of the room are exactly those it promises; its parts are found by the names of their files."""

from __future__ import annotations

from types import ModuleType

import tocsin.sources


def test_public_names() -> None:
    known = vars(tocsin.sources).items()
    visible = {name for name, what in known if name[0] != "_" and not isinstance(what, ModuleType)} - {"annotations"}
    assert visible == set(tocsin.sources.__all__)
