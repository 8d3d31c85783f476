from __future__ import annotations

import numpy as np
import pytest

from tocsin.core.errors import SettingError
from tocsin.core.windows import Windows
from tocsin.detectors.auto import Auto
from tocsin.detectors.ensemble import Ensemble
from tocsin.graph.run import Runner


def _windows(rows: int = 900, length: int = 52) -> Windows:
    rng = np.random.default_rng(0)
    wave = np.sin(np.arange(rows)[:, None] * 2 * np.pi / 24 + np.array([0.0, 1.0]))
    series = (wave + 0.2 * rng.normal(size=(rows, 2))).astype(np.float32)
    return Windows(series, np.arange(length - 1, rows), length)


def test_without_leaning_it_is_the_uniform_average() -> None:
    windows, members = _windows(), ("pca", "ridge", "ewma")
    auto = Auto(members=members, lean=0, chance=0).fit(windows, seed=0)
    plain = Ensemble(members=members).fit(windows, seed=0)
    some = windows.take(slice(0, 50))
    np.testing.assert_allclose(Runner(auto.onnx)(some).score, Runner(plain.onnx)(some).score, rtol=1e-6)


def test_who_notices_faults_weighs_more_and_it_is_told() -> None:
    why = Auto(members=("pca", "kmeans", "ewma"), chance=0, lean=1).fit(_windows(), seed=0).why
    assert [sentence.split(",")[0] for sentence in why] == ["pca", "kmeans", "ewma"]
    weights = [float(sentence.split("weight ")[1].split(";")[0]) for sentence in why]
    areas = [float(sentence.split("ROC of ")[1].split(" ")[0]) for sentence in why]
    assert sum(weights) == pytest.approx(1, abs=0.02)
    assert np.argsort(weights).tolist() == np.argsort(areas).tolist()
    assert all("spike" in sentence and "stuck" in sentence for sentence in why)


def test_who_is_near_chance_has_no_say_unless_all_are() -> None:
    noticed = np.array([[0.9, 0.7], [0.5, 0.56], [0.8, 0.6]])
    weights = Auto(lean=0.5)._weights(noticed)
    # halves of the equal weight among two, and halves by what lies above chance, .3 and .2
    assert weights.tolist() == pytest.approx([0.25 + 0.3, 0, 0.25 + 0.2])
    assert Auto()._weights(np.full((4, 6), 0.5)).tolist() == [0.25] * 4


def test_who_does_worse_than_chance_earns_nothing_and_takes_from_nobody() -> None:
    noticed = np.array([[0.9, 0.7], [0.2, 0.4]])
    assert Auto(chance=0, lean=0.5)._weights(noticed).tolist() == pytest.approx([0.75, 0.25])
    assert Auto(chance=0, lean=1)._weights(np.full((2, 6), 0.5)).tolist() == [0.5, 0.5]


def test_when_the_time_is_up_no_further_member_is_tried() -> None:
    graph = Auto(members=("pca", "ridge", "ewma"), minutes=1e-9).fit(_windows(), seed=0)
    assert graph.why[0].startswith("pca")
    assert graph.why[1:] == ("ridge, ewma: not tried, 1e-09 minutes were up.",)


def test_it_is_told_where_nothing_could_be_held_out() -> None:
    few, enough = (Auto(members=("pca", "ewma")).fit(_windows(rows, 20), seed=0).why for rows in (60, 900))
    assert few[2:] == (
        "too few windows to hold some out: pca, ewma judged what was learned from; rarities are too great.",
    )
    assert len(enough) == 2


@pytest.mark.parametrize(
    "settings", [{"lean": 1.5}, {"lean": -0.1}, {"chance": -1}, {"chance": 2}, {"minutes": 0}, {"members": ()}]
)
def test_what_cannot_be_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(SettingError):
        Auto(**settings)  # type: ignore[arg-type]  # wrong on purpose
