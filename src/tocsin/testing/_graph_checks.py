"""Conformance of a detector and of the graph it yields; each function takes the trial of a detector and asserts."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import random
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tocsin.core.arrays import BoolArray, Float32Array
from tocsin.core.contracts import Detector, Graph
from tocsin.core.errors import InputError
from tocsin.core.scores import Scores
from tocsin.core.windows import Windows
from tocsin.graph import onnx_package
from tocsin.graph.fold import scaled
from tocsin.graph.graft import graft
from tocsin.graph.lint import lint
from tocsin.graph.network import Network
from tocsin.graph.run import Runner
from tocsin.testing._toy import CHANNELS, Toy, toy

SEED = 3
_CLIP = 100.0
_LEAST_AUC = 0.8
_TOLERANCE = 1e-5


@dataclass(frozen=True)
class Trial:
    """One detector under check, fitted on the toy when first needed."""

    kind: type[Detector]

    @property
    def length(self) -> int:
        """Readings in a window."""
        return self.kind.default_window

    @cached_property
    def toy(self) -> Toy:
        """What it is tried on."""
        return self.new_toy()

    def new_toy(self, *, constant: float | None = None) -> Toy:
        """Return a fresh toy, with anomalies to learn from where the detector asks for labels."""
        return toy(self.length, constant=constant, teaches=self.kind.needs_labels)

    @cached_property
    def graph(self) -> Graph:
        """What it learns from the toy."""
        return self.fit(self.toy.learned)

    @cached_property
    def runner(self) -> Runner:
        """That graph, running."""
        return Runner(self.graph.onnx)

    @cached_property
    def mixed(self) -> Float32Array:
        """Normal and strange windows, by turns; shape (n, window, channels)."""
        pairs = np.stack([self.toy.normal, self.toy.strange], axis=1)
        return pairs.reshape(-1, self.length, CHANNELS)

    def detector(self) -> Detector:
        """Return the detector with its quick settings."""
        return self.kind(**self.kind.quick)

    def fit(self, windows: Windows, *, seed: int = SEED) -> Graph:
        """Return what it learns from ``windows``."""
        return self.detector().fit(windows, seed=seed)


def settings_only_stored(trial: Trial) -> None:
    """It is a frozen dataclass whose settings all have defaults, are kept as given, and survive a fit unchanged."""
    assert dataclasses.is_dataclass(trial.kind), "a detector is a dataclass"
    assert trial.kind.__dataclass_params__.frozen, "its dataclass is frozen"
    detector = trial.detector()
    kept = copy.deepcopy({field.name: getattr(detector, field.name) for field in dataclasses.fields(detector)})
    assert dataclasses.replace(trial.kind(), **kept) == detector, "settings are stored as given"
    detector.fit(trial.toy.learned, seed=SEED)
    assert vars(detector) == kept, "a fit changes nothing of the detector"


def described(trial: Trial) -> None:
    """Its docstring begins with one line that a list can show."""
    first = (trial.kind.__doc__ or "").strip().partition("\n")[0]
    assert 10 <= len(first) <= 120, f"the first line of the docstring is {first!r}"
    assert not first.startswith(f"{trial.kind.__name__}("), "it has no docstring of its own"


def graph_valid(trial: Trial) -> None:
    """The ONNX checker accepts the graph, shapes included."""
    onnx = onnx_package()
    onnx.checker.check_model(onnx.load_from_string(trial.graph.onnx), full_check=True)


def graph_lint_clean(trial: Trial) -> None:
    """The graph holds no operator that the project forbids, and keeps to its versions."""
    assert (found := lint(trial.graph.onnx)) == [], found


def one_signature(trial: Trial) -> None:
    """The graph takes batches of any size, the window alone, and yields float32 scores of the stated shapes."""
    assert (trial.runner.window, trial.runner.channels) == (trial.length, CHANNELS)
    for n in (0, 1, 2, 65):
        found = trial.runner(trial.mixed[:n])
        assert found.score.shape == (n,)
        assert found.score.dtype == np.float32
        for told in (found.by_channel, found.expected):
            assert told is None or (told.shape == (n, CHANNELS) and told.dtype == np.float32)


def higher_is_stranger(trial: Trial) -> None:
    """Windows with a plain spike score higher than the same windows without."""
    score = trial.runner(trial.mixed).score
    found = auc(score, np.arange(len(score)) % 2 == 1)
    assert found > _LEAST_AUC, f"AUC is {found:.3f}; below .5, the scores are upside down"


def constant_channel(trial: Trial) -> None:
    """A channel that stood still while it learned, at zero or high up, yields finite scores when it moves."""
    for level in (0.0, 7e4):
        still = trial.new_toy(constant=level)
        runner = Runner(trial.fit(still.learned).onnx)
        _all_finite(runner(still.learned.take(slice(0, 50))), f"with a channel that stands at {level:g}")
        _all_finite(runner(still.strange), f"after a channel has left {level:g}")


def extremes_stay_finite(trial: Trial) -> None:
    """Values at the ends of float32 yield finite scores, behind the same clip that an artifact has."""
    graph = trial.graph
    if trial.kind.default_scale != "none":
        graph = scaled(graph, offset=np.zeros(CHANNELS), factor=np.ones(CHANNELS), clip=_CLIP)
    wild = trial.mixed.copy()
    values = np.array([1e30, -1e30, np.finfo(np.float32).max, -np.finfo(np.float32).max, 1e-40, 0], np.float32)
    chosen = np.random.default_rng(5).random(wild.shape) < 0.2
    wild[chosen] = np.resize(values, int(chosen.sum()))
    wild[:6] = values[:, None, None]
    _all_finite(Runner(graph.onnx)(wild), "at the ends of float32")


def batch_does_not_matter(trial: Trial) -> None:
    """A window's score is the same to the last bit alone, in any order, and in batches of any size."""
    windows, whole = trial.mixed, trial.runner(trial.mixed)
    order = np.random.default_rng(6).permutation(len(windows))
    _same(trial.runner(windows[order]), whole, order)
    for size in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 63, 64, 65, 256, 257):
        for start in (0, 11, len(windows) - size):
            part = np.arange(start, start + size)
            _same(trial.runner(windows[part]), whole, part)


