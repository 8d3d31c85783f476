"""Azure's routes from end to end: train, wait, judge; its codes for whatever is wrong; nothing ever breaks."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tocsin.engine.scorer import load
from tocsin.service.app import make_app
from tocsin.service.settings import ServiceSettings
from tocsin.service.tokens import Scope

HERE = "/anomalydetector/v1.1/multivariate"
START, SPLIT, END = "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z", "2026-03-02T09:19:00Z"
ROWS = 2000
FAULT = 1900
WINDOW = 28


def plant() -> pl.DataFrame:
    """Return readings of three variables, a minute apart, of which ``temp`` jumps near the end."""
    rng, row = np.random.default_rng(7), np.arange(ROWS)
    time = np.datetime_as_string(np.datetime64("2026-03-01T00:00:00") + row.astype("timedelta64[m]"))
    load = np.sin(row / 60)
    columns = {name: load * scale + rng.normal(0, 0.1, ROWS) for name, scale in (("flow", 2), ("temp", 5), ("amps", 1))}
    columns["temp"][FAULT : FAULT + 10] += 30
    return pl.DataFrame({"timestamp": [f"{one}Z" for one in time.tolist()], **columns})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a service, with readings as one table and as a file for each variable."""
    place = tmp_path_factory.mktemp("service")
    (place / "data" / "many").mkdir(parents=True)
    table = plant()
    table.write_csv(place / "data" / "plant.csv")
    for name in table.columns[1:]:
        table.select("timestamp", value=name).write_csv(place / "data" / "many" / f"{name}.csv")
    return place


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    with TestClient(make_app(ServiceSettings(folder=folder, store=f"sqlite:///{folder}/store.db"))) as client:
        yield client


def an_order(**changes: Any) -> dict[str, Any]:
    order = {
        "dataSource": "https://acct.blob.core.windows.net/box/plant.csv?sv=1&sig=secret",
        "dataSchema": "OneTable",
        "startTime": START,
        "endTime": SPLIT,
        "displayName": "plant",
        "slidingWindow": WINDOW,
        "alignPolicy": {"alignMode": "Outer", "fillNAMethod": "Linear", "paddingValue": 0},
        "detector": "pca",
    }
    return {name: value for name, value in (order | changes).items() if value is not None}


def a_batch(**changes: Any) -> dict[str, Any]:
    order = {"dataSource": "plant.csv", "startTime": START, "endTime": END, "topContributorCount": 2}
    return {name: value for name, value in (order | changes).items() if value is not None}


