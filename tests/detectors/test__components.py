"""Principal components against scikit-learn's, with rows many and few."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA

from tocsin.core.arrays import FloatArray
from tocsin.detectors._components import components, left_out


@pytest.mark.parametrize(("rows", "columns"), [(300, 6), (6, 6), (5, 40)])
def test_components_are_scikit_learns(rows: int, columns: int) -> None:
    centred = np.random.default_rng(0).standard_normal((rows, columns)) * np.arange(1, columns + 1)
    centred -= centred.mean(axis=0)
    model, found = PCA(svd_solver="full").fit(centred), components(centred)
    k = min(rows - 1, columns)
    np.testing.assert_allclose(found.variance[:k], model.explained_variance_[:k] * (rows - 1) / rows, rtol=1e-6)
    alike = np.abs((found.axes[:k] * model.components_[:k]).sum(axis=1))
    np.testing.assert_allclose(alike, 1, rtol=1e-6)


def test_the_greatest_entry_of_each_axis_is_positive() -> None:
    axes = components(np.random.default_rng(1).standard_normal((50, 8))).axes
    assert (axes.max(axis=1) == np.abs(axes).max(axis=1)).all()


@pytest.mark.parametrize(("share", "kept"), [(0.5, 1), (0.8, 1), (0.81, 2), (0.999, 2)])
def test_as_many_are_kept_as_the_share_needs(share: float, kept: int) -> None:
    found = components(np.array([[2.0, 0], [-2, 0], [0, 1], [0, -1]]))
    assert found.keeping(share) == kept


def test_where_nothing_varies_one_is_kept() -> None:
    assert components(np.zeros((5, 3))).keeping(0.9) == 1


def test_what_is_left_out_is_expected_as_its_regression_on_the_others_has_it() -> None:
    """The conditional mean of a normal distribution is the least squares forecast from all other columns."""
    rng = np.random.default_rng(2)
    rows: FloatArray = rng.standard_normal((400, 5)) @ rng.standard_normal((5, 5))
    rows -= rows.mean(axis=0)
    places = [1, 4]
    weight = left_out(np.asarray(np.linalg.inv(rows.T @ rows), np.float64)[:, places], places)
    for k, place in enumerate(places):
        others = np.delete(np.arange(5), place)
        by_hand = np.linalg.lstsq(rows[:, others], rows[:, place], rcond=None)[0]
        np.testing.assert_allclose(weight[others, k], by_hand, rtol=1e-8)
        assert weight[place, k] == 0


def test_of_what_nothing_is_known_nothing_but_its_mean_is_expected() -> None:
    assert left_out(np.zeros((3, 1)), [2]).tolist() == [[0], [0], [0]]
