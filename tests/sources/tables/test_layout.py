from __future__ import annotations

from tocsin.core.schema import Channel
from tocsin.sources import Layout


def test_lines_say_what_was_understood() -> None:
    layout = Layout(
        separator=";",
        decimal=",",
        time=("date", "time"),
        time_format="%d-%b-%y %H:%M:%S",
        device="mote",
        channels=(Channel("temp [K]", "K"), Channel("speed_rpm", "rpm")),
        label="label",
        sentinels=(("temp [K]", -200.0), ("speed_rpm", -200.0), ("speed_rpm", 65535.0)),
        excluded=(("type", "it names the label"), ("", "a row number"), ("no", "a row number")),
        notes=("a guess",),
    )
    assert layout.lines() == (
        "text: separated by semicolon, decimal comma, utf-8",
        "time: date + time (%d-%b-%y %H:%M:%S, UTC)",
        "device: mote",
        "channels: 2: temp [K], speed_rpm [rpm]",
        "label: label",
        "taken as missing: -200 in temp [K], speed_rpm",
        "taken as missing: 65535 in speed_rpm",
        "left out: type — it names the label",
        "left out: (unnamed), no — a row number",
        "note: a guess",
    )


def test_many_channels_are_counted() -> None:
    line = next(
        line for line in Layout(channels=tuple(Channel(f"c{k}") for k in range(115))).lines() if "channels" in line
    )
    assert line == f"channels: 115: {', '.join(f'c{k}' for k in range(12))}, and 103 more"