def inputs_unchanged(trial: Trial) -> None:
    """Neither a fit nor a scoring writes to what it is given, nor to the global random states."""
    learned = trial.new_toy().learned
    series, windows = learned.series.copy(), trial.mixed.copy()
    states = _random_states()
    own = Windows(series, learned.end, learned.length, labels=learned.labels, validation=learned.validation)
    trial.fit(own)
    trial.runner(windows)
    assert np.array_equal(series, learned.series), "the fit changed the readings it was given"
    assert np.array_equal(windows, trial.mixed), "the scoring changed the windows it was given"
    assert states == _random_states(), "the fit moved a global random state"


def same_seed_same_scores(trial: Trial) -> None:
    """Learning twice with one seed gives the same scores to the last bit."""
    again = Runner(trial.fit(trial.toy.learned).onnx)
    _same(again(trial.mixed), trial.runner(trial.mixed), np.arange(len(trial.mixed)))


def shares_sum_to_score(trial: Trial) -> None:
    """Where the graph tells each channel's share, the shares add up to the score, and the spiked channel has most."""
    found = trial.runner(trial.toy.strange)
    if found.by_channel is None:
        return
    sums = found.by_channel.sum(axis=1, dtype=np.float64)
    limit = float(np.median(found.score))
    assert np.all(np.abs(sums - found.score) <= _TOLERANCE * np.maximum(np.abs(found.score), limit))
    right = found.by_channel.argmax(axis=1) == np.arange(len(sums)) % CHANNELS
    assert right.mean() > _LEAST_AUC, f"the spiked channel has the top share in {right.mean():.0%} of windows"


