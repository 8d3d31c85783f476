"""One fleet, what ``tocsin score`` says of it, and runs of real processes that must come to the same."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tocsin.core.arrivals import Message
from tocsin.engine.live.duty import Duty
from tocsin.engine.scorer import Scorer
from tocsin.store import StoreAway
from tocsin.testing.live_fleet import LiveFleet
from tocsin.testing.live_outcome import LiveOutcome
from tocsin.testing.live_plant import KafkaPlant, LivePlant, MqttPlant
from tocsin.testing.live_receiver import Receiver
from tocsin.testing.live_watch import LiveWatch
from tocsin.testing.servers import Postgres
from tocsin.training.fit import fit
from tocsin.training.recipe import Recipe


@pytest.fixture(scope="session")
def fleet() -> LiveFleet:
    return LiveFleet()


@pytest.fixture(scope="session")
def scorer(fleet: LiveFleet) -> Scorer:
    return fit(fleet.calm().table(), Recipe(detector="pca", window=5))


@pytest.fixture(scope="session")
def artifact(scorer: Scorer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("artifact") / "rooms.tocsin"
    scorer.save(path)
    return path


@pytest.fixture(scope="session")
def expected(scorer: Scorer, fleet: LiveFleet) -> LiveOutcome:
    """Verdicts as ``tocsin score`` gives them, and news as they are told where nothing goes wrong."""
    scored = LiveOutcome.scored(scorer, fleet.table())
    judged = LiveOutcome.judged(Duty(scorer.artifact, keep_every_ns=0), fleet.arrivals())
    assert judged.verdicts == scored.verdicts, scored.differences(judged)
    assert judged.incidents == scored.incidents
    assert len(judged.verdicts) == len(fleet)
    assert {notice["kind"] for notice in judged.news.values()} >= {"open", "close"}
    assert len(judged.incidents) >= 5
    return judged


class Run:
    """Watches of one plant with one store, and what came of them.

    ``said`` is what the store should hold in the end, by what ``tocsin score`` says.
    """

    def __init__(self, plant: LivePlant, store: str, artifact: Path, folder: Path) -> None:
        self.plant, self.store, self.artifact, self.folder = plant, store, artifact, folder
        self.watches: list[LiveWatch] = []
        self._ending = ExitStack()

    def watch(self, *more: str, number: int = 0, workers: int = 1) -> LiveWatch:
        """Start a watch that keeps every verdict and rings for no silence unless it is told to."""
        given = ["--source", self.plant.source(), "--store", self.store, "--keep", "all", *more]
        if "--stale-after" not in more:
            given += ["--stale-after", "never"]
        if workers > 1:
            given += self.plant.worker(number, workers)
        watch = LiveWatch(self.artifact, *given, folder=self.folder, name=f"watch-{number}")
        self.watches.append(self._ending.enter_context(watch))
        return watch

    def publish(self, messages: Sequence[Message]) -> None:
        """Publish, and wait until the broker has all."""
        with self.plant.publisher() as publisher:
            publisher.publish(list(messages))
            publisher.flush()

    def outcome(self) -> LiveOutcome:
        """Return what the store holds, with patience for a store that somebody has locked."""
        for _ in range(20):
            try:
                return LiveOutcome.stored(self.store)
            except StoreAway:
                continue
        return LiveOutcome.stored(self.store)

    def until_stored(self, number: int, *, patience_s: float = 120.0) -> None:
        """Wait until so many verdicts are stored."""
        self.until(lambda: len(self.outcome().verdicts) >= number, f"{number} verdicts", patience_s=patience_s)

    def until(self, true: Callable[[], bool], what: str, *, patience_s: float = 120.0) -> None:
        """Wait until something is true while the first watch runs."""
        self.watches[-1].until(true, what, patience_s=patience_s)

    def finish(self, expected: LiveOutcome, receiver: Receiver | None = None) -> LiveOutcome:
        """Wait until all that is expected is stored and has reached the receiver, stop, and return what is stored."""
        self.until_stored(len(expected.verdicts))
        if receiver is not None:
            self.until(lambda: set(receiver.news) >= set(expected.news), "all news at the receiver")
        for watch in self.watches:
            if watch.running:
                watch.stop()
        return self.outcome()

    def close(self) -> None:
        """End what still runs."""
        self._ending.close()


MakeRun = Callable[..., Run]


@pytest.fixture
def make_run(artifact: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[MakeRun]:
    """Runs by the names of broker and store; servers are started only for those that are asked for."""
    made: list[Run] = []

    def make(broker: str = "mqtt", store: str = "sqlite", *, plant: LivePlant | None = None, url: str = "") -> Run:
        if plant is None:
            plant = _plant(broker, request)
        if not url:
            url = f"sqlite:///{tmp_path}/tocsin.db" if store == "sqlite" else _postgres(request).fresh()
        made.append(Run(plant, url, artifact, tmp_path))
        return made[-1]

    yield make
    for run in made:
        run.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as open_one:
        yield open_one


@pytest.fixture
def dice(request: pytest.FixtureRequest) -> random.Random:
    """Chance whose seed is shown with a test that fails; TOCSIN_SEED plays it again."""
    seed = int(os.environ.get("TOCSIN_SEED") or random.SystemRandom().randrange(1 << 32))
    request.node.add_report_section("setup", "seed", f"TOCSIN_SEED={seed}")
    return random.Random(seed)


def _plant(broker: str, request: pytest.FixtureRequest) -> LivePlant:
    if broker == "kafka":
        return KafkaPlant(request.getfixturevalue("kafka"))
    return MqttPlant(request.getfixturevalue("mosquitto"))


def _postgres(request: pytest.FixtureRequest) -> Postgres:
    server: Postgres = request.getfixturevalue("postgres")
    return server


def assert_told_once(receiver: Receiver, expected: LiveOutcome) -> None:
    """Each piece of news came, nothing else did, and what came twice was the same twice."""
    told = LiveOutcome({}, receiver.news)
    assert told.news == expected.news, LiveOutcome({}, expected.news).differences(told)
    assert receiver.changed == []


def in_parts(messages: Sequence[Message], parts: int) -> list[list[Message]]:
    """Return messages in so many parts, in order."""
    borders = [len(messages) * part // parts for part in range(parts + 1)]
    return [list(messages[start:stop]) for start, stop in pairwise(borders)]


def silences(found: LiveOutcome) -> list[Mapping[str, Any]]:
    """Return the news of silent devices."""
    return [notice for notice in found.news.values() if notice["what"] == "stale"]


def without_silences(found: LiveOutcome) -> LiveOutcome:
    """Return what was judged of readings alone."""
    verdicts = {name: verdict for name, verdict in found.verdicts.items() if verdict[2] != "stale"}
    return LiveOutcome(verdicts, {name: news for name, news in found.news.items() if news["what"] != "stale"})