def waited_for(client: TestClient, where: str) -> dict[str, Any]:
    """Return what stands at a place once its work has ended."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found: dict[str, Any] = client.get(where).json()
        if (found.get("modelInfo") or found["summary"])["status"] in ("READY", "FAILED"):
            return found
        time.sleep(0.05)
    raise AssertionError(f"{where} did not end: {found}")


@pytest.fixture(scope="module")
def model(client: TestClient) -> dict[str, Any]:
    """A model, ready."""
    answer = client.post(f"{HERE}/models", json=an_order())
    assert answer.status_code == 201
    assert answer.json()["modelInfo"]["status"] in ("CREATED", "RUNNING")
    return waited_for(client, answer.headers["location"])


def a_window(end: int, *, shift: float = 0.0) -> dict[str, Any]:
    """Return a request for the verdict on the row before ``end``; ``shift`` is added to the temp there."""
    rows = plant().slice(end - WINDOW, WINDOW)
    columns = {name: rows[name].to_list() for name in rows.columns}
    columns["temp"][-1] += shift
    times = columns.pop("timestamp")
    lists = [{"variable": name, "timestamps": [*times], "values": values} for name, values in columns.items()]
    return {"variables": lists, "topContributorCount": 2}


def test_a_model_tells_what_it_had(model: dict[str, Any]) -> None:
    info = model["modelInfo"]
    assert (info["status"], info["errors"], info["displayName"]) == ("READY", [], "plant")
    assert info["dataSource"] == "https://acct.blob.core.windows.net/box/plant.csv"
    assert info["alignPolicy"] == {"alignMode": "Outer", "fillNAMethod": "Linear", "paddingValue": 0.0}
    states = info["diagnosticsInfo"]["variableStates"]
    assert {own["variable"] for own in states} == {"flow", "temp", "amps"}
    assert {(own["effectiveCount"], own["filledNARatio"]) for own in states} == {(1441, 0.0)}
    assert {(own["firstTimestamp"], own["lastTimestamp"]) for own in states} == {(START, SPLIT)}


def test_a_model_is_an_artifact_like_any_other(client: TestClient, model: dict[str, Any], folder: Path) -> None:
    names = [shelf["name"] for shelf in client.get("/v1/artifacts").json()["artifacts"]]
    assert f"azure-{model['modelId']}" in names
    artifact = load(folder / "artifacts" / f"azure-{model['modelId']}" / "active.tocsin").artifact
    assert (artifact.window, artifact.schema.names) == (WINDOW, ("flow", "temp", "amps"))


def test_a_fault_in_the_last_reading_is_found_with_its_cause_first(client: TestClient, model: dict[str, Any]) -> None:
    where = f"{HERE}/models/{model['modelId']}:detect-last"
    quiet = client.post(where, json=a_window(1800)).json()
    struck = client.post(where, json=a_window(1800, shift=40.0)).json()
    assert quiet["results"][0]["value"]["isAnomaly"] is False
    assert quiet["results"][0]["value"]["severity"] == 0
    assert quiet["results"][0]["timestamp"] == "2026-03-02T05:59:00Z"
    value = struck["results"][0]["value"]
    assert value["isAnomaly"] is True
    assert 0 < value["severity"] < 1
    assert 0.5 < value["score"] < 1
    assert value["interpretation"][0]["variable"] == "temp"
    assert len(value["interpretation"]) == 2
    assert value["score"] > quiet["results"][0]["value"]["score"]
    assert [own["effectiveCount"] for own in struck["variableStates"]] == [WINDOW] * 3


def judged(client: TestClient, model: dict[str, Any], **changes: Any) -> dict[str, Any]:
    answer = client.post(f"{HERE}/models/{model['modelId']}:detect-batch", json=a_batch(**changes))
    assert answer.status_code == 202
    assert answer.headers["operation-location"] == answer.headers["location"]
    return waited_for(client, answer.headers["location"])


@pytest.fixture(scope="module")
def whole(client: TestClient, model: dict[str, Any]) -> dict[str, Any]:
    """All readings, judged."""
    return judged(client, model)


def test_a_batch_is_what_score_says(whole: dict[str, Any], model: dict[str, Any], folder: Path) -> None:
    found = whole
    assert found["summary"]["setupInfo"] == a_batch()
    scored = load(folder / "artifacts" / f"azure-{model['modelId']}" / "active.tocsin").score(folder / "data/plant.csv")
    assert len(found["results"]) == ROWS
    for told, row in zip(found["results"], scored.iter_rows(named=True), strict=True):
        assert told["timestamp"] == row["timestamp"]
        if row["status"] == "ok":
            assert told["value"]["isAnomaly"] == row["anomaly"]
            assert told["value"]["score"] == row["severity"] / (1 + row["severity"])
        else:
            assert [error["code"] for error in told["errors"]] == ["InsufficientHistoricalData"]
    assert sum("value" not in told for told in found["results"]) == WINDOW - 1
    assert found["results"][FAULT]["value"]["interpretation"][0]["variable"] == "temp"


def test_the_last_of_a_window_has_the_batchs_verdict(
    client: TestClient, model: dict[str, Any], whole: dict[str, Any]
) -> None:
    for end in (100, FAULT + 1, ROWS):
        last = client.post(f"{HERE}/models/{model['modelId']}:detect-last", json=a_window(end)).json()
        assert last["results"] == [whole["results"][end - 1]]


@pytest.fixture(scope="module")
def failed(client: TestClient, model: dict[str, Any]) -> dict[str, Any]:
    """A model that had too little to learn from; later than the other."""
    assert model["modelInfo"]["status"] == "READY"
    answer = client.post(f"{HERE}/models", json=an_order(endTime="2026-03-01T00:30:00Z"))
    return waited_for(client, answer.headers["location"])


def test_a_model_that_is_ready_changes_no_more(folder: Path, model: dict[str, Any]) -> None:
    (told,) = folder.glob(f"azure/**/{model['modelId']}/outcome.json")
    sealed = folder / "artifacts" / f"azure-{model['modelId']}" / "record.json"
    assert told.stat().st_mtime_ns <= sealed.stat().st_mtime_ns


def test_models_are_listed_page_by_page(client: TestClient, model: dict[str, Any], failed: dict[str, Any]) -> None:
    first = client.get(f"{HERE}/models", params={"top": 1}).json()
    second = client.get(first["nextLink"]).json()
    assert (first["currentCount"], first["maxCount"]) == (2, 300)
    assert [own for page in (first, second) for own in page["models"]] == [failed, model]
    assert "nextLink" not in second


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"dataSource": None}, "RequiredSource"),
        ({"startTime": None}, "RequiredStartTime"),
        ({"endTime": None}, "RequiredEndTime"),
        ({"startTime": "yesterday"}, "InvalidTimestampFormat"),
        ({"startTime": 7}, "InvalidTimestampFormat"),
        ({"startTime": END, "endTime": START}, "InvalidTimestampFormat"),
        ({"dataSource": "nothing.csv"}, "FileNotExist"),
        ({"dataSource": "../tokens.json"}, "FileNotExist"),
        ({"slidingWindow": 27}, "InvalidSlidingWindow"),
        ({"slidingWindow": 2881}, "InvalidSlidingWindow"),
        ({"alignPolicy": {"alignMode": "outer"}}, "InvalidAlignMode"),
        ({"alignPolicy": {"fillNAMethod": "Guess"}}, "InvalidFillNAMethod"),
        ({"alignPolicy": {"fillNAMethod": "NotFill"}}, "InvalidFillNAMethod"),
        ({"alignPolicy": {"fillNAMethod": "Fixed"}}, "RequiredPaddingValue"),
        ({"detector": "oracle"}, "InvalidModelArgument"),
        ({"dataSchema": "NoTable"}, "InvalidJsonFormat"),
    ],
)
def test_an_order_that_cannot_be_met(client: TestClient, changes: dict[str, Any], code: str) -> None:
    answer = client.post(f"{HERE}/models", json=an_order(**changes))
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert set(answer.json()) == {"code", "message"}


@pytest.mark.parametrize(
    "body",
    [b"{", b"", b"\xff\xfe", b"[" * 100_000, b'{"dataSource": "\\ud800"}', b'"x"', b'{"dataSource": {"a": NaN}}'],
)
def test_what_is_no_order(client: TestClient, body: bytes) -> None:
    answer = client.post(f"{HERE}/models", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "InvalidJsonFormat")
    assert set(answer.json()) == {"code", "message"}


def test_a_name_that_cannot_be_written(client: TestClient, model: dict[str, Any]) -> None:
    body = json.dumps(a_window(100)).replace('"flow"', '"\\ud800"').encode()
    where, headers = f"{HERE}/models/{model['modelId']}:detect-last", {"Content-Type": "application/json"}
    assert client.post(where, content=body, headers=headers).status_code == 400
    order = json.dumps(an_order(displayName="NAME")).replace("NAME", "\\udfff").encode()
    assert client.post(f"{HERE}/models", content=order, headers=headers).status_code == 400


def test_training_that_fails_says_why(client: TestClient, failed: dict[str, Any]) -> None:
    info = failed["modelInfo"]
    assert (info["status"], info["errors"][0]["code"]) == ("FAILED", "NotEnoughInput")
    assert info["diagnosticsInfo"]["variableStates"][0]["effectiveCount"] == 31
    for verb, body in (("detect-last", a_window(100)), ("detect-batch", a_batch())):
        answer = client.post(f"{HERE}/models/{failed['modelId']}:{verb}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (400, "ModelFailed")


@pytest.mark.slow
def test_judging_that_fails_says_why(client: TestClient, model: dict[str, Any]) -> None:
    late = judged(client, model, startTime="2027-01-01T00:00:00Z", endTime="2027-01-02T00:00:00Z")
    assert (late["summary"]["status"], late["summary"]["errors"][0]["code"]) == ("FAILED", "NoData")
    assert late["results"] == []


def test_a_model_that_is_not_ready_yet(client: TestClient) -> None:
    made = client.post(f"{HERE}/models", json=an_order()).json()
    answer = client.post(f"{HERE}/models/{made['modelId']}:detect-last", json=a_window(100))
    assert (answer.status_code, answer.json()["code"]) == (400, "ModelNotReady")
    assert client.delete(f"{HERE}/models/{made['modelId']}").status_code == 204


def test_a_window_that_cannot_be_judged(client: TestClient, model: dict[str, Any]) -> None:
    short, missing, more = a_window(100), a_window(100), a_window(100)
    for own in short["variables"]:
        del own["timestamps"][0], own["values"][0]
    del missing["variables"][1]
    more["variables"].append(more["variables"][0] | {"variable": "volts"})
    for body, code in ((short, "NotEnoughInput"), (missing, "FileNotExist"), (more, "RedundantFile")):
        answer = client.post(f"{HERE}/models/{model['modelId']}:detect-last", json=body)
        assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_what_is_not_there(client: TestClient) -> None:
    nobody = "00000000-0000-0000-0000-000000000000"
    for where in (f"{HERE}/models/{nobody}", f"{HERE}/models/..%2f..", f"{HERE}/detect-batch/{nobody}"):
        answer = client.get(where)
        assert answer.status_code == 404
    assert client.get(f"{HERE}/detect-batch/{nobody}").json()["code"] == "ResultNotExist"
    assert client.delete(f"{HERE}/models/{nobody}").json()["code"] == "ModelNotExist"
    assert client.get(f"{HERE}/models?top=x").json()["code"] == "InvalidRequestParameterError"


@pytest.mark.slow
def test_what_a_restart_and_a_deletion_leave(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder / "data", tmp_path / "data")
    app = ServiceSettings(folder=tmp_path, store=f"sqlite:///{tmp_path}/store.db")
    with TestClient(make_app(app)) as first:
        made = first.post(f"{HERE}/models", json=an_order())
        ready = waited_for(first, made.headers["location"])
        batch = judged(first, ready)
        broken = first.post(f"{HERE}/models", json=an_order()).json()
    with TestClient(make_app(app)) as second:
        assert second.get(f"{HERE}/models/{ready['modelId']}").json() == ready
        assert second.get(f"{HERE}/detect-batch/{batch['resultId']}").json() == batch
        left = second.get(f"{HERE}/models/{broken['modelId']}").json()["modelInfo"]
        assert (left["status"], left["errors"][0]["code"]) == ("FAILED", "ModelFailed")
        long_ago = time.time() - 8 * 86_400
        os.utime(tmp_path / "azure" / "results" / batch["resultId"], (long_ago, long_ago))
        judged(second, ready)
        assert second.get(f"{HERE}/detect-batch/{batch['resultId']}").json()["code"] == "ResultNotExist"
        assert second.delete(f"{HERE}/models/{ready['modelId']}").content == b""
        assert second.get(f"{HERE}/models/{ready['modelId']}").json()["code"] == "ModelNotExist"
        assert second.get(f"/v1/artifacts/azure-{ready['modelId']}").status_code == 404


def test_the_subscription_key_is_the_token(tmp_path: Path) -> None:
    app = make_app(ServiceSettings(folder=tmp_path, store=f"sqlite:///{tmp_path}/store.db"))
    looker, worker = (app.state.desk.tokens.create(scope.name, scope) for scope in (Scope.read, Scope.operate))
    with TestClient(app) as client:
        assert client.get(f"{HERE}/models").json()["code"] == "Unauthorized"
        assert client.get(f"{HERE}/models", headers={"Ocp-Apim-Subscription-Key": looker}).json()["models"] == []
        refused = client.post(f"{HERE}/models", json=an_order(), headers={"Ocp-Apim-Subscription-Key": looker})
        assert (refused.status_code, refused.json()["code"]) == (403, "Forbidden")
        allowed = client.post(f"{HERE}/models", json=an_order(), headers={"Ocp-Apim-Subscription-Key": worker})
        assert allowed.json()["code"] == "FileNotExist"


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
TIMES = st.sampled_from([START, SPLIT, "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1500-01-01", "", "x"]) | JUNK
VALUES = st.floats() | st.none() | JUNK
LISTS = st.fixed_dictionaries(
    {"variable": st.sampled_from(["flow", "temp", "amps"]) | JUNK},
    optional={"timestamps": st.lists(TIMES, max_size=40) | JUNK, "values": st.lists(VALUES, max_size=40) | JUNK},
)
NEARLY = st.lists(LISTS, max_size=4).map(lambda lists: {"variables": lists})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=NEARLY | JUNK)
def test_no_request_breaks_detect_last(client: TestClient, model: dict[str, Any], body: object) -> None:
    answer = client.post(
        f"{HERE}/models/{model['modelId']}:detect-last",
        content=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code in (200, 400)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    changes=st.dictionaries(st.sampled_from([*an_order()]), TIMES | JUNK, min_size=1, max_size=3),
    verb=st.sampled_from(["models", "batch"]),
)
def test_no_order_breaks_anything(
    client: TestClient, model: dict[str, Any], changes: dict[str, Any], verb: str
) -> None:
    where = f"{HERE}/models" if verb == "models" else f"{HERE}/models/{model['modelId']}:detect-batch"
    order = (an_order() if verb == "models" else a_batch()) | {"dataSource": "nothing.csv"} | changes
    answer = client.post(where, content=json.dumps(order).encode(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert set(answer.json()) == {"code", "message"}


@given(
    values=st.lists(
        st.lists(st.floats(-1e308, 1e308) | st.none(), min_size=WINDOW, max_size=WINDOW), min_size=3, max_size=3
    )
)
@settings(max_examples=30, deadline=None)
def test_any_numbers_have_a_verdict_or_a_reason(
    client: TestClient, model: dict[str, Any], values: list[list[float | None]]
) -> None:
    body = a_window(100)
    for own, numbers in zip(body["variables"], values, strict=True):
        own["values"] = numbers
    answer = client.post(f"{HERE}/models/{model['modelId']}:detect-last", json=body)
    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        row = answer.json()["results"][0]
        assert bool(row["errors"]) != ("value" in row)


def test_a_worse_last_reading_is_never_less_severe(client: TestClient, model: dict[str, Any]) -> None:
    where = f"{HERE}/models/{model['modelId']}:detect-last"
    found = [
        client.post(where, json=a_window(1800, shift=shift)).json()["results"][0]["value"]["severity"]
        for shift in (0, 10, 20, 40, 80)
    ]
    assert all(one <= other for one, other in pairwise(found))
    assert found[-1] > found[0]
