from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from tocsin.core.errors import SettingError
from tocsin.core.windows import Windows
from tocsin.detectors._blend import rarities_of
from tocsin.detectors._folds import Said, say
from tocsin.detectors._tail import rarity
from tocsin.detectors.ensemble import Ensemble, few_states, short
from tocsin.detectors.pca import Pca
from tocsin.graph.run import Runner


def _series(rows: int, seed: int = 0) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    rng = np.random.default_rng(seed)
    wave = np.sin(np.arange(rows)[:, None] * 2 * np.pi / 24 + np.array([0.0, 1.0, 2.0]))
    return np.asarray(wave + 0.2 * rng.normal(size=(rows, 3)), np.float32)


def _windows(series: np.ndarray[tuple[int, int], np.dtype[np.float32]], length: int = 30) -> Windows:
    return Windows(series, np.arange(length - 1, len(series)), length)


def test_the_score_is_how_rare_the_weighted_mean_of_the_members_rarities_is() -> None:
    windows = _windows(_series(700))
    ensemble = Ensemble(members=("pca", "ridge", "kmeans"), weights=(1, 2, 3))
    later = _windows(_series(200, seed=1))
    found = Runner(ensemble.fit(windows, seed=0).onnx)(later.take(slice(None)))
    steadied = ensemble.steadied(windows)
    mean, held_out = np.zeros(len(later)), np.zeros(len(windows))
    for name, weight in zip(ensemble.members, ensemble.weights, strict=True):
        member = ensemble.joined(name, steadied.of(windows), seed=0)
        rare = rarities_of(member.held_out, few_states=few_states(windows), window=member.window)
        seen = steadied.of(later)
        last = Windows(seen.series, seen.end, member.window)
        mean += weight / 6 * rare(say(Runner(member.graph.onnx), last))
        held_out += weight / 6 * rare(member.held_out)
    np.testing.assert_allclose(found.score, rarity(held_out)(mean), rtol=2e-4, atol=2e-4)
    assert found.by_channel is not None
    np.testing.assert_allclose(found.by_channel.sum(axis=1), found.score, rtol=1e-5, atol=1e-6)


def test_three_means_one_in_a_thousand_on_readings_not_learned_from() -> None:
    graph = Ensemble(members=("pca", "ridge", "ewma")).fit(_windows(_series(4000)), seed=0)
    found = Runner(graph.onnx)(_windows(_series(20_000, seed=2)).take(slice(None))).score
    # windows overlap, so that a few excursions decide: one in ten is known better than one in a thousand
    assert 0.05 < (found > 1).mean() < 0.2
    assert (found > 3).mean() < 0.004


def test_alone_a_member_without_shares_ranks_windows_as_ever() -> None:
    windows = _windows(_series(600), 10)
    ensemble = Ensemble(members=("isolation_forest",), wandering="keep")
    strange = _series(300, seed=3)
    strange[150:, 1] += 2
    later = _windows(strange, 10)
    found = Runner(ensemble.fit(windows, seed=0).onnx)(later.take(slice(None)))
    assert found.by_channel is None
    member = ensemble.joined("isolation_forest", windows, seed=0)
    own = say(Runner(member.graph.onnx), Windows(later.series, later.end, member.window)).score
    assert spearmanr(own, found.score).statistic > 0.999


def test_the_strange_channel_has_the_top_share() -> None:
    graph = Ensemble().fit(_windows(_series(1500), 52), seed=0)
    strange = _series(200, seed=4)
    strange[150:, 2] += 1.5
    found = Runner(graph.onnx)(_windows(strange, 52).take(slice(-40, None)))
    assert found.score.min() > 3
    assert found.by_channel is not None
    assert (found.by_channel.argmax(axis=1) == 2).mean() > 0.9


