"""A file under analysis from the moment it is sent to the moment it is gone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from tests.cli.bad_inputs import HEAD, LINES, PLAIN, labelled
from tests.service.analyses.conftest import Send, desk_of

from tocsin.engine.pipeline import Pipeline
from tocsin.service.analyses import documents as doc
from tocsin.service.analyses import shelf
from tocsin.service.analyses.shelf import Analyses
from tocsin.service.app import make_app
from tocsin.service.problems import ProblemError
from tocsin.service.settings import Limits, ServiceSettings
from tocsin.service.tokens import Scope, Tokens

ROOM = {"artifact": "room"}
FLEET = "time,device,temp,hum\n" + "".join(
    f"2024-01-01T00:{k:02}:00,pump-{d},{20 + k % 7 + (30 if d == 2 and k > 50 else 0)},{50 + k % 5}\n"
    for k in range(60)
    for d in range(3)
)


def named(client: TestClient, found: dict[str, Any], **overrides: Any) -> dict[str, Any]:
    """Say what the artifact does not know of the file."""
    after: dict[str, Any] = client.put(f"/v1/analyses/{found['id']}/overrides", json=overrides).json()
    return after


def scored(client: TestClient, found: dict[str, Any], **asked: Any) -> dict[str, Any]:
    answer = client.post(f"/v1/analyses/{found['id']}/score", json={**ROOM, **asked}, params={"wait": 60})
    assert answer.status_code == 200, answer.text
    summary: dict[str, Any] = answer.json()
    return summary


def test_each_answer_is_as_it_is_written_down(client: TestClient, send: Send) -> None:
    found = send(labelled(lambda k: str(int(k > 50))))
    url = f"/v1/analyses/{found['id']}"
    assert doc.Reading.model_validate(found).scored is None
    doc.Summary.model_validate(scored(client, found))
    doc.Reading.model_validate(client.get(url).json())
    doc.Series.model_validate(client.get(f"{url}/series").json())
    doc.Series.model_validate(client.get(f"{url}/series?points=10").json())
    doc.Histogram.model_validate(client.get(f"{url}/histogram").json())
    doc.WhatIf.model_validate(client.get(f"{url}/whatif?times=1.3").json())
    doc.ProgressDocument.model_validate(client.get(f"{url}/progress").json())


def test_where_it_is_told(client: TestClient) -> None:
    answer = client.post("/v1/analyses", params={"name": "room.csv"}, content=PLAIN)
    assert answer.headers["location"] == f"/v1/analyses/{answer.json()['id']}"
    assert client.get(answer.headers["location"]).json() == answer.json()
    assert client.delete(answer.headers["location"]).status_code == 204
    assert client.get(answer.headers["location"]).status_code == 404


def test_what_is_told_of_a_good_file(client: TestClient, send: Send) -> None:
    found = send(PLAIN)
    assert (found["name"], found["state"], found["problem"], found["overrides"]) == ("room.csv", "readable", None, {})
    assert (found["quality"]["start"], found["quality"]["end"]) == ("2024-01-01T00:00:00Z", "2024-01-01T00:59:00Z")
    assert [column["kind"] for column in found["columns"]] == ["text", "number", "number"]
    summary = scored(client, found)
    assert (summary["artifact"], summary["version"], summary["detector"]) == ("room", 1, "rolling_zscore")
    assert summary["facts"]["rows"] == sum(summary["statuses"].values()) == 60
    assert client.get(f"/v1/analyses/{found['id']}").json()["scored"] == summary


def test_incidents_tell_what_was_expected_and_what_came(client: TestClient, send: Send) -> None:
    wild = "".join(line.replace(f",{20 + k % 7},", ",95.5,") if 40 <= k < 46 else line for k, line in enumerate(LINES))
    summary = scored(client, send(HEAD + wild), artifact="keen")
    [told] = summary["incidents"]
    assert told["start"] == "2024-01-01T00:40:00Z"
    assert told["cause"].startswith("temp")
    assert told["expected"]["temp"][1] == 95.5
    assert all(isinstance(value, float) for pair in told["expected"].values() for value in pair)
    assert sum(told["shares"].values()) == pytest.approx(1)


def test_a_correction_drops_what_was_made_before(client: TestClient, send: Send) -> None:
    found = send(PLAIN)
    scored(client, found)
    after = client.put(f"/v1/analyses/{found['id']}/overrides", json={"timezone": "Europe/Berlin"}).json()
    assert (after["scored"], after["overrides"]) == (None, {"timezone": "Europe/Berlin"})
    assert after["quality"]["start"] == "2023-12-31T23:00:00Z"
    answer = client.get(f"/v1/analyses/{found['id']}/series")
    assert (answer.status_code, answer.json()["remedy"]) == (409, "Score it first.")


@pytest.mark.parametrize(
    "nonsense",
    [
        {"time": 5},
        {"colour": "red"},
        {"channels": [1, 2]},
        {"keep_sentinels": "perhaps"},
        {"long": ["one"]},
        {"missing": {"a": 1}},
        {"separator": ["", {}]},
        [1, 2],
        "text",
        7,
    ],
)
def test_overrides_full_of_nonsense_are_refused(nonsense: Any, client: TestClient, send: Send) -> None:
    found = send(PLAIN)
    answer = client.put(f"/v1/analyses/{found['id']}/overrides", json=nonsense)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert client.get(f"/v1/analyses/{found['id']}").json() == found


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..\\..\\boot.ini", "/abs/room.csv", "a\x00b.csv", "💥.csv", ".", "..", "", "x" * 255]
)
def test_a_name_never_reaches_the_disk(name: str, client: TestClient, send: Send) -> None:
    found = send(PLAIN, name)
    folder = desk_of(client).settings.folder / "analyses"
    assert {path.name for path in folder.rglob("*") if path.is_file()} == {"readings.csv"}
    assert "/" not in found["name"] and "\\" not in found["name"]  # noqa: PT018  # one thing
    assert found["state"] == "readable"


def test_a_file_that_is_called_parquet_is_read_as_such(send: Send) -> None:
    assert "is not a readable Parquet file" in send(PLAIN, "room.parquet")["problem"]["detail"]


def test_more_rows_than_are_taken_on(client: TestClient, send: Send) -> None:
    found = send("a,b\n" + "1,2\n" * 200_001)
    assert found["problem"]["detail"] == "room.csv has 200,001 rows; 200,000 are taken on."
    assert client.post(f"/v1/analyses/{found['id']}/score", json=ROOM).status_code == 422


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"artifact": "none"}, 404),
        ({"artifact": "../room"}, 404),
        ({"artifact": "room", "version": 9}, 404),
        ({"artifact": "room", "version": "newest"}, 422),
        ({"artifact": "room", "version": "1"}, 200),
        ({"artifact": "room", "version": 1}, 200),
        ({}, 422),
    ],
)
def test_which_artifact(asked: dict[str, Any], status: int, client: TestClient, send: Send) -> None:
    found = send(PLAIN)
    assert client.post(f"/v1/analyses/{found['id']}/score", json=asked, params={"wait": 60}).status_code == status


def test_scoring_that_takes_long_is_answered_at_once(
    client: TestClient, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, push = threading.Event(), Pipeline.push
    monkeypatch.setattr(Pipeline, "push", lambda self, readings: (go.wait(20), push(self, readings))[1])
    found = send(PLAIN)
    url = f"/v1/analyses/{found['id']}"
    answer = client.post(f"{url}/score", json=ROOM, params={"wait": 0.05})
    assert (answer.status_code, answer.headers["location"]) == (202, f"{url}/progress")
    assert answer.json()["state"] == "running"
    assert client.post(f"{url}/score", json=ROOM).status_code == 409
    assert client.get(url).json()["scored"] is None
    go.set()
    deadline = time.monotonic() + 20
    while client.get(f"{url}/progress").json()["state"] != "done":
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert client.get(f"{url}/progress").json() == {"state": "done", "what": "scoring", "done": 60, "total": 60}
    assert client.get(url).json()["scored"]["version"] == 1


def test_what_is_read_otherwise_meanwhile_is_not_taken_for_scored(
    client: TestClient, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, push = threading.Event(), Pipeline.push
    monkeypatch.setattr(Pipeline, "push", lambda self, readings: (go.wait(20), push(self, readings))[1])
    url = f"/v1/analyses/{send(PLAIN)['id']}"
    assert client.post(f"{url}/score", json=ROOM, params={"wait": 0.05}).status_code == 202
    client.put(f"{url}/overrides", json={"timezone": "Europe/Berlin"}).raise_for_status()
    go.set()
    deadline = time.monotonic() + 20
    while (now := client.get(f"{url}/progress").json())["state"] == "running":
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert (now["state"], now["problem"]["remedy"]) == ("failed", "Score it again.")
    assert client.get(url).json()["scored"] is None


def test_what_was_dropped_from_memory_is_the_same_when_it_is_wanted_again(client: TestClient, send: Send) -> None:
    found = send(FLEET)
    url = f"/v1/analyses/{found['id']}"
    summary, series = scored(client, found), client.get(f"{url}/series").json()
    analysis = desk_of(client).analyses.find(found["id"], by="local")
    assert analysis.bytes > 0
    analysis.forget()
    assert analysis.bytes == 0
    assert client.get(f"{url}/series").json() == series
    assert client.get(url).json()["scored"] == summary


def test_what_was_dropped_is_scored_again_in_its_turn(
    client: TestClient, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [send(PLAIN)["id"] for _ in range(4)]
    for one in ids:
        scored(client, {"id": one})
        desk_of(client).analyses.find(one, by="local").forget()
    at_once, most, lock, push = [0], [0], threading.Lock(), Pipeline.push

    def counted(pipeline: Pipeline, readings: Any) -> Any:
        with lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        time.sleep(0.05)
        with lock:
            at_once[0] -= 1
        return push(pipeline, readings)

    monkeypatch.setattr(Pipeline, "push", counted)
    with ThreadPoolExecutor(8) as people:
        told = list(people.map(lambda one: client.get(f"/v1/analyses/{one}/histogram").status_code, ids * 2))
    assert (set(told), most) == ({200}, [shelf.AT_ONCE])


def test_memory_is_bounded_by_what_was_unused_for_longest(tmp_path: Path) -> None:
    app = make_app(ServiceSettings(folder=tmp_path, limits=Limits(requests_per_s=1e6, memory_bytes=1)))
    with TestClient(app) as client:
        ids = [client.post("/v1/analyses", content=PLAIN).json()["id"] for _ in range(3)]
        kept = [app.state.desk.analyses.find(one, by="local") for one in ids]
        assert [one.bytes > 0 for one in kept] == [False, False, True]
        assert client.put(f"/v1/analyses/{ids[0]}/overrides", json={}).json()["state"] == "readable"
        assert [one.bytes > 0 for one in kept] == [True, False, False]


def test_what_is_scored_again_makes_others_go(plant: Path, tmp_path: Path) -> None:
    app = make_app(ServiceSettings(folder=tmp_path, limits=Limits(requests_per_s=1e6, memory_bytes=1)))
    with TestClient(app) as client:
        client.post("/v1/artifacts/room", content=plant.read_bytes()).raise_for_status()
        ids = [client.post("/v1/analyses", content=PLAIN).json()["id"] for _ in range(2)]
        for one in ids:
            scored(client, {"id": one})
        kept = [app.state.desk.analyses.find(one, by="local") for one in ids]
        assert [one.bytes > 0 for one in kept] == [False, True]
        client.get(f"/v1/analyses/{ids[0]}/histogram").raise_for_status()
        assert [one.bytes > 0 for one in kept] == [True, False]


def test_the_one_unused_for_longest_goes_where_there_are_too_many(tmp_path: Path) -> None:
    app = make_app(ServiceSettings(folder=tmp_path, limits=Limits(analyses=2, requests_per_s=1e6)))
    with TestClient(app) as client:
        ids = [client.post("/v1/analyses", content=PLAIN).json()["id"] for _ in range(2)]
        client.get(f"/v1/analyses/{ids[0]}")
        ids.append(client.post("/v1/analyses", content=PLAIN).json()["id"])
        assert [client.get(f"/v1/analyses/{one}").status_code for one in ids] == [200, 404, 200]
        assert {path.name for path in (tmp_path / "analyses").iterdir()} == {ids[0], ids[2]}
    assert not list((tmp_path / "analyses").iterdir())


def test_one_that_nobody_has_asked_for_in_a_day_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = Analyses(tmp_path, limits=Limits())
    (tmp_path / "one").write_text(PLAIN)
    (tmp_path / "two").write_text(PLAIN)
    first = found.take(tmp_path / "one", "a.csv", by="ada")
    monkeypatch.setattr(shelf, "LONGEST_S", 0.01)
    time.sleep(0.02)
    second = found.take(tmp_path / "two", "b.csv", by="ada")
    assert second.path.exists()
    assert not first.folder.exists()
    with pytest.raises(ProblemError):
        found.find(first.id, by="ada")
    time.sleep(0.02)
    Analyses(tmp_path, limits=Limits())
    assert not second.folder.exists()


@pytest.fixture
def shared(plant: Path, tmp_path: Path) -> Iterator[dict[str, TestClient]]:
    """A service that ada and bob use at once."""
    settings = ServiceSettings(folder=tmp_path, limits=Limits(requests_per_s=1e6))
    tokens = Tokens(tmp_path / "tokens.json")
    secrets = {name: tokens.create(name, Scope.admin) for name in ("ada", "bob")}
    app = make_app(settings)
    with TestClient(app) as client:
        people = {
            name: TestClient(app, headers={"Authorization": f"Bearer {secret}"}) for name, secret in secrets.items()
        }
        people["ada"].post("/v1/artifacts/room", content=plant.read_bytes()).raise_for_status()
        yield people
        del client


def test_what_is_anothers_is_not_there(shared: dict[str, TestClient]) -> None:
    found = shared["ada"].post("/v1/analyses", content=PLAIN).json()
    url = f"/v1/analyses/{found['id']}"
    for method, path, body in [
        ("GET", url, None),
        ("GET", f"{url}/series", None),
        ("PUT", f"{url}/overrides", {}),
        ("POST", f"{url}/score", ROOM),
        ("DELETE", url, None),
    ]:
        assert shared["bob"].request(method, path, json=body).status_code == 404
    assert shared["ada"].get(url).json() == found


def test_two_people_at_once_get_each_their_own(shared: dict[str, TestClient]) -> None:
    files = {"ada": PLAIN, "bob": FLEET}

    def run(name: str) -> list[Any]:
        client, out = shared[name], []
        for _ in range(3):
            found = client.post("/v1/analyses", content=files[name]).json()
            summary = scored(client, named(client, found, device="device" if name == "bob" else None))
            series = client.get(f"/v1/analyses/{found['id']}/series").json()
            out.append((found["quality"], summary, series))
        return out

    with ThreadPoolExecutor(2) as pool:
        ada, bob = pool.map(run, files)
    assert ada[0] == ada[1] == ada[2]
    assert bob[0] == bob[1] == bob[2]
    assert (len(ada[0][1]["devices"]), len(bob[0][1]["devices"])) == (1, 3)


def test_the_worst_device_is_drawn_first(client: TestClient, send: Send) -> None:
    found = named(client, send(FLEET), device="device")
    summary = scored(client, found, artifact="keen")
    assert summary["devices"][0]["name"] == "pump-2"
    assert client.get(f"/v1/analyses/{found['id']}/series").json()["device"] == "pump-2"
    url = f"/v1/analyses/{found['id']}/series"
    other = client.get(url, params={"device": "pump-0", "channels": "hum"}).json()
    assert (other["device"], list(other["channels"]), other["rows"]) == ("pump-0", ["hum"], 60)
    for wrong in ({"device": "pump-9"}, {"channels": "nothing"}, {"since": "yesterday"}, {"points": 3}):
        assert client.get(url, params=wrong).status_code == 422


def test_the_table_of_settings_is_that_of_the_command(client: TestClient, send: Send) -> None:
    found = send(FLEET)
    scored(client, found)
    told = client.get(f"/v1/analyses/{found['id']}/whatif/settings").json()
    in_force = client.get(f"/v1/analyses/{found['id']}/whatif?times=1").json()
    assert told["in_force"]["incidents"] == in_force["rung"]
    assert len(told["settings"]) > 1


def test_columns_that_the_artifact_does_not_know_of_are_offered(client: TestClient, send: Send) -> None:
    head, *lines = FLEET.splitlines()
    found = send("\n".join([f"{head},label", *(f"{line},{int(k > 150)}" for k, line in enumerate(lines))]))
    summary = scored(client, found)
    assert [fix["overrides"] for fix in summary["fixes"]] == [{"label": "label"}, {"device": "device"}]
    for fix in summary["fixes"]:
        found = named(client, found, **{**found["overrides"], **fix["overrides"]})
    summary = scored(client, found)
    assert (summary["fixes"], summary["labelled"], len(summary["devices"])) == ([], True, 3)


def test_training_and_rehearsing_are_jobs(client: TestClient, send: Send) -> None:
    found = send(PLAIN * 1 + "".join(line.replace("T00:", "T01:") for line in LINES))
    scored(client, found)
    url = f"/v1/analyses/{found['id']}"
    asked = {"name": "mine", "detector": "rolling_zscore", "recipe": {"fit": {"window": 5}}}
    answers = [client.post(f"{url}/train", json=asked), client.post(f"{url}/rehearse", json={"trials": 1})]
    assert [answer.status_code for answer in answers] == [202, 202]
    client.delete(url)
    jobs = [desk_of(client).jobs.wait(answer.json()["id"], timeout_s=60) for answer in answers]
    assert [(job.what, job.state) for job in jobs] == [("train", "done"), ("rehearse", "done")]
    assert jobs[0].result is not None
    assert (jobs[0].result["artifact"], jobs[0].result["version"]) == ("mine", 1)
    assert client.get("/v1/artifacts/mine/1").json()["detector"] == "rolling_zscore"
    assert jobs[1].result is not None
    assert {"cells", "detectable", "notes"} <= set(jobs[1].result)
    assert not list((desk_of(client).settings.folder / "incoming").iterdir())


@pytest.mark.parametrize(
    "asked", [{"name": "a/b"}, {"name": "mine", "detector": "oracle"}, {"name": "mine", "budget": "often"}, {}]
)
def test_training_that_cannot_work_is_refused_at_once(asked: dict[str, str], client: TestClient, send: Send) -> None:
    found = send(PLAIN)
    answer = client.post(f"/v1/analyses/{found['id']}/train", json=asked)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


def test_labels_are_what_an_evaluation_needs(client: TestClient, send: Send) -> None:
    plain, marked = send(PLAIN), named(client, send(labelled(lambda k: str(int(k > 50)))), label="label")
    for found in (plain, marked):
        scored(client, found)
    assert client.get(f"/v1/analyses/{plain['id']}/evaluation").status_code == 422
    told = client.get(f"/v1/analyses/{marked['id']}/evaluation").json()
    assert told["metrics"]["labelled"] == 9
    assert {"groups", "cautions", "curves", "label"} <= set(told)
    assert told["curves"]["roc"]["x"][-1] == 1.0
