"""What is searched by default comes from the detector's own settings, whatever detector it is."""

from __future__ import annotations

import pytest

from tocsin.core.discover import names
from tocsin.core.errors import SettingError
from tocsin.training.recipe import Recipe
from tocsin.training.tune.axis import Axis
from tocsin.training.tune.default_space import COSTS, default_space


def axes_of(recipe: Recipe, window: int | None = None) -> dict[str, Axis]:
    return {axis.name: axis for axis in default_space(recipe, window=window).axes}


def test_networks_are_searched_by_size_rate_batch_and_window() -> None:
    axes = axes_of(Recipe(detector="lstm_autoencoder"), window=12)
    assert axes["window"].values == ("6", "12", "24")
    assert axes["hidden"].values == ("64,32", "32,16", "128,64", "64", "64,32,16")
    assert axes["batch_size"].values == ("16", "32", "64")
    assert axes["learning_rate"].ends == pytest.approx((1e-4, 1e-2))


def test_the_hybrid_is_searched_by_its_weights() -> None:
    axes = axes_of(Recipe(detector="ae_lstm"))
    assert axes["alpha"].ends == axes["beta"].ends == (0.1, 0.9)


def test_shares_stay_shares() -> None:
    assert axes_of(Recipe(detector="pca"))["variance"].ends == (0.5, 0.988)  # odds of 9, a ninth and nine times


def test_what_the_recipe_sets_stays_as_it_is() -> None:
    given = Recipe(detector="lstm_autoencoder", window=30, settings={"hidden": (8,)})
    assert {"window", "hidden"}.isdisjoint(axes_of(given))


@pytest.mark.parametrize("detector", names("detectors"))
def test_every_detector_has_a_space_that_holds_its_defaults(detector: str) -> None:
    recipe = Recipe(detector=detector)
    space = default_space(recipe)
    space.check(recipe)
    assert space.holds(space.point_of(recipe))
    assert not {"device", *COSTS} & set(space.names)


def test_nothing_left_to_vary_is_told() -> None:
    with pytest.raises(SettingError, match="sub_pca has nothing to vary by itself"):
        default_space(Recipe(detector="sub_pca", window=50))
