"""Graph deviation against its own network in PyTorch, on channels of which one stops to follow its neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from tocsin.core.arrays import Float32Array
from tocsin.core.contracts import Graph
from tocsin.core.errors import InputError, SettingError
from tocsin.core.windows import Windows
from tocsin.detectors._graph_network import ChannelGraph
from tocsin.detectors.graph_deviation import GraphDeviation, errors, losses_without
from tocsin.graph.run import Runner

LENGTH = 8


def walk(rows: int, *, seed: int) -> Float32Array:
    """Return a wandering load, ndarray of shape (rows,), with deviation 1."""
    steps = np.random.default_rng(seed).standard_normal(rows)
    load = np.zeros(rows)
    for k in range(1, rows):
        load[k] = 0.95 * load[k - 1] + steps[k]
    return np.asarray((load - load.mean()) / load.std(), np.float32)


def plant(rows: int = 1500, *, seed: int = 0) -> Float32Array:
    """Return two machines of three channels each, (rows, 7): 0–2 follow one load, 3–5 another, 6 nobody."""
    first, second = walk(rows, seed=seed), walk(rows, seed=seed + 1)
    alone = np.random.default_rng(seed + 2).standard_normal(rows)
    lines = [first, -0.8 * first, 0.6 * first, second, 0.9 * second, -0.7 * second, alone]
    noise = 0.05 * np.random.default_rng(seed + 3).standard_normal((rows, 7))
    return (np.stack(lines, axis=1) + noise).astype(np.float32)


def whole(series: Float32Array, length: int = LENGTH) -> Windows:
    return Windows(series, np.arange(length - 1, len(series)), length)


def small(**settings: Any) -> GraphDeviation:
    kept = {"neighbours": 2, "width": 16, "hidden": 32, "epochs": 20, "batch_size": 64, "learning_rate": 1e-2}
    return GraphDeviation(**{**kept, "device": "cpu", **settings})


@pytest.fixture(scope="module")
def learned() -> Graph:
    return small().fit(whole(plant()), seed=1)


@pytest.mark.parametrize(("channels", "length"), [(1, 8), (2, 2), (7, 8)])
def test_graph_equals_the_torch_network(channels: int, length: int) -> None:
    windows = whole(plant(200)[:, :channels], length)
    detector = small(epochs=0)
    graph = detector.fit(windows, seed=3)
    taken = windows.take(slice(None))
    with torch.random.fork_rng():
        torch.manual_seed(3)
        trained = detector.build(length, channels).eval()
    found = errors(trained, windows)
    usual = np.maximum(1.4826 * np.median(np.abs(found), axis=0), np.sqrt((found**2).mean(axis=0)) / 3)
    parts = (found / usual) ** 2 / channels
    scores = Runner(graph.onnx)(taken)
    assert scores.by_channel is not None
    np.testing.assert_allclose(scores.score, parts.sum(axis=1), rtol=1e-4)
    strange = parts / np.maximum(np.quantile((found / usual) ** 2, 0.99, axis=0), 1)
    shares = parts.sum(axis=1, keepdims=True) * strange / strange.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(scores.by_channel, shares, rtol=1e-4, atol=1e-5)
    assert scores.expected is not None
    np.testing.assert_allclose(scores.expected, found + taken[:, -1], atol=1e-4)


def test_the_network_keeps_to_its_formula() -> None:
    """The attention and the prediction written out for one channel, number by number."""
    torch.manual_seed(0)
    network = ChannelGraph(length=4, channels=3, width=5, hidden=6, deaf=0.5).eval()
    network.narrow(np.array([[0, 1, 1], [1, 0, 0], [0, 1, 0]], np.bool_))
    window = torch.randn(1, 4, 3)
    with torch.no_grad():
        found = network(window)[0]
        own, sender = network.itself, network.sender
        message = [network.read(window[0, :, j]) * sender[j] for j in range(3)]
        told = [network.ask(own[0]) + network.answer(message[j]) + network.known(sender[j]) for j in (1, 2)]
        weight = torch.softmax(torch.nn.functional.leaky_relu(torch.cat(told), 0.2), dim=0)
        heard = own[0] * (weight[0] * message[1] + weight[1] * message[2])
        past = own[0] * network.recall(window[0, :3, 0])
        hidden = network.from_others(heard) + network.from_past(past) + network.from_itself(own[0])
        expected = network.out(torch.relu(hidden))
    assert found[0].item() == pytest.approx(expected.item(), abs=1e-6)


def test_a_channel_hears_its_neighbours_alone() -> None:
    torch.manual_seed(0)
    network = ChannelGraph(length=4, channels=3, width=5, hidden=6, deaf=0.5).eval()
    network.narrow(np.array([[0, 1, 0], [1, 0, 0], [1, 0, 0]], np.bool_))
    window = torch.randn(1, 4, 3, requires_grad=True)
    network(window)[0, 0].backward()
    assert window.grad is not None
    moved = window.grad[0] != 0
    assert moved[:3, 0].all(), "its own past"
    assert not moved[3, 0], "never its own present"
    assert moved[:, 1].any()
    assert not moved[:, 2].any()


def test_relations_are_those_of_the_plant(learned: Graph) -> None:
    shares = np.array(learned.relations)
    assert shares.shape == (7, 7)
    assert not shares.diagonal().any()
    assert (np.isclose(shares.sum(axis=1), 1, atol=1e-3) | (shares.sum(axis=1) == 0)).all()
    for line in ([0, 1, 2], [3, 4, 5]):
        others = [k for k in range(7) if k not in line]
        assert shares[line][:, others].max() < 0.1
        assert (shares[line].sum(axis=1) > 0).any()
    assert not shares[6].any(), "a channel by itself follows nobody"


@pytest.mark.parametrize("broken", range(6))
def test_a_broken_relation_is_seen_and_blamed_on_the_channel_that_left(learned: Graph, broken: int) -> None:
    later = plant(600, seed=50)
    astray = later.copy()
    astray[300:, broken] = plant(600, seed=90)[300:, broken]
    runner = Runner(learned.onnx)
    usual, found = (runner(whole(series).take(slice(-250, None))) for series in (later, astray))
    assert np.median(found.score) > np.quantile(usual.score, 0.99)
    assert found.by_channel is not None
    assert found.by_channel.mean(axis=0).argmax() == broken


def test_learning_pays(learned: Graph) -> None:
    """Channels that swell together, each within its usual range: the trained network tells, the untrained does not."""
    series = plant(900, seed=50)
    swollen = series.copy()
    swollen[:, [0, 3]] += 1.0
    ahead = {}
    for name, graph in (("trained", learned), ("untrained", small(epochs=0).fit(whole(plant()), seed=1))):
        runner = Runner(graph.onnx)
        usual, found = (runner(whole(some).take(slice(None))).score for some in (series, swollen))
        ahead[name] = float((found[:, None] > usual).mean())
    assert ahead["trained"] > 0.95
    assert ahead["trained"] > ahead["untrained"] + 0.2


def test_costs_are_measured_by_taking_channels_away() -> None:
    """With a network that repeats its neighbour, only the neighbour is missed."""

    class Repeats(ChannelGraph):
        def forward(self, windows: torch.Tensor) -> torch.Tensor:
            return windows[:, -1, [1, 0, 2]]

    rng = np.random.default_rng(0)
    first, third = rng.standard_normal((2, 400))
    series = np.stack([first, first + 0.1 * rng.standard_normal(400), third], axis=1).astype(np.float32)
    network = Repeats(length=4, channels=3, width=2, hidden=2, deaf=0)
    costs = losses_without(network, whole(series, 4))
    assert costs[0, 1] == pytest.approx(1 / 0.1**2, rel=0.2)
    assert costs[1, 0] == pytest.approx(1 / 0.1**2, rel=0.2)
    assert costs[0, 2] == costs[2, 0] == costs[1, 2] == 0


def test_curves_hold_both_courses(learned: Graph) -> None:
    assert len(learned.curves["training_loss"]) == 20 + 10
    assert learned.curves["training_loss"][-1] < learned.curves["training_loss"][0]


def test_same_seed_gives_the_same_bytes_and_another_seed_does_not() -> None:
    windows = whole(plant(300))
    one, same, other = (small(epochs=2).fit(windows, seed=seed).onnx for seed in (1, 1, 2))
    assert one == same != other


def test_default_network_has_the_stated_size() -> None:
    network = GraphDeviation().build(GraphDeviation.default_window, 5)
    stated = sum(value.numel() for value in network.parameters())
    assert f"it has {stated:,} parameters" in " ".join(str(GraphDeviation.__doc__).split())


def test_too_short_a_window_is_refused() -> None:
    with pytest.raises(InputError, match="at least 2 readings"):
        small().fit(whole(plant(100), 1), seed=0)


@pytest.mark.parametrize(
    ("name", "value"),
    [("neighbours", 0), ("width", 0), ("hidden", 0), ("deaf", -0.1), ("deaf", 1.0), ("floor", 0.0), ("epochs", -1)],
)
def test_settings_that_cannot_work_are_refused(name: str, value: Any) -> None:
    with pytest.raises(SettingError, match=name):
        small(**{name: value})
