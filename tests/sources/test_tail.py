from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.arrays import NEVER
from tocsin.core.arrivals import DeadLetter
from tocsin.core.errors import InputError, SettingError
from tocsin.core.live import Expected, Position, Source
from tocsin.sources import Overrides
from tocsin.sources._growing import Growing, Place
from tocsin.sources._standard_input import StandardInput
from tocsin.sources._tail_settings import TailSettings
from tocsin.sources._written_rows import Rows
from tocsin.sources.tail import Tail
from tocsin.testing.source_checks import Book

EXPECT = Expected(channels=("v",), time=("time",), device=("device",))
HEADER = "time,device,v\n"


def row(k: int) -> str:
    return f"{1_767_225_600 + k},d0,{k}\n"


SOURCES: list[Source] = []


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    while SOURCES:
        SOURCES.pop().close()


def opened(text: str, *, at: Position | None = None, expect: Expected = EXPECT) -> Source:
    SOURCES.append(source := Tail.parse(text, expect))
    source.open(Book({} if at is None else {"": at}))
    return source


def values(source: Source, *, timeout_s: float = 0.3) -> list[float]:
    batch = source.poll(1000, timeout_s)
    assert batch is not None
    return batch.arrivals.values[:, 0].tolist() if len(batch.arrivals) else []


def until(source: Source, count: int) -> list[float]:
    found, end = list[float](), time.monotonic() + 30
    while len(found) < count and time.monotonic() < end:
        found += values(source)
    return found


def add(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "readings.csv"
    found.write_text(HEADER + row(0) + row(1))
    return found


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "file"), ("a.csv?speed=2", "speed"), ("a.csv?long=name", "two columns"), ("a.csv?start=now", "start")],
)
def test_settings_that_cannot_work_are_refused(text: str, said: str) -> None:
    with pytest.raises(SettingError, match=said):
        Tail.parse(text, EXPECT)


def test_the_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        opened(f"{tmp_path}/nothing.csv")


def test_a_line_that_is_not_finished_waits(path: Path) -> None:
    source = opened(str(path))
    assert values(source) == [0, 1]
    add(path, row(2)[:9])
    assert values(source) == []
    add(path, row(2)[9:] + row(3))
    assert values(source) == [2, 3]


def test_a_last_line_without_an_end_counts_where_no_more_will_come(path: Path) -> None:
    add(path, row(2).rstrip("\n"))
    source = opened(f"{path}?follow=no")
    assert values(source) == [0, 1]
    batch = source.poll(10, 0.1)
    assert batch is not None
    assert batch.arrivals.values.tolist() == [[2]]
    assert source.poll(10, 0.1) is None
    # whoever follows the file afterwards goes on behind it
    add(path, "\n" + row(3))
    assert values(opened(str(path), at=batch.position)) == [3]


