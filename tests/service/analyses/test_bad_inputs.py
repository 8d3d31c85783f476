"""Files that cannot be used: the service says what the command line says, and brings corrections along that work."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from tests.cli.bad_inputs import CASES, FINE, HEAD, LINES, PLAIN, Case, labelled
from tests.service.analyses.conftest import Send

from tocsin.core.errors import TocsinError
from tocsin.engine.scorer import load
from tocsin.service.analyses.documents import Reading, Unreadable
from tocsin.sources import open_table
from tocsin.wiring import make_overrides

FLAGS = {"--encoding": "encoding", "--label": "label", "--time": "time", "--time-format": "time_format"}
FLAGS |= {"--timezone": "timezone"}
SEVERAL = {"time"}

FILES = {
    name: case
    for name, case in CASES.items()
    if case.content is not None and "bad.csv" in case.command.split() and "--config" not in case.command
}


def overrides_of(case: Case) -> dict[str, Any]:
    """Return what is typed as settings."""
    words = shlex.split(case.command)
    typed = {FLAGS[word]: words[k + 1] for k, word in enumerate(words) if word in FLAGS}
    return {name: [value] if name in SEVERAL else value for name, value in typed.items()}


def said(case: Case, folder: Path, plant: Path | None) -> tuple[str, str] | None:
    """Return what the command line says of a case's file, before it is told what to do with it."""
    assert case.content is not None
    path = folder / "bad.csv"
    path.write_bytes(case.content if isinstance(case.content, bytes) else case.content.encode())
    overrides = make_overrides({}, overrides_of(case))
    scorer = None if plant is None else load(plant)
    try:
        table = open_table(path, overrides=overrides, expect=None if scorer is None else scorer.artifact.layout)
        if scorer is not None:
            scorer.judge(table).columns()
    except TocsinError as error:
        return error.message.replace(str(path), "bad.csv"), error.remedy.replace(str(path), "bad.csv")
    return None


@pytest.mark.parametrize("name", FILES)
def test_the_same_sentence_and_remedy_as_the_command(name: str, client: TestClient, send: Send, tmp_path: Path) -> None:
    case = FILES[name]
    assert case.content is not None
    found = send(case.content, "bad.csv")
    if typed := overrides_of(case):
        found = client.put(f"/v1/analyses/{found['id']}/overrides", json=typed).json()
    Reading.model_validate(found)
    expected = said(case, tmp_path, None)
    if expected is None:
        assert (found["state"], found["problem"]) == ("readable", None)
        return
    assert found["state"] == "unreadable"
    assert (found["problem"]["detail"], found["problem"]["remedy"]) == expected
    if case.command.startswith("fit"):
        assert case.message in " ".join(expected)


@pytest.mark.parametrize("name", [name for name, case in FILES.items() if case.command.startswith("score room.tocsin")])
def test_what_cannot_be_scored_is_told_as_the_command_tells_it(
    name: str, client: TestClient, send: Send, plant: Path, tmp_path: Path
) -> None:
    case = FILES[name]
    assert case.content is not None
    url = f"/v1/analyses/{send(case.content, 'bad.csv')['id']}"
    answer = client.post(f"{url}/score", json={"artifact": "room"}, params={"wait": 60})
    expected = said(case, tmp_path, plant)
    if expected is None:
        assert answer.status_code == 200
    elif "already has a column" in expected[0]:
        assert any(expected[0] in warning for warning in answer.json()["warnings"]), "said before it is asked for"
        answer = client.get(f"{url}/labelled.csv")
        assert (answer.status_code, answer.json()["detail"]) == (422, expected[0])
    else:
        assert answer.headers["content-type"] == "application/problem+json"
        assert (answer.status_code, answer.json()["detail"], answer.json()["remedy"]) == (422, *expected)
        Unreadable.model_validate(client.get(f"{url}/progress").json()["problem"])


