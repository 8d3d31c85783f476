"""What people take home is, byte for byte, what the command writes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from tests.cli.bad_inputs import HEAD, LINES, PLAIN
from tests.service.analyses.conftest import Send, desk_of

from tocsin.artifact import bundle
from tocsin.cli.score import score as command
from tocsin.engine.scorer import load
from tocsin.sources import open_table
from tocsin.training.fit import fit
from tocsin.training.recipe import Recipe

WILD = HEAD + "".join(
    line.replace(f",{20 + k % 7},", ",95.5,") if 40 <= k < 46 else line for k, line in enumerate(LINES)
)


def beside(name: str, cell: str) -> str:
    """Return the wild table with one more column, which holds the same in each row."""
    head, *lines = WILD.splitlines()
    return "\n".join([f"{head},{name}", *(f"{line},{cell}" for line in lines)]) + "\n"


FILES: dict[str, tuple[str | bytes, bool]] = {
    "plain": (PLAIN, False),
    "wild": (WILD, False),
    "semicolons": (WILD.replace(",", ";").replace(".", ","), False),
    "tabs": (WILD.replace(",", "\t"), False),
    "out of order": (HEAD + LINES[5] + "".join(LINES[:5]) + "".join(LINES[6:]), False),
    "sorted": (HEAD + LINES[5] + "".join(LINES[:5]) + "".join(LINES[6:]), True),
    "umlauts": (beside("fühler", "ä").encode("cp1252"), False),
    "quoted": (beside('"a, ""note"""', '"x, y"'), False),
    "blank lines": (WILD.replace(LINES[7], "\n" + LINES[7]), False),
    "its own": (beside("anomaly", "0"), False),
}


def told(client: TestClient, found: str, what: str) -> bytes:
    answer = client.get(f"/v1/analyses/{found}/{what}")
    assert answer.status_code == 200, answer.text
    return answer.content


@pytest.mark.parametrize("name", FILES)
def test_byte_for_byte(name: str, client: TestClient, send: Send, keen: Path, tmp_path: Path) -> None:
    content, sort = FILES[name]
    path = tmp_path / "room.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    same(client, send, path, artifact=keen, sort=sort)


def same(client: TestClient, send: Send, path: Path, *, artifact: Path, sort: bool = False) -> None:
    """Score a file both ways and compare all that is written."""
    out = path.parent / "out"
    out.mkdir(exist_ok=True)
    command(
        artifact,
        path,
        output=out / "labelled.csv",
        report=out / "report.html",
        incidents=out / "incidents.csv",
        in_time_order=sort,
    )
    command(artifact, path, output=out / "labelled.parquet", shares=True, in_time_order=sort)
    found = send(path.read_bytes(), path.name)["id"]
    asked = {"artifact": artifact.stem, "sort": sort}
    client.post(f"/v1/analyses/{found}/score", json=asked, params={"wait": 60}).raise_for_status()
    for what in ("labelled.csv", "incidents.csv", "report.html"):
        assert told(client, found, what) == (out / what).read_bytes(), what
    assert told(client, found, "labelled.parquet?shares=true") == (out / "labelled.parquet").read_bytes()
    assert [one.name for one in (desk_of(client).settings.folder / "analyses" / found).iterdir()] == [
        desk_of(client).analyses.find(found, by="local").path.name
    ]


REAL: dict[str, Callable[[Path], Path]] = {
    "occupancy": lambda data: data / "occupancy" / "datatest.txt",
    "skab": lambda data: data / "skab" / "data" / "valve1" / "0.csv",
    "air quality": lambda data: data / "airquality_uci" / "AirQuality.csv",
    "nab": lambda data: data / "nab" / "data" / "realKnownCause" / "ambient_temperature_system_failure.csv",
    "bearing": lambda data: data / "ims_bearing" / "merged_dataset_BearingTest_2.csv",
}


AT_LENGTH = ("air quality", "bearing", "nab", "occupancy")
"""What takes longer, and shows little more."""


@pytest.mark.parametrize(
    "name", [pytest.param(one, marks=pytest.mark.slow if one in AT_LENGTH else ()) for one in REAL]
)
def test_real_files_too(
    name: str,
    client: TestClient,
    send: Send,
    shared_data: Path,
    tmp_path: Path,
) -> None:
    source = REAL[name](shared_data)
    path = tmp_path / source.name
    path.write_bytes(source.read_bytes())
    artifact = tmp_path / f"{name.replace(' ', '-')}.tocsin"
    fit(path, Recipe(detector="rolling_zscore", window=12)).save(artifact)
    client.post(f"/v1/artifacts/{artifact.stem}", content=artifact.read_bytes()).raise_for_status()
    same(client, send, path, artifact=artifact)


def test_names_of_what_is_sent(client: TestClient, send: Send) -> None:
    found = send(PLAIN, "Halle 3.csv")["id"]
    client.post(f"/v1/analyses/{found}/score", json={"artifact": "keen"}, params={"wait": 60}).raise_for_status()
    answer = client.get(f"/v1/analyses/{found}/labelled.csv")
    assert answer.headers["content-disposition"].endswith("Halle%203-scored.csv")
    assert answer.headers["content-type"].startswith("text/csv")


def test_another_limit_is_sealed_as_the_slider_has_it(client: TestClient, send: Send, tmp_path: Path) -> None:
    found = send(WILD)["id"]
    client.post(f"/v1/analyses/{found}/score", json={"artifact": "keen"}, params={"wait": 60}).raise_for_status()
    for times in (0.5, 3.0, 1000.0):
        moved = client.get(f"/v1/analyses/{found}/whatif", params={"times": times}).json()
        (tmp_path / "other.tocsin").write_bytes(told(client, found, f"recalibrated.tocsin?times={times}"))
        (tmp_path / "room.csv").write_text(WILD)
        scorer = load(tmp_path / "other.tocsin")
        assert getattr(scorer.artifact.calibration.limits, "limit") == moved["limit"]  # noqa: B009  # some limits move
        scored = scorer.judge(open_table(tmp_path / "room.csv", expect=scorer.artifact.layout))
        assert len(scored.incidents) == moved["rung"]


def test_a_moving_limit_is_sealed_as_a_multiple(client: TestClient, send: Send, tmp_path: Path) -> None:
    (tmp_path / "plain.csv").write_text(PLAIN * 1 + "".join(line.replace("T00:", "T01:") for line in LINES))
    recipe = Recipe(detector="ridge", window=5, threshold="adaptive:1e-2")
    fit(tmp_path / "plain.csv", recipe).save(tmp_path / "moving.tocsin")
    client.post("/v1/artifacts/moving", content=(tmp_path / "moving.tocsin").read_bytes()).raise_for_status()
    found = send(WILD)["id"]
    client.post(f"/v1/analyses/{found}/score", json={"artifact": "moving"}, params={"wait": 60}).raise_for_status()
    assert client.get(f"/v1/analyses/{found}/whatif?times=2").json()["limit"] is None
    (tmp_path / "other.tocsin").write_bytes(told(client, found, "recalibrated.tocsin?times=2"))
    rules = bundle.load(tmp_path / "other.tocsin").policy.devices
    assert [(rule.pattern, rule.limit_factor) for rule in rules] == [("*", 2.0)]
