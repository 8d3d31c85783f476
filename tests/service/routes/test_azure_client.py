"""Microsoft's own client against our routes, where it is installed: pip install azure-ai-anomalydetector==3.0.0b6."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl
import pytest

from tocsin.testing.servers import Service

pytestmark = pytest.mark.slow

START, SPLIT, END = (datetime(2026, 3, 1, hour, tzinfo=UTC) for hour in (0, 10, 16))


@pytest.fixture(scope="module")
def sdk() -> Any:
    return pytest.importorskip("azure.ai.anomalydetector")


def plant() -> pl.DataFrame:
    """Return a thousand readings of three variables, of which ``temp`` jumps in the last one."""
    rng, row = np.random.default_rng(5), np.arange(1000)
    stamps = np.datetime_as_string(np.datetime64("2026-03-01T00:00:00") + row.astype("timedelta64[m]")).tolist()
    columns = {
        name: np.sin(row / 50) * k + rng.normal(0, 0.1, 1000) for k, name in enumerate(("flow", "temp", "amps"), 1)
    }
    columns["temp"][-1] += 40
    return pl.DataFrame({"timestamp": [f"{one}Z" for one in stamps], **columns})


@pytest.fixture(scope="module")
def client(sdk: Any) -> Iterator[Any]:
    from importlib import import_module

    with Service() as service:
        (service.folder / "service" / "data").mkdir(parents=True)
        plant().write_csv(service.folder / "service" / "data" / "plant.csv")
        key = import_module("azure.core.credentials").AzureKeyCredential("any")
        with sdk.AnomalyDetectorClient(service.url, key) as client:
            yield client


def ended(ask: Callable[[], Any], status: Callable[[Any], Any]) -> Any:
    """Return what is answered once work has ended."""
    until = time.monotonic() + 60
    while status(found := ask()) not in ("READY", "FAILED"):
        assert time.monotonic() < until
        time.sleep(0.1)
    return found


def test_train_judge_list_and_delete(sdk: Any, client: Any) -> None:
    models = sdk.models
    order = models.ModelInfo(
        data_source="https://acct.blob.core.windows.net/box/plant.csv?sig=x",
        data_schema=models.DataSchema.ONE_TABLE,
        start_time=START,
        end_time=SPLIT,
        display_name="plant",
        sliding_window=28,
        align_policy=models.AlignPolicy(align_mode="Outer", fill_n_a_method="Linear", padding_value=0),
    )
    made = client.train_multivariate_model(order)
    model = ended(lambda: client.get_multivariate_model(made.model_id), lambda found: found.model_info.status)
    assert model.model_info.status == models.ModelStatus.READY
    assert model.created_time <= model.last_updated_time
    assert {own.variable for own in model.model_info.diagnostics_info.variable_states} == {"flow", "temp", "amps"}

    batch = models.MultivariateBatchDetectionOptions(
        data_source="plant.csv", top_contributor_count=2, start_time=START, end_time=END
    )
    asked = client.detect_multivariate_batch_anomaly(model.model_id, batch)
    found = ended(
        lambda: client.get_multivariate_batch_detection_result(asked.result_id), lambda own: own.summary.status
    )
    assert len(found.results) == 961
    assert found.results[0].errors[0].code == "InsufficientHistoricalData"
    assert found.results[-1].timestamp == END

    rows = plant().tail(28)
    lists = [
        {"variable": name, "timestamps": rows["timestamp"].to_list(), "values": rows[name].to_list()}
        for name in rows.columns[1:]
    ]
    window = models.MultivariateLastDetectionOptions(
        variables=[models.VariableValues(own) for own in lists], top_contributor_count=1
    )
    last = client.detect_multivariate_last_anomaly(model.model_id, window).results[0]
    assert last.value.is_anomaly
    assert [own.variable for own in last.value.interpretation] == ["temp"]
    assert 0.5 < last.value.score <= 1

    assert [own.model_id for own in client.list_multivariate_models(top=1)] == [model.model_id]
    client.delete_multivariate_model(model.model_id)
    assert list(client.list_multivariate_models()) == []


def test_errors_are_the_clients_own(sdk: Any, client: Any) -> None:
    from importlib import import_module

    errors = import_module("azure.core.exceptions")
    with pytest.raises(errors.ResourceNotFoundError, match="ModelNotExist"):
        client.get_multivariate_model("00000000-0000-0000-0000-000000000000")
    with pytest.raises(errors.HttpResponseError, match="FileNotExist"):
        client.train_multivariate_model(
            sdk.models.ModelInfo(data_source="nothing.csv", start_time=START, end_time=SPLIT)
        )