def expected_near_normal_readings(trial: Trial) -> None:
    """Where the graph tells what it expected, that lies near normal readings, in the units of the windows."""
    expected = trial.runner(trial.toy.normal).expected
    if expected is None:
        return
    last = trial.toy.normal[:, -1]
    apart, reach = np.median(np.abs(last - expected), axis=0), np.ptp(last, axis=0)
    assert (apart < reach / 2).all(), f"what is expected lies {apart} from readings that range over {reach}"


def expecting_moves_no_score(trial: Trial) -> None:
    """Scores and shares are the same to the last bit where the graph is not asked what it expected."""
    network = Network(window=trial.length, channels=CHANNELS)
    bare = graft(network, trial.graph, network.input)
    found = Runner(network.seal(bare.score, bare.by_channel).onnx)(trial.mixed)
    _same(found, trial.runner(trial.mixed), np.arange(len(trial.mixed)))


def nothing_to_learn_from(trial: Trial) -> None:
    """No windows at all are an input error, with a remedy."""
    empty = Windows(trial.toy.learned.series, np.zeros(0, np.int64), trial.length, labels=np.zeros(0, np.bool_))
    _refused(trial, empty, "nothing")


def labels_are_asked_for(trial: Trial) -> None:
    """If it needs labels: none at all, or all alike, are an input error, with a remedy."""
    learned = trial.toy.learned
    useless = (None, np.zeros(len(learned), np.bool_), np.ones(len(learned), np.bool_))
    for labels in useless if trial.kind.needs_labels else ():
        _refused(trial, dataclasses.replace(learned, labels=labels), "labels that tell nothing apart")


def _refused(trial: Trial, windows: Windows, what: str) -> None:
    remedy = None
    try:
        trial.fit(windows)
    except InputError as error:
        remedy = error.remedy
    assert remedy is not None, f"it learned from {what}"
    assert remedy, "the error names no remedy"


def auc(score: Float32Array, strange: BoolArray) -> float:
    """Return how often a strange window scores above a normal one, ties counting half (Mann & Whitney 1947).

    >>> auc(np.array([1, 3, 3], np.float32), np.array([False, False, True]))
    0.75
    """
    high, low = score[strange][:, None], score[~strange][None]
    return float(np.mean(high > low) + np.mean(high == low) / 2)


def _random_states() -> tuple[object, bytes]:
    return random.getstate(), pickle.dumps(np.random.get_state())  # noqa: NPY002  # is it left alone?


def _all_finite(found: Scores, when: str) -> None:
    assert np.isfinite(found.score).all(), f"a score is not finite {when}"
    assert found.by_channel is None or np.isfinite(found.by_channel).all(), f"a share is not finite {when}"
    assert found.expected is None or np.isfinite(found.expected).all(), f"what is expected is not finite {when}"


def _same(part: Scores, whole: Scores, index: np.typing.NDArray[np.int64]) -> None:
    moved = int((part.score != whole.score[index]).sum())
    assert moved == 0, f"{moved} of {len(index)} scores differ in a batch of {len(index)}"
    if part.by_channel is not None and whole.by_channel is not None:
        assert np.array_equal(part.by_channel, whole.by_channel[index]), "shares differ"
    if part.expected is not None and whole.expected is not None:
        assert np.array_equal(part.expected, whole.expected[index]), "what is expected differs"


CHECKS = (
    settings_only_stored,
    described,
    graph_valid,
    graph_lint_clean,
    one_signature,
    higher_is_stranger,
    constant_channel,
    extremes_stay_finite,
    batch_does_not_matter,
    inputs_unchanged,
    same_seed_same_scores,
    shares_sum_to_score,
    expected_near_normal_readings,
    expecting_moves_no_score,
    nothing_to_learn_from,
    labels_are_asked_for,
)
