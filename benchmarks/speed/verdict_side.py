"""What a verdict costs beyond its score: thresholds and policy for a fleet, beside the graphs, all in one process.

Called as ``python verdict_side.py verdicts SETTINGS``, with settings in JSON; the last line printed is the answer in
JSON. A test uses the functions too.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from tocsin.alerting import Judged, Watch
from tocsin.alerting.policy import Policy
from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.core.contracts import Limits
from tocsin.core.discover import names
from tocsin.core.state import advance, neighbours, take, to_arrays, view
from tocsin.core.windows import Windows
from tocsin.graph.run import Runner
from tocsin.testing.threshold_toy import toy_limits

WINDOW, CHANNELS = 10, 5
PERIOD_NS = 60 * 10**9
ANOMALOUS, LASTS = 0.01, 6
"""Share of the devices that score far above any limit, and for how many readings, until it is others' turn."""


def verdicts(settings: dict[str, Any]) -> dict[str, Any]:
    """Nanoseconds a verdict with each threshold and the policy, and nanoseconds a window with each graph."""
    devices, rounds = settings["devices"], settings["rounds"]
    runners = {name: make() for name, make in GRAPHS.items() if name in settings.get("graphs", GRAPHS)}
    given = {name: windows(runner, devices) for name, runner in runners.items()}
    turns = [scores(devices, turn) for turn in range((rounds + 1) * settings["steps"])]
    fleets = {name: fleet(toy_limits(name), turns) for name in settings.get("thresholds") or names("thresholds")}
    score = {name: [partial(runner, given[name])] for name, runner in runners.items()}
    step = {name: [partial(next, steps)] * settings["steps"] for name, steps in fleets.items()}
    taken = by_turns({**score, **step}, rounds=rounds)
    return {name: 1e9 * seconds / devices for name, seconds in taken.items()}


def by_turns(calls: Mapping[str, Sequence[Callable[[], object]]], *, rounds: int) -> dict[str, float]:
    """Return the seconds of a call of each kind: the least of some rounds in which all take turns, after one for free.

    What else runs meanwhile only adds. What happens now and then, such as a refit, is spread over a round's calls.
    """
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds + 1):
        for name, some in calls.items():
            started = time.perf_counter()
            for call in some:
                call()
            taken[name].append((time.perf_counter() - started) / len(some))
    return {name: min(each[1:]) for name, each in taken.items()}


def fleet(limits: Limits[Any], turns: Sequence[FloatArray]) -> Iterator[Watch]:
    """Take scores of shape (devices, 1), turn by turn, through threshold and policy as the pipeline does."""
    own, devices = Policy(CHANNELS), len(turns[0])
    held: dict[str, Any] = {"limits": limits.init(devices), "policy": own.init(devices)}
    everyone, valid = np.arange(devices), np.ones((devices, 1), np.bool_)
    shares = np.full((devices, 1, CHANNELS), 0.2, np.float32)
    for turn, score in enumerate(turns):
        bound, bounds = advance(limits, view(held["limits"], everyone), score, valid)
        judged = Judged(
            time=np.full((devices, 1), turn * PERIOD_NS),
            score=score,
            limit=bounds.limit,
            by_channel=shares,
            fresh=np.zeros((devices, 1), np.bool_),
            regime=bounds.regime,
            values=shares,
            expected=np.zeros((devices, 1, 0), np.float32),
        )
        watch, _, _ = own.tell(take(held["policy"], everyone), judged, valid)
        for name, state in (("limits", bound), ("policy", watch)):
            for key, array in to_arrays(held[name]).items():
                array[neighbours(everyone)] = to_arrays(state)[key]
        yield held["policy"]


def scores(devices: int, turn: int) -> FloatArray:
    """Return a score of each device, ndarray of shape (devices, 1), a hundredth of them far above any limit."""
    found = np.abs(np.random.default_rng(turn).standard_normal((devices, 1)))
    some = max(1, round(ANOMALOUS * devices))
    found[(turn // LASTS * some + np.arange(some)) % devices] += 20
    return found


def windows(runner: Runner, devices: int) -> Float32Array:
    """Return a window of each device."""
    return np.random.default_rng(0).random((devices, runner.window, runner.channels), np.float32)


def reference_network() -> Runner:
    """Return the reference network, untrained: its weights make it neither faster nor slower."""
    from tocsin.detectors.lstm_autoencoder import LSTMAutoencoder

    series = np.random.default_rng(0).random((200, CHANNELS), np.float32)
    later = Windows(series, np.arange(109, 200), WINDOW)
    few = Windows(series, np.arange(WINDOW - 1, 100), WINDOW, validation=later)
    return Runner(LSTMAutoencoder(epochs=0).fit(few, seed=0).onnx)


def ensemble() -> Runner:
    """Return the default's graph, learned from a simulated room."""
    from tocsin.sources import open_table
    from tocsin.training.fit import train
    from tocsin.training.recipe import Recipe
    from tocsin.training.simulate.environment import Environment

    return Runner(train(open_table(Environment(rows=3000).table()), Recipe(detector="ensemble")).graph)


GRAPHS = {"lstm_autoencoder": reference_network, "ensemble": ensemble}


def versions() -> dict[str, str]:
    import onnxruntime

    return {"numpy": np.__version__, "onnxruntime": onnxruntime.__version__}


if __name__ == "__main__":
    tasks = {"verdicts": verdicts}
    answer = tasks[sys.argv[1]](json.loads(sys.argv[2]))
    print(json.dumps({**answer, "versions": versions()}))
