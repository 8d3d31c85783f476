"""What several test files share: where real data lies, and real servers, started once and where they are wanted."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from tocsin.testing.servers import Alertmanager, KafkaBroker, MissingServerError, Mosquitto, Postgres

T = TypeVar("T")
NETWORKS = {
    *("ae_lstm", "ae_then_lstm", "cnn_autoencoder", "cnn_lstm", "cnn_predictor", "denoising_autoencoder"),
    *("graph_deviation", "lstm_predictor", "transformer", "variational_autoencoder"),
}
"""autoencoder and lstm_autoencoder stand for these; tests that go through one after the other are slow."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave to ``make test-all`` what goes through network after network."""
    for item in items:
        given = item.name.partition("[")[2].rstrip("]").partition(":")[0]
        if given in NETWORKS and item.path.name in {"test_detectors.py", "test_behind_steps.py", "test_trial.py"}:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with real labelled data: ``$TOCSIN_DATA``, else beside the project."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("TOCSIN_DATA", beside))
    if not folder.is_dir():
        pytest.skip(f"the real data sets are not here: set TOCSIN_DATA, or put them into {beside}")
    return folder


@pytest.fixture(scope="session")
def mosquitto() -> Iterator[Mosquitto]:
    """An MQTT broker for the whole run: take topics of your own, and leave it running as it was."""
    with _or_skip(Mosquitto) as server:
        yield server


@pytest.fixture(scope="session")
def kafka() -> Iterator[KafkaBroker]:
    """A Kafka-compatible broker for the whole run: make topics of your own, and leave it running."""
    with _or_skip(KafkaBroker) as server:
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """PostgreSQL for the whole run: take a database of your own (``postgres.fresh()``), and leave it running."""
    with _or_skip(Postgres) as server:
        yield server


@pytest.fixture(scope="session")
def alertmanager() -> Iterator[Alertmanager]:
    """An Alertmanager for the whole run: look for your own alerts only."""
    with _or_skip(Alertmanager) as server:
        yield server


def _or_skip(kind: Callable[[], T]) -> T:
    try:
        return kind()
    except MissingServerError as missing:
        pytest.skip(str(missing))
