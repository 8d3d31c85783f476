import gc
import weakref

import pytest

from tocsin.cli._lasting import lasting


class _Knot:
    def __init__(self) -> None:
        self.own = self


def test_what_is_there_is_not_looked_through_and_what_comes_later_is() -> None:
    early = _Knot()
    seen = weakref.ref(early)
    with lasting():
        del early
        later = weakref.ref(_Knot())
        gc.collect()
        assert seen() is not None
        assert later() is None
    gc.collect()
    assert seen() is None


def test_the_collector_is_as_before_also_after_an_error() -> None:
    with pytest.raises(RuntimeError), lasting():
        raise RuntimeError
    assert gc.get_freeze_count() == 0
