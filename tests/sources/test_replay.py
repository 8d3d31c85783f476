from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tocsin.core.arrays import NEVER
from tocsin.core.errors import InputError, SettingError
from tocsin.core.live import Expected, Position
from tocsin.sources.replay import Replay
from tocsin.testing.source_checks import Book

EXPECT = Expected(channels=("v", "w"), time=("time",), device=("device",), time_format="epoch_s")
ROWS = "time,device,v,w\n30,b,3,-200\n10,a,1,\n20,a,2,5\n10,b,4,5\nnever,b,9,5\n40,b,7,8\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "readings.csv"
    found.write_text(ROWS)
    return found


def opened(text: str, *, at: str = "", expect: Expected = EXPECT) -> Replay:
    source = Replay.parse(text, expect)
    source.open(Book({"": Position(at)} if at else {}))
    return source


def test_readings_come_in_order_of_time_across_devices(path: Path) -> None:
    source = opened(str(path))
    batch = source.poll(100, 0.1)
    assert batch is not None
    arrivals = batch.arrivals
    assert [(arrivals.devices[k], v) for k, v in zip(arrivals.device, arrivals.values[:, 0], strict=True)] == [
        ("b", 9),
        ("a", 1),
        ("b", 4),
        ("a", 2),
        ("b", 3),
        ("b", 7),
    ]
    assert arrivals.time[0] == NEVER
    assert arrivals.time.tolist() == arrivals.arrived.tolist()
    assert np.isnan(arrivals.values[1, 1])
    assert arrivals.values[4, 1] == -200, "what stands for missing is the artifact's to say"
    assert (batch.waiting, batch.position.value) == (0, "6")
    assert source.poll(1, 0.1) is None


def test_or_as_they_stand_in_the_file(path: Path) -> None:
    batch = opened(f"{path}?order=file").poll(4, 0.1)
    assert batch is not None
    assert batch.arrivals.values[:, 0].tolist() == [3, 1, 2, 4]
    assert batch.waiting == 2


def test_it_goes_on_at_the_row_where_it_stopped(path: Path) -> None:
    batch = opened(str(path), at="4").poll(10, 0.1)
    assert batch is not None
    assert batch.arrivals.values[:, 0].tolist() == [3, 7]
    with pytest.raises(InputError, match="stopped at row 7, but the file has 6"):
        opened(str(path), at="7")


def test_time_passes_as_fast_as_wanted(tmp_path: Path) -> None:
    path = tmp_path / "even.csv"
    path.write_text("time,device,v,w\n" + "".join(f"{1_767_225_600 + k},a,{k},0\n" for k in range(60)))
    source, began, seen = opened(f"{path}?speed=100"), time.monotonic(), []
    while (batch := source.poll(1000, 0.1)) is not None:
        now = time.monotonic() - began
        seen += [(value, now) for value in batch.arrivals.values[:, 0].tolist()]
    assert [value for value, _ in seen] == list(range(60))
    assert all(now > value / 100 - 0.02 for value, now in seen), "a reading came before its time"
    assert len({now for _, now in seen}) > 1


def test_a_poll_never_waits_for_longer_than_told(tmp_path: Path) -> None:
    path = tmp_path / "slow.csv"
    path.write_text("time,device,v,w\n1767225600,a,1,0\n1767229200,a,2,0\n")
    source = opened(f"{path}?speed=1")
    first, began = source.poll(10, 0.1), time.monotonic()
    second = source.poll(10, 0.1)
    assert first is not None
    assert second is not None
    assert (len(first.arrivals), len(second.arrivals)) == (1, 0)
    assert 0.05 < time.monotonic() - began < 30


def test_parquet_and_long_form(tmp_path: Path) -> None:
    path = tmp_path / "long.parquet"
    frame = pl.DataFrame({"at": [1, 1, 2], "unit": ["p", "p", "p"], "name": ["v", "w", "v"], "x": [1.0, 2.0, 3.0]})
    frame.with_columns(pl.from_epoch("at")).write_parquet(path)
    expect = Expected(channels=("v", "w"), time=("at",), device=("unit",))
    batch = opened(f"{path}?long=name:x", expect=expect).poll(10, 0.1)
    assert batch is not None
    assert batch.arrivals.channels == ("v", "w")
    assert np.array_equal(batch.arrivals.values, np.array([[1, 2], [3, np.nan]]), equal_nan=True)
    assert batch.arrivals.devices == ("p",)


@pytest.mark.parametrize(
    ("text", "said"), [("", "file"), ("a.csv?speed=-1", "speed"), ("a.csv?speed=nan", "speed"), ("a?order=x", "order")]
)
def test_settings_that_cannot_work_are_refused(text: str, said: str) -> None:
    with pytest.raises(SettingError, match=said):
        Replay.parse(text, EXPECT)


def test_a_file_of_something_else_is_refused(path: Path) -> None:
    with pytest.raises(InputError, match="none of the channels wanted: pressure"):
        opened(str(path), expect=Expected(channels=("pressure",)))
    with pytest.raises(InputError, match="no file"):
        opened(f"{path}.old")


def test_it_is_no_live_source() -> None:
    assert not Replay.live
    assert Replay.replayable
