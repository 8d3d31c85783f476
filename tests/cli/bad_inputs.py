"""Files that cannot be used, or are merely odd, and what is said of them: by the command line and by the dashboard."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ROWS = 60
HEAD = "time,temp,hum\n"
LINES = [f"2024-01-01T00:{k:02}:00,{20 + k % 7},{50 + k % 5}\n" for k in range(ROWS)]
PLAIN = HEAD + "".join(LINES)
FIT = "fit bad.csv --detector rolling_zscore --window 5 -o out.tocsin"
SCORE = "score room.tocsin bad.csv -o out.csv"


class Case(NamedTuple):
    """A command that cannot work: what bad.csv or bad.toml holds, what is typed, and what is said."""

    content: str | bytes | None
    command: str
    message: str


def labelled(mark: Callable[[int], str]) -> str:
    """Return the table with a label column."""
    return HEAD.replace("\n", ",label\n") + "".join(line.replace("\n", f",{mark(k)}\n") for k, line in enumerate(LINES))


CASES: dict[str, Case] = {
    "missing file": Case(None, FIT, "There is no file bad.csv. Check the path."),
    "folder": Case(None, FIT.replace("bad.csv", "."), ". is a folder. Name one file in it."),
    "empty file": Case("", FIT, "bad.csv is empty. Give a table with a header and at least two rows."),
    "header only": Case(HEAD, FIT, "bad.csv holds a header and no readings. Give at least two rows."),
    "one row": Case(HEAD + LINES[0], FIT, "bad.csv has too few rows (1). Give a table with at least two rows."),
    "no header": Case(
        "".join(LINES).replace(",50", ",50.5"), FIT, "bad.csv holds readings where the columns' names should be"
    ),
    "binary junk": Case(bytes(range(256)) * 20, FIT, "bad.csv is a binary file, not a text table."),
    "Excel": Case(b"PK\x03\x04" + bytes(50), FIT, "bad.csv is an Excel workbook or a zip archive, not a text table."),
    "broken Parquet": Case(b"PAR1 and no more", FIT, "bad.csv is not a readable Parquet file"),
    "wrong encoding": Case("µ" + PLAIN, FIT + " --encoding ascii", "bad.csv is not ascii: byte 0 cannot be read."),
    "unknown encoding": Case(PLAIN, FIT + " --encoding utf-99", "There is no encoding 'utf-99'."),
    "columns of one name": Case(PLAIN.replace("hum", "temp"), FIT, "more than one column named 'temp'"),
    "text in a number column": Case(
        PLAIN.replace("00:41:00,26", "00:41:00,ERR"),
        FIT,
        "Column 'temp' should hold numbers, but row 42 holds the text 'ERR' (1 such value).",
    ),
    "no numeric column": Case(
        "time,name\n" + "".join(f"2024-01-01T00:{k:02}:00,{'ab'[k % 2] * 3}c{k % 7}\n" for k in range(ROWS)),
        FIT,
        "bad.csv has no usable channel",
    ),
    "a row too long": Case(PLAIN.replace("00:09:00,22", "00:09:00,22,9,9"), FIT, "Row 10 of bad.csv has 5 fields"),
    "too few rows for the window": Case(HEAD + "".join(LINES[:12]), FIT, "There are too few readings: only "),
    "window larger than the table": Case(
        PLAIN,
        FIT.replace("--window 5", "--window 500"),
        "There are too few readings: only 0 complete normal windows of 500 readings lie in the training part.",
    ),
    "all rows labelled": Case(labelled(lambda _: "1"), FIT, "There are too few readings: only 0 complete normal"),
    "label column missing": Case(PLAIN, FIT + " --label fault", "There is no column 'fault', which --label names."),
    "label that says nothing": Case(
        labelled(lambda k: str(k % 3 - 1)), FIT + " --label label", "Label column 'label' does not say which rows"
    ),
    "unparsable times": Case(
        PLAIN.replace("2024-01-01", "13-14-15"),
        FIT + " --time time",
        "Most times in column 'time' of bad.csv cannot be read",
    ),
    "time format that does not fit": Case(
        PLAIN, FIT + " --time time --time-format %d/%m/%Y", "Most times in column 'time' of bad.csv cannot be read as"
    ),
    "unknown time zone": Case(PLAIN, FIT + " --timezone Mars/Phobos", "There is no time zone 'Mars/Phobos'."),
    "unknown detector": Case(
        PLAIN, FIT.replace("rolling_zscore", "oracle"), "There is no 'oracle' among the detectors. Choose one of: "
    ),
    "unknown threshold": Case(PLAIN, FIT + " --threshold magic:1", "There is no 'magic' among the thresholds."),
    "percentile above 100": Case(PLAIN, FIT + " --threshold percentile:200", "A percentile lies between 0 and 100"),
    "percentile in words": Case(
        PLAIN, FIT + " --threshold percentile:high", "percent of percentile is 'high': no number."
    ),
    "percentile of the unknown": Case(PLAIN, FIT + " --threshold percentile:9@x", "There is no reference 'x'."),
    "limit below 0": Case(PLAIN, FIT + " --threshold fixed:-1", "A fixed limit must be above 0, not -1."),
    "unknown scale": Case(PLAIN, FIT + " --scale log", "There is no scale 'log'."),
    "window of nothing": Case(
        PLAIN, FIT.replace("--window 5", "--window 0"), "window must be a whole number from 1 to 100000"
    ),
    "unknown clock": Case(PLAIN, FIT + " --clock atomic", "clock is 'atomic': Input should be 'auto', 'on' or 'off'."),
    "policy that never rings": Case(PLAIN, FIT + " --raise-after 0", "raise_after must be a whole number"),
    "a period without end": Case(PLAIN, FIT + " --period inf", "period_s must be a number of seconds"),
    "a period beyond all years": Case(PLAIN, FIT + " --period 1e12", "period_s must be a number of seconds"),
    "a hold beyond all bounds": Case(PLAIN, FIT + " --hold 100000000", "hold must be a whole number from 0 to 100000"),
    "a seed beyond all bounds": Case(PLAIN, FIT + " --seed 99999999999999999999", "seed must be a whole number"),
    "half a long form": Case(PLAIN, FIT + " --long temp", "long is ('temp',): it needs two columns."),
    "settings in the wrong section": Case(
        "[fit]\nsettings = {floor = 1}\n", FIT + " --config bad.csv", "[fit] has no setting 'settings'."
    ),
    "--set of an unknown name": Case(PLAIN, FIT + " --set epochs=5", "rolling_zscore has no setting 'epochs'."),
    "--set of a bad value": Case(PLAIN, FIT + " --set floor=deep", "floor is 'deep': Input should be a valid number"),
    "--set out of range": Case(PLAIN, FIT + " --set floor=-1", "floor is -1.0. It must be above 0."),
    "--set without a value": Case(PLAIN, FIT + " --set floor", "--set floor is not of the form name=value."),
    "no TOML": Case("[fit\n", FIT + " --config bad.csv", "bad.csv is not valid TOML: "),
    "TOML with an unknown section": Case("[fitt]\n", FIT + " --config bad.csv", "bad.csv has 'fitt', which means"),
    "TOML with an unknown setting": Case(
        "[fit]\nwindo = 5\n", FIT + " --config bad.csv", "There is no setting 'windo'"
    ),
    "no such config": Case(PLAIN, FIT + " --config none.toml", "none.toml cannot be read: No such file or directory."),
    "output folder missing": Case(PLAIN, FIT.replace("out.", "none/out."), "There is no folder none to write out."),
    "output is a folder": Case(PLAIN, FIT.replace("out.tocsin", "."), ". is a folder. Name a file in it."),
    "output over the input": Case(PLAIN, FIT.replace("out.tocsin", "./bad.csv"), "bad.csv would be overwritten, but"),
    "artifact instead of a table": Case(None, "fit room.tocsin -o out.tocsin", "room.tocsin is an Excel workbook or a"),
    "table instead of an artifact": Case(
        PLAIN, "score bad.csv bad.csv -o out.csv", "bad.csv is no tocsin artifact, or"
    ),
    "no such artifact": Case(PLAIN, "score none.tocsin bad.csv -o out.csv", "There is no artifact at none.tocsin."),
    "truncated artifact": Case(PLAIN, "score cut.tocsin bad.csv -o out.csv", "cut.tocsin is no tocsin artifact, or is"),
    "damaged artifact": Case(PLAIN, "score damaged.tocsin bad.csv -o out.csv", "damaged.tocsin is no tocsin artifact"),
    "foreign zip": Case(PLAIN, "inspect foreign.tocsin", "foreign.tocsin is no tocsin artifact: unexpected or missing"),
    "missing channel": Case(
        PLAIN.replace("temp", "temp_1"),
        SCORE,
        "The channel 'temp' that the artifact was trained on is not in the table",
    ),
    "text in a channel to score": Case(
        PLAIN.replace(",26,", ",warm,"), SCORE, "Column 'temp' should hold numbers, but"
    ),
    "column named as a verdict": Case(
        PLAIN.replace("\n", ",0\n").replace("hum,0", "hum,score"), SCORE, "The input already has a column named score."
    ),
    "scores to a missing folder": Case(PLAIN, SCORE.replace("out.", "none/out."), "There is no folder none to write"),
    "report to a missing folder": Case(
        PLAIN, SCORE + " --report none/r.html", "There is no folder none to write r.html"
    ),
    "scores over the input": Case(PLAIN, SCORE.replace("out.csv", "bad.csv"), "bad.csv would be overwritten, but is"),
    "two results in one file": Case(PLAIN, SCORE + " --incidents out.csv", "Two results would be written to out.csv."),
    "nothing to verify": Case(HEAD, "verify room.tocsin bad.csv", "bad.csv holds a header and no readings."),
    "nothing to explore": Case("", "explore bad.csv -o look", "bad.csv is empty."),
    "unknown scenario": Case(None, "simulate ocean -o out.csv", "There is no scenario 'ocean'."),
    "too few rows to simulate": Case(None, "simulate --rows 3 -o out.csv", "3 rows are less than a day."),
    "too many anomalies": Case(None, "simulate --anomalies 2 -o out.csv", "anomaly_share is 2.0. Give 0 to 0.25."),
}


FINE: dict[str, tuple[str, str]] = {
    "all constant": (HEAD + "".join(f"{line.split(',')[0]},20,50\n" for line in LINES), "temp: constant at 20"),
    "repeated times": (PLAIN + LINES[-1], "1 reading repeats a time of the same device"),
    "disorder": (HEAD + LINES[1] + LINES[0] + "".join(LINES[2:]), "1 reading stands after a later one"),
    "a gap": (HEAD + "".join(LINES[:30] + LINES[40:]), "1 gap, the longest of "),
    "an unreadable time": (PLAIN.replace("00:59:00", "noon"), "1 reading has no time that can be read"),
    "infinite": (PLAIN.replace("00:41:00,26", "00:41:00,inf"), "temp: 1 infinite, taken as missing"),
}


def spoiled(artifact: bytes, folder: Path) -> None:
    """Write a good artifact into a folder, and some that are not."""
    damaged = bytearray(artifact)
    damaged[len(artifact) // 2] ^= 0xFF
    for name, body in {"room": artifact, "cut": artifact[:-300], "damaged": bytes(damaged)}.items():
        (folder / f"{name}.tocsin").write_bytes(body)
    with zipfile.ZipFile(folder / "foreign.tocsin", "w") as foreign:
        foreign.writestr("../evil.py", "print()")