def test_a_switch_never_seen_in_another_state_is_no_rarer_than_windows_can_tell() -> None:
    series = _series(1000)
    series[:, 1] = 0
    windows = _windows(series)
    held_out = Ensemble(members=("pca",)).joined("pca", windows, seed=0).held_out
    assert few_states(windows).tolist() == [False, True, False]
    rare = rarities_of(held_out, few_states=few_states(windows), window=10)
    shares = np.zeros((1, 3))
    shares[0, 1] = 1e6
    assert rare.channels(shares)[0, 1] == pytest.approx(np.log10(len(held_out.score) / 10))
    assert rare(Said(np.array([1e9]), shares))[0] <= 10


def test_a_channel_that_wanders_is_judged_by_where_it_was_of_late() -> None:
    rng = np.random.default_rng(5)
    series = _series(3000)
    series[:, 0] = np.cumsum(0.1 * rng.normal(size=3000))
    far = series[-400:].copy()
    far[:, 0] += 40
    steadied, kept = (
        Runner(Ensemble(members=("pca", "ridge"), wandering=way).fit(_windows(series[:2500]), seed=0).onnx)
        for way in ("steady", "keep")
    )
    later = _windows(far).take(slice(None))
    assert np.median(steadied(later).score) < 1
    assert np.median(kept(later).score) > 3


def test_members_see_a_period_if_they_want_one_and_no_more_than_windows_suffice_for() -> None:
    windows = _windows(_series(2000), 40)
    assert short("kmeans", windows).length == 40
    assert short("pca", windows).length == Pca.default_window
    assert short("kmeans", _windows(_series(300), 40)).length == (300 - 39) // 16


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"members": ()}, "Name one"),
        ({"members": ("pca", "pca")}, "each once"),
        ({"members": ("nobody",)}, "'nobody'"),
        ({"members": ("svm",)}, "'svm'"),
        ({"members": ("auto",)}, "'auto'"),
        ({"members": ("pca", "ridge"), "weights": (1.0,)}, "weights"),
        ({"members": ("pca",), "weights": (0.0,)}, "weights"),
        ({"folds": 0}, "folds"),
        ({"wander": 0.0}, "wander"),
    ],
)
def test_what_cannot_be_is_refused(settings: dict[str, object], said: str) -> None:
    with pytest.raises(SettingError, match=said):
        Ensemble(**settings)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize(("members", "teller"), [(("pca", "ridge"), "ridge"), (("kmeans", "ewma", "pca"), "ewma")])
def test_what_is_expected_is_what_ridge_expects_or_else_the_first(members: tuple[str, ...], teller: str) -> None:
    windows = _windows(_series(500))
    ensemble = Ensemble(members=members)
    found = Runner(ensemble.fit(windows, seed=0).onnx)(windows.take(slice(None)))
    steadied = ensemble.steadied(windows)
    assert not steadied.wanders.any()
    member = ensemble.joined(teller, steadied.of(windows), seed=0)
    last = Windows(windows.series, windows.end, member.window)
    np.testing.assert_allclose(
        found.expected,  # type: ignore[arg-type]  # told
        Runner(member.graph.onnx)(last.take(slice(None))).expected,  # type: ignore[arg-type]  # told
        atol=1e-5,
    )


def test_of_a_channel_that_wanders_a_reading_near_the_last_ones_is_expected() -> None:
    walk = np.cumsum(np.random.default_rng(4).normal(size=(900, 2)), axis=0).astype(np.float32)
    windows = _windows(walk)
    ensemble = Ensemble(members=("pca", "ridge"))
    assert ensemble.steadied(windows).wanders.all()
    found = Runner(ensemble.fit(windows, seed=0).onnx)(windows.take(slice(None))).expected
    assert found is not None
    apart = windows.take(slice(None))[:, -1] - found
    assert apart.std() < 1.3 < walk.std()


def test_without_a_member_that_expects_nothing_is_expected() -> None:
    graph = Ensemble(members=("kmeans",)).fit(_windows(_series(300)), seed=0)
    assert not Runner(graph.onnx).expects
