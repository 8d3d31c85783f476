"""A space knows its points, and what recipe stands at each."""

from __future__ import annotations

import pytest

from tocsin.core.errors import SettingError
from tocsin.training.recipe import Recipe
from tocsin.training.tune.axis import Axis
from tocsin.training.tune.space import Space, counted, varied

FOREST = Recipe(detector="isolation_forest", settings={"trees": 50})


def test_a_point_becomes_a_recipe() -> None:
    found = varied(FOREST, {"max_samples": "64", "window": "8", "prepare": "lag:2", "threshold": "percentile:99"})
    assert found.settings == {"trees": 50, "max_samples": 64}
    assert (found.window, found.prepare, found.threshold) == (8, ("lag:2",), "percentile:99")
    assert FOREST.settings == {"trees": 50}


def test_a_recipe_stands_at_a_point() -> None:
    names = ("trees", "max_samples", "window", "scale", "hold")
    space = Space(tuple(Axis(name, ("1", "2")) for name in names))
    expected = (("trees", "50"), ("max_samples", "256"), ("window", "1"), ("scale", "none"), ("hold", "3"))
    assert space.point_of(FOREST) == expected
    layers = Space((Axis("hidden", ("64,32", "16")), Axis("learning_rate", ends=(1e-4, 1e-2))))
    assert layers.point_of(Recipe(detector="lstm_autoencoder")) == (("hidden", "64,32"), ("learning_rate", "0.001"))


@pytest.mark.parametrize(
    ("point", "held"),
    [
        ((("trees", "50"), ("window", "5")), True),
        ((("trees", "51"), ("window", "5")), False),
        ((("trees", "50"), ("window", "50")), False),
    ],
)
def test_it_knows_what_lies_in_it(point: tuple[tuple[str, str], ...], held: bool) -> None:
    assert Space((Axis("trees", ("50", "100")), Axis("window", ends=(1, 20)))).holds(point) == held


def test_its_size_is_the_product() -> None:
    whole = Space((Axis("trees", ("50", "100")), Axis("window", ends=(1, 20), whole=True)))
    assert whole.count == 40
    assert whole.listed().count == 6
    assert Space((*whole.axes, Axis("rate", ends=(0.1, 0.2)))).count is None


def test_whole_numbers_are_known_from_the_detector() -> None:
    assert [counted(Recipe(detector="ae_lstm"), name) for name in ("latent", "lstm", "alpha", "hold", "period_s")] == [
        True,
        True,
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("axis", "message"),
    [
        (Axis("leaves", ("1", "2")), "has no setting 'leaves'"),
        (Axis("trees", ("50", "few")), "trees is 'few'"),
        (Axis("window", ("5", "0")), "window must be a whole number"),
        (Axis("window", ("long",)), "window is 'long'"),
        (Axis("max_samples", ends=(-5, 100), whole=True), "max_samples"),
    ],
)
def test_values_that_no_recipe_can_have_are_refused_at_once(axis: Axis, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        Space((axis,)).check(FOREST)


def test_an_empty_or_doubled_space_is_refused() -> None:
    with pytest.raises(SettingError, match="Nothing is varied"):
        Space(())
    with pytest.raises(SettingError, match="trees is varied twice"):
        Space((Axis("trees", ("1",)), Axis("trees", ("2",))))