@pytest.mark.parametrize("name", FINE)
def test_what_is_merely_odd_is_told(name: str, send: Send) -> None:
    content, told = FINE[name]
    found = send(content)
    assert found["state"] == "readable"
    assert any(told in finding["text"] for finding in found["quality"]["findings"])


TWO_TIMES = "stamp,when,temp\n" + "".join(f"13-14-15,2024-01-01T00:{k:02}:00,{20 + k % 7}.5\n" for k in range(60))
FIXED: dict[str, tuple[str | bytes, dict[str, Any], str, str]] = {
    "a text": (PLAIN.replace("00:41:00,26", "00:41:00,ERR"), {}, "Take 'ERR' as missing", "temp"),
    "two texts": (
        PLAIN.replace("00:41:00,26", "00:41:00,ERR").replace("00:49:00,20", "00:49:00,off"),
        {},
        "Take 'ERR', 'off' as missing",
        "temp",
    ),
    "a column": (PLAIN.replace("00:41:00,26", "00:41:00,ERR"), {}, "Leave out column 'temp'", "hum"),
    "commas": (
        HEAD.replace(",", ";") + "".join(f"2024-01-01T00:{k:02}:00;{20 + k % 7},5;50.5\n" for k in range(60)),
        {"channels": ["temp"]},
        "Read the comma as decimal sign",
        "temp",
    ),
    "another time": (TWO_TIMES, {"time": ["stamp"]}, "Use column 'when' as the time", "temp"),
    "no time": (PLAIN.replace("2024-01-01", "13-14-15"), {"time": ["time"]}, "Count rows instead of times", "temp"),
    "a format": (PLAIN, {"time": ["time"], "time_format": "%d/%m/%Y"}, "Guess how times are written", "temp"),
    "no format": (PLAIN, {"time": ["time"], "time_format": "%%%"}, "Guess how times are written", "temp"),
    "a zone": (PLAIN, {"timezone": "Mars/Phobos"}, "Take times as UTC", "temp"),
    "an encoding": (("µ" + PLAIN).encode("cp1252"), {"encoding": "ascii"}, "Read it as cp1252", "temp"),
    "no encoding": (PLAIN, {"encoding": "utf-99"}, "Guess the encoding", "temp"),
    "a separator": (PLAIN, {"separator": ";;"}, "Guess the separator", "temp"),
    "a row": (
        "temp;note,text\n" + "20;a,b\n" * 9 + "21;a,b,c\n",
        {"separator": ","},
        "Separate the fields at semicolons",
        "temp",
    ),
    "a decimal sign": (PLAIN, {"decimal": "'"}, "Guess the decimal sign", "temp"),
    "a label": (PLAIN, {"label": "fault"}, "Guess the label instead", "temp"),
    "no label": (labelled(lambda k: str(k % 3 - 1)), {"label": "label"}, "Go without labels", "temp"),
    "no channel": (
        "time,id\n" + "".join(f"2024-01-01T00:{k:02}:00,{k * 7 % 13}\n" for k in range(60)),
        {},
        "Take 'id' as channels",
        "id",
    ),
    "a long form": (
        "name,value\n" + "t,1\nu,2\n" * 30,
        {"long": ["name", "value"]},
        "Read it as a table in wide",
        "value",
    ),
}


@pytest.mark.parametrize("name", FIXED)
def test_a_click_puts_it_right(name: str, client: TestClient, send: Send) -> None:
    content, overrides, label, channel = FIXED[name]
    found = send(content)
    url = f"/v1/analyses/{found['id']}/overrides"
    if overrides:
        found = client.put(url, json=overrides).json()
    assert found["state"] == "unreadable"
    fixes = [fix for fix in found["problem"]["fixes"] if fix["label"].startswith(label)]
    assert fixes, found["problem"]
    mended = client.put(url, json={**found["overrides"], **fixes[0]["overrides"]}).json()
    assert mended["state"] == "readable", mended["problem"]
    assert channel in [one["name"] for one in mended["layout"]["channels"]]


