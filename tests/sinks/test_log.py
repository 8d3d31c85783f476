from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tocsin.sinks.log import Log
from tocsin.testing.sink_checks import story

FULL = """
import resource, sys
from pathlib import Path
from tocsin.sinks.log import Log
from tocsin.testing.sink_checks import story
path = Path(sys.argv[1])
sink = Log(path)
assert not sink.send(story("before"))
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 100, resource.RLIM_INFINITY))
failures = sink.send(story("full"))
assert len(failures) == 3, failures
print(failures[0].reason)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert not sink.send(story("after"))
"""


def lines(path: Path) -> list[tuple[str, int]]:
    return [(told["id"], told["revision"]) for told in map(json.loads, path.read_text("utf-8").splitlines())]


def test_lines_hold_documents(tmp_path: Path) -> None:
    path = tmp_path / "new" / "incidents.jsonl"
    sink = Log.parse(str(path))
    assert not sink.send(story("a"))
    assert [json.loads(line) for line in path.read_text().splitlines()] == [n.document() for n in story("a")]
    sink.close()


def test_or_cloud_events(tmp_path: Path) -> None:
    sink = Log.parse(f"{tmp_path}/a.jsonl?format=cloudevents")
    sink.send(story("a"))
    told = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert told == [notice.cloud_event() for notice in story("a")]


@pytest.mark.parametrize("text", ["", "-"])
def test_standard_output_is_the_default(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert not Log.parse(text).send(story("a"))
    assert [json.loads(line)["revision"] for line in capsys.readouterr().out.splitlines()] == [0, 1, 2]


def test_a_restart_goes_on_in_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    for name in ("a", "b"):
        sink = Log(path)
        sink.send(story(name)[:1])
        sink.close()
    assert lines(path) == [("a", 0), ("b", 0)]


def test_a_file_that_was_rotated_is_begun_anew(tmp_path: Path) -> None:
    path, old = tmp_path / "a.jsonl", tmp_path / "a.jsonl.1"
    sink = Log(path)
    sink.send(story("a"))
    path.rename(old)
    sink.send(story("b"))
    assert {name for name, _ in lines(old)} == {"a"}
    assert {name for name, _ in lines(path)} == {"b"}
    os.truncate(path, 0)
    sink.send(story("c"))
    assert {name for name, _ in lines(path)} == {"c"}


def test_a_line_that_a_power_cut_left_unfinished_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"version":1,"id":"torn')
    Log(path).send(story("a"))
    whole = path.read_text().splitlines()[1:]
    assert [json.loads(line)["revision"] for line in whole] == [0, 1, 2]


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="no limits of files here")
def test_a_full_disk_leaves_no_half_line_and_it_goes_on_when_there_is_room(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    ran = subprocess.run([sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    assert "cannot be written" in ran.stdout
    assert lines(path) == [("before", 0), ("before", 1), ("before", 2), ("after", 0), ("after", 1), ("after", 2)]
