"""Files that cannot be used, each with the one sentence that says why and what to do."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tocsin.core.errors import InputError, SettingError, TocsinError
from tocsin.core.schema import Channel
from tocsin.sources import Layout, Overrides, open_table

PLAIN = "time,temp,label\n2024-01-01 00:00:00,20.5,0\n2024-01-01 00:01:00,20.6,0\n2024-01-01 00:02:00,20.7,1\n"
MANY = "time,temp\n" + "".join(f"2024-01-01 00:{k:02}:00,{20 + k}\n" for k in range(60))

CASES: dict[str, tuple[str | bytes, Overrides, str]] = {
    "empty file": ("", Overrides(), "is empty. Give a table with a header and at least two rows."),
    "blank lines only": ("\n \n\n", Overrides(), "is empty. Give a table with a header and at least two rows."),
    "header only": ("time,temp\n", Overrides(), "holds a header and no readings. Give at least two rows."),
    "one row": ("time,temp\n2024-01-01,1\n", Overrides(), "has too few rows (1). Give a table with at least two rows."),
    "no header": (
        "2024-01-01 00:00,1.5\n2024-01-01 00:01,1.6\n",
        Overrides(),
        "holds readings where the columns' names should be (2024-01-01 00:00, 1.5). Add a line with the names",
    ),
    "names repeat": (
        "time,temp,temp\n2024-01-01,1,2\n2024-01-02,1,2\n",
        Overrides(),
        "more than one column named 'temp'",
    ),
    "binary": (b"\x00\x01\x02" * 100, Overrides(), "is a binary file, not a text table. Export it as CSV or Parquet."),
    "zip or Excel": (
        b"PK\x03\x04" + bytes(50),
        Overrides(),
        "is an Excel workbook or a zip archive, not a text table.",
    ),
    "gzip": (gzip.compress(PLAIN.encode()), Overrides(), "is compressed with gzip, not a text table."),
    "broken Parquet": (b"PAR1 and no more", Overrides(), "is not a readable Parquet file"),
    "text among numbers": (
        MANY.replace("2024-01-01 00:41:00,61", "2024-01-01 00:41:00,ERR"),
        Overrides(),
        "Column 'temp' should hold numbers, but row 42 holds the text 'ERR' (1 such value)."
        " If it means missing, add --missing ERR; or leave the column out with --exclude temp.",
    ),
    "a decimal comma beside points": (
        'time,temp\n2024-01-01,1.5\n2024-01-02,"1,6"\n2024-01-03,1.7\n',
        Overrides(),
        "Column 'temp' should hold numbers, but row 2 holds the text '1,6'",
    ),
    "a row with too many fields": (
        PLAIN.replace("20.6,0", "20.6,0,9,9"),
        Overrides(),
        "Row 2 of {path} has 5 fields, but the header names 3. Mend the row",
    ),
    "a quotation mark left open": (
        PLAIN.replace("20.7", '"20.7'),
        Overrides(),
        "cannot be read as a table: a quotation mark is never closed.",
    ),
    "no channel": (
        "time,name\n2024-01-01,ann\n2024-01-02,bob\n2024-01-03,ann\n",
        Overrides(),
        "has no usable channel (name: text, not a measurement). Name columns that hold numbers with --channels.",
    ),
    "only time and label": (
        PLAIN.replace("temp", "Occupancy").replace("20.5", "0").replace("20.6", "0").replace("20.7", "1"),
        Overrides(),
        "has no usable channel (Occupancy: a state",
    ),
    "every channel hollow": (
        "time,temp\n2024-01-01,1\n2024-01-02,\n2024-01-03,\n",
        Overrides(),
        "has no usable channel (temp: 67 % of its values are missing)",
    ),
    "label not there": (
        PLAIN,
        Overrides(label="lable"),
        "There is no column 'lable', which --label names. Did you mean 'label'?",
    ),
    "column to exclude not there": (
        PLAIN,
        Overrides(exclude=("zzz",)),
        "There is no column 'zzz', which --exclude names. There are: time, temp, label.",
    ),
    "label of numbers that say nothing": (
        PLAIN.replace(",0\n", ",-1\n"),
        Overrides(label="label"),
        "Label column 'label' does not say which rows are normal; it holds -1, 1. Use 0 and 1",
    ),
    "time column without times": (
        PLAIN.replace("20", "a"),
        Overrides(time=("temp",)),
        "Column 'temp' holds no time that can be read, such as 'a.5'. Say how it is written, such as --time-format",
    ),
    "time format that does not fit": (
        PLAIN,
        Overrides(time=("time",), time_format="%d/%m/%Y"),
        "Most times in column 'time' of {path} cannot be read as %d/%m/%Y; row 1 holds '2024-01-01 00:00:00'.",
    ),
    "no time zone": (PLAIN, Overrides(timezone="Europe/Berln"), "There is no time zone 'Europe/Berln'."),
    "no encoding": (PLAIN, Overrides(encoding="utf-99"), "There is no encoding 'utf-99'. Try utf-8, utf-16 or cp1252."),
    "another encoding": (
        "µ" + PLAIN,
        Overrides(encoding="ascii"),
        "is not ascii: byte 0 cannot be read. Name another with --encoding.",
    ),
    "said to be UTF-8": (b"\xff" + PLAIN.encode(), Overrides(encoding="utf-8"), "is not utf-8: byte 0 cannot be read."),
    "no decimal sign": (PLAIN, Overrides(decimal="'"), "\"'\" is no decimal sign. Use '.' or ','."),
    "separator of two characters": (PLAIN, Overrides(separator="::"), "'::' is no separator."),
    "wrong separator": (PLAIN, Overrides(separator=";"), "has no usable channel"),
    "text as a chosen channel": (
        "time,temp,name\n2024-01-01,1,ann\n2024-01-02,2,bob\n",
        Overrides(channels=("temp", "name")),
        "Column 'name' should hold numbers, but row 1 holds the text 'ann' (2 such values).",
    ),
    "long form without time": (
        "channel,value\na,1\nb,2\na,3\nb,4\n",
        Overrides(long=("channel", "value")),
        "A table in long form needs a time column to tell which values belong together. Name it with --time.",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_message(case: str, tmp_path: Path) -> None:
    content, overrides, message = CASES[case]
    path = tmp_path / "table.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(TocsinError) as error:
        open_table(path, overrides=overrides)
    assert message.format(path=path) in str(error.value)
    assert error.value.remedy
    assert "\n" not in str(error.value)
    assert isinstance(error.value, InputError | SettingError)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"There is no file .*none\.csv\. Check the path\."):
        open_table(tmp_path / "none.csv")


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is a folder\. Name one file in it\."):
        open_table(tmp_path)


def test_no_frame() -> None:
    with pytest.raises(InputError, match=r"A list is no table\. Give a path, or a pandas, Polars or pyarrow frame\."):
        open_table([1, 2, 3])


def test_a_channel_of_the_artifact_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(PLAIN)
    trained = open_table(path).layout
    path.write_text(PLAIN.replace("temp", "temp_1"))
    with pytest.raises(InputError) as error:
        open_table(path, expect=trained)
    assert str(error.value) == (
        "The channel 'temp' that the artifact was trained on is not in the table. "
        "Did you mean 'temp_1'? Rename the column, or train on this table."
    )


def test_a_channel_of_the_artifact_holds_text(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(PLAIN)
    trained = open_table(path).layout
    path.write_text(PLAIN.replace("20.6", "warm"))
    with pytest.raises(InputError, match="Column 'temp' should hold numbers, but row 2 holds the text 'warm'"):
        open_table(path, expect=trained)


def test_many_missing_channels_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(PLAIN)
    wanted = Layout(channels=tuple(Channel(f"q{k}") for k in range(20)))
    with pytest.raises(InputError, match=r"The channels 'q0', .* and 12 more that .* are not in the table"):
        open_table(path, expect=wanted)


def test_a_channel_in_each_row_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    lines = [f"2024-01-01T{k // 3600:02}:{k // 60 % 60:02}:{k % 60:02}Z,s{k // 2},1.5" for k in range(30_000)]
    (tmp_path / "long.csv").write_text("\n".join(["time,sensor,value", *lines]))
    with pytest.raises(InputError, match=r"^In long form that would be 30,000 readings of 15,000 channels, too many"):
        open_table(tmp_path / "long.csv")
