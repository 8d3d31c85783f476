"""The random forest against scikit-learn's, and what labels and imbalance do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

from tocsin.core.arrays import BoolArray, Float32Array
from tocsin.core.errors import SettingError
from tocsin.core.windows import Windows
from tocsin.detectors.random_forest import RandomForest
from tocsin.graph.run import Runner


def labelled(rows: int = 900, *, share: float = 0.1, length: int = 1) -> Windows:
    """Return windows of which those that end far from the centre are mostly labelled."""
    rng = np.random.default_rng(0)
    series = rng.standard_normal((rows, 3)).astype(np.float32)
    far = np.linalg.norm(series + rng.normal(0, 0.3, series.shape), axis=1)
    labels = far > np.quantile(far, 1 - share)
    end = np.arange(length - 1, rows)
    return Windows(series * np.array([1, 50, 1e-3], np.float32) + 7, end, length, labels=labels[end])


def rows_of(windows: Windows) -> Float32Array:
    return windows.take(slice(None)).reshape(len(windows), -1)


def truth(windows: Windows) -> BoolArray:
    assert windows.labels is not None
    return windows.labels


def score(detector: RandomForest, windows: Windows, *, seed: int = 0) -> Float32Array:
    return Runner(detector.fit(windows, seed=seed).onnx)(windows.take(slice(None))).score


@pytest.mark.parametrize("length", [1, 4])
@pytest.mark.parametrize("class_weight", ["balanced", "none"])
def test_score_is_that_of_scikit_learn(length: int, class_weight: Any) -> None:
    windows = labelled(length=length)
    reference = RandomForestClassifier(
        n_estimators=30,
        max_depth=9,
        min_samples_leaf=2,
        class_weight=None if class_weight == "none" else class_weight,
        random_state=5,
    ).fit(rows_of(windows), truth(windows))
    detector = RandomForest(trees=30, max_depth=9, min_leaf=2, smoothing=0, class_weight=class_weight)
    found = score(detector, windows, seed=5)
    np.testing.assert_allclose(found, reference.predict_proba(rows_of(windows))[:, 1], atol=1e-6)


def test_smoothing_leaves_no_score_at_0_and_breaks_ties() -> None:
    windows = labelled()
    plain, smooth = (score(RandomForest(trees=40, smoothing=doubt), windows) for doubt in (0, 1))
    assert plain.min() == 0
    assert 0 < smooth.min() < smooth.max() < 1
    assert len(np.unique(smooth)) > len(np.unique(plain))


def test_doubt_pulls_each_leaf_towards_the_whole() -> None:
    windows = labelled(300)
    forest = RandomForestClassifier(n_estimators=20, max_depth=4, random_state=0).fit(rows_of(windows), truth(windows))
    expected = np.zeros(len(windows))
    for tree in forest.estimators_:
        leaf = tree.apply(rows_of(windows))
        weight, share = tree.tree_.weighted_n_node_samples, tree.tree_.value[:, 0, 1]
        expected += (weight[leaf] * share[leaf] + 2 * share[0]) / (weight[leaf] + 2) / 20
    found = score(RandomForest(trees=20, max_depth=4, min_leaf=1, class_weight="none", smoothing=2), windows)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_weights_and_oversampling_raise_the_scores_of_rare_anomalies() -> None:
    windows = labelled(share=0.02)
    plain = score(RandomForest(trees=40, class_weight="none"), windows)[truth(windows)].mean()
    weighed = score(RandomForest(trees=40), windows)[truth(windows)].mean()
    drawn = score(RandomForest(trees=40, class_weight="none", oversample=0.5), windows)[truth(windows)].mean()
    assert weighed > 1.2 * plain
    assert drawn > 1.2 * plain


def test_few_windows_keep_the_rare_anomalies() -> None:
    windows = labelled(share=0.02)
    found = score(RandomForest(trees=40, max_windows=60), windows)
    assert found[truth(windows)].mean() > 2 * found[~truth(windows)].mean()


def test_the_graph_tells_no_shares_and_seeds_make_a_difference() -> None:
    windows = labelled(200)
    one, same, other = (RandomForest(trees=5).fit(windows, seed=seed).onnx for seed in (1, 1, 2))
    assert one == same != other
    assert not Runner(one).attributes


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("trees", 0),
        ("max_depth", 0),
        ("min_leaf", 0),
        ("smoothing", -1),
        ("max_windows", 1),
        ("class_weight", "heavy"),
        ("oversample", 1.0),
        ("oversample", float("nan")),
    ],
)
def test_settings_that_cannot_work_are_refused(name: str, value: Any) -> None:
    settings = {name: value}
    with pytest.raises(SettingError, match=name):
        RandomForest(**settings)