def test_a_header_alone_waits_for_a_row(tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    path.write_text("")
    source = opened(str(path))
    assert values(source) == []
    add(path, HEADER)
    assert values(source) == []
    add(path, row(0))
    assert values(source) == [0]


def test_the_end_is_where_start_end_begins(path: Path) -> None:
    add(path, "17")
    source = opened(f"{path}?start=end")
    assert values(source) == []
    add(path, "67225602,d0,2\n" + row(3))
    assert values(source) == [2, 3]


def test_the_old_file_is_finished_after_rotation(path: Path) -> None:
    source = opened(str(path))
    assert values(source) == [0, 1]
    path.rename(f"{path}.1")
    assert values(source) == []
    path.write_text(HEADER + row(3))
    assert values(source, timeout_s=0.0) == []
    add(Path(f"{path}.1"), row(2))  # its writer has not noticed yet
    assert until(source, 2) == [2, 3]
    assert source.connected()


def test_rotation_while_nobody_reads_loses_nothing(path: Path) -> None:
    source = opened(str(path))
    batch = source.poll(1, 0.2)
    while batch is not None and not len(batch.arrivals):
        batch = source.poll(1, 0.2)
    assert batch is not None
    source.close()
    Path(f"{path}").rename(f"{path}.2")
    Path(f"{path}.1").write_text(HEADER + row(2))
    path.write_text(HEADER + row(3))
    for age, name in enumerate((str(path), f"{path}.1", f"{path}.2")):
        os.utime(name, (1_700_000_000 - age * 100,) * 2)
    again = opened(str(path), at=batch.position)
    found = [value for _ in range(6) for value in values(again)]
    assert found == [1, 2, 3]


def test_what_is_gone_is_told(path: Path) -> None:
    source = opened(str(path))
    batch = source.poll(10, 0.2)
    assert batch is not None
    source.close()
    path.unlink()
    path.write_text(HEADER + row(7) + row(8) + row(9))
    again = opened(str(path), at=batch.position)
    batch = again.poll(10, 0.3)
    assert batch is not None
    assert [("is gone" in letter.reason, letter.origin) for letter in batch.dead] == [(True, str(path))]
    assert batch.arrivals.values[:, 0].tolist() == [7, 8, 9]


def test_a_file_that_is_cut_off_is_told_and_read_anew(path: Path) -> None:
    source = opened(str(path))
    assert values(source) == [0, 1]
    path.write_text(HEADER)
    batch = source.poll(10, 0.5)
    assert batch is not None
    assert ["cut off" in letter.reason for letter in batch.dead] == [True]
    add(path, row(5))
    assert values(source) == [5]


def test_a_file_that_vanishes_is_waited_for(path: Path) -> None:
    source = opened(str(path))
    assert values(source) == [0, 1]
    path.unlink()
    assert values(source) == []
    path.write_text(HEADER + row(2))
    assert until(source, 1) == [2]


def test_lines_that_mean_nothing_are_put_aside_with_their_number(path: Path) -> None:
    add(path, f'1,2,3,4\n{row(2)}7,"d0,5\n{row(3)[:-2]}warm\n\n{row(4)}')
    batch = opened(str(path)).poll(100, 0.2)
    assert batch is not None
    assert batch.arrivals.values[:, 0].tolist() == [0, 1, 2, 4]
    assert [(letter.origin.rpartition(" ")[2], letter.reason[:12]) for letter in batch.dead] == [
        ("4", "It has 4 fie"),
        ("6", "A quotation "),
        ("7", "v is 'warm',"),
    ]


def test_a_time_that_cannot_be_read_and_one_of_the_future(path: Path) -> None:
    add(path, "never,d0,2\n9000000000,d0,3\n")
    batch = opened(f"{path}?time_format=epoch_s").poll(100, 0.2)
    assert batch is not None
    assert batch.arrivals.time.tolist()[2:] == [NEVER, 9_000_000_000 * 10**9]
    assert batch.arrivals.arrived.tolist()[:2] == batch.arrivals.time.tolist()[:2]
    assert abs(int(batch.arrivals.arrived[3]) - time.time_ns()) < 60 * 10**9


@pytest.mark.parametrize(
    ("header", "said"),
    [("time,device,w", "none of the channels wanted: v"), ("time,unit,v", "names the device"), ("1.5,2,3", "names")],
)
def test_a_table_of_something_else_is_refused(tmp_path: Path, header: str, said: str) -> None:
    path = tmp_path / "odd.csv"
    path.write_text(f"{header}\n{row(0)}")
    with pytest.raises(InputError, match=said):
        opened(str(path)).poll(10, 0.1)


def test_settings_take_the_place_of_guesses(tmp_path: Path) -> None:
    path = tmp_path / "logger.txt"
    path.write_text("day|clock|unit|what|reading\n1/2/2026|10:00|p1|v|1,5\n1/2/2026|10:00|p1|w|2,5\n")
    more = "separator=|&decimal=,&time=day,clock&time_format=%25d/%25m/%25Y %25H:%25M&device=unit&long=what:reading"
    batch = opened(f"{path}?{more}", expect=Expected(channels=("v", "w"))).poll(10, 0.2)
    assert batch is not None
    assert batch.arrivals.values.tolist() == [[1.5, 2.5]]
    assert batch.arrivals.devices == ("p1",)
    assert batch.arrivals.time.astype("datetime64[ns]").astype(str).tolist() == ["2026-02-01T10:00:00.000000000"]


def test_a_table_without_a_clock_is_stamped_when_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "bare.csv"
    path.write_text("v,w\n1,2\n3,4\n")
    batch = opened(str(path), expect=Expected()).poll(10, 0.2)
    assert batch is not None
    assert batch.arrivals.channels == ("v", "w")
    assert batch.arrivals.devices == ("-",)
    assert (np.abs(batch.arrivals.time - time.time_ns()) < 60 * 10**9).all()


def test_standard_input_ends_with_its_writer() -> None:
    reading, writing = os.pipe()
    source = Tail.parse("-", EXPECT)
    assert isinstance(source, StandardInput)
    assert not source.replayable
    assert "Best effort" in source.promise
    source = StandardInput(TailSettings(), EXPECT, number=reading)
    source.open(Book())
    os.write(writing, (HEADER + row(0) + row(1).rstrip("\n")).encode())
    assert values(source) == [0]
    os.close(writing)
    assert values(source) == [1]
    assert source.poll(10, 0.2) is None


@pytest.mark.parametrize("text", ["readings.csv", "-"])
def test_a_missing_extra_is_named(text: str) -> None:
    script = (
        "import sys; sys.modules['polars'] = None\n"
        "from tocsin.core.live import Expected\nfrom tocsin.sources.tail import Tail\n"
        f"Tail.parse({text!r}, Expected()).open(None)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "MissingExtraError: Reading tables needs polars" in done.stderr


def test_another_store_is_told_apart() -> None:
    with pytest.raises(InputError, match="no place in a file"):
        Place.read("17")


def test_growing_files_are_told_apart_by_their_first_bytes(tmp_path: Path) -> None:
    old, new = tmp_path / "a.log", tmp_path / "b.log"
    old.write_text("one\ntwo\n")
    growing = Growing(old)
    growing.open(None)
    assert growing.lines(1) == [b"one"]
    place = growing.mark()
    growing.close()
    shutil.copy(old, new)
    old.write_text("eins\nzwei\ndrei\n")
    for path, left in ((new, [b"two"]), (old, [b"eins"])):
        again = Growing(path)
        again.open(place)
        assert again.lines(1) == left
        again.close()


@given(lines=st.lists(st.binary(max_size=40).filter(lambda line: b"\n" not in line), max_size=12))
def test_no_line_ever_stops_the_stream(lines: list[bytes]) -> None:
    rows = Rows(EXPECT, Overrides(), "readings")
    rows.begin([HEADER, row(0)])
    arrivals, dead = rows.read([row(1).strip().encode(), *lines, row(2).strip().encode()], first=3)
    assert len(arrivals) >= 2
    assert [arrivals.values[0, 0], arrivals.values[-1, 0]] == [1, 2]
    assert all(isinstance(letter, DeadLetter) for letter in dead)
    assert len(arrivals) + len(dead) == 2 + sum(bool(line.strip(b" \r")) for line in lines)