def test_corrections_add_up(client: TestClient, send: Send) -> None:
    spoiled = PLAIN.replace("00:41:00,26", "00:41:00,ERR").replace("00:43:00,21,53", "00:43:00,21,off")
    found = send(spoiled)
    url = f"/v1/analyses/{found['id']}/overrides"
    for _ in range(2):
        found = client.put(url, json={**found["overrides"], **found["problem"]["fixes"][0]["overrides"]}).json()
    assert (found["state"], found["overrides"]) == ("readable", {"missing": ["ERR", "off"]})


ODD = {
    "Sort by time": HEAD + LINES[1] + LINES[0] + "".join(LINES[2:]),
    "Leave out column 'temp'": HEAD + "".join(f"{line.split(',')[0]},20,{line.split(',')[2]}" for line in LINES),
    "Count rows instead of times": PLAIN.replace("00:59:00", "noon"),
    "Go without labels": labelled(lambda k: "" if k == 5 else str(int(k > 50))),
}


@pytest.mark.parametrize("label", ODD)
def test_findings_bring_corrections_along(label: str, client: TestClient, send: Send) -> None:
    found = send(ODD[label])
    fixes = [fix for finding in found["quality"]["findings"] for fix in finding["fixes"]]
    fix = next(fix for fix in fixes if fix["label"] == label)
    if fix.get("sort"):
        return
    after = client.put(f"/v1/analyses/{found['id']}/overrides", json=fix["overrides"]).json()
    left = [fix["label"] for finding in after["quality"]["findings"] for fix in finding["fixes"]]
    assert after["state"] == "readable"
    assert label not in left


def test_a_sentinel_can_be_kept_and_taken_as_missing_again(client: TestClient, send: Send) -> None:
    lines = [f"{line.strip()}\n" for line in LINES]
    content = HEAD + "".join(
        line.replace(",20,", ",-200,") if k in (7, 14, 21) else line for k, line in enumerate(lines)
    )
    found = send(content)
    [odd] = [finding for finding in found["quality"]["findings"] if finding["topic"] == "sentinel"]
    assert [fix["label"] for fix in odd["fixes"]] == ["Keep -200 as a value", "Leave out column 'temp'"]
    url = f"/v1/analyses/{found['id']}/overrides"
    kept = client.put(url, json=odd["fixes"][0]["overrides"]).json()
    [odd] = [finding for finding in kept["quality"]["findings"] if finding["topic"] == "sentinel"]
    assert "kept as measured" in odd["text"]
    again = client.put(url, json={**kept["overrides"], **odd["fixes"][0]["overrides"]}).json()
    assert again["quality"]["findings"] == found["quality"]["findings"]


def test_a_date_that_could_be_read_either_way_can_be_read_the_other_way(client: TestClient, send: Send) -> None:
    content = "date,temp,hum\n" + "".join(f"{k + 1:02}/02/2024 10:00,{20 + k % 7},{50 + k % 5}\n" for k in range(12))
    found = send(content)
    [fix] = found["fixes"]
    after = client.put(f"/v1/analyses/{found['id']}/overrides", json=fix["overrides"]).json()
    assert after["state"] == "readable"
    assert {found["layout"]["time_format"], after["layout"]["time_format"]} == {"%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"}


def test_what_cannot_be_read_still_shows_what_it_holds(send: Send) -> None:
    split = send(PLAIN.replace("00:41:00,26", "00:41:00,ERR"))
    assert split["preview"]["columns"] == ["time", "temp", "hum"]
    assert split["preview"]["rows"][0] == ["2024-01-01T00:00:00", "20", "50"]
    assert [column["kind"] for column in split["columns"]] == ["text", "mixed", "number"]
    whole = send(PLAIN.replace("00:09:00,22", "00:09:00,22,9,9"))
    assert whole["preview"]["columns"] == ["text"]
    assert whole["preview"]["rows"][1] == ["2024-01-01T00:00:00,20,50"]
    assert send(bytes(range(256)))["preview"] == {"columns": [], "rows": []}
