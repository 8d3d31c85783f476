"""Kinds of channels: what must be recognised, and what must not."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.core.kinds import Kind
from tocsin.core.schema import Channel, Schema
from tocsin.training.profile._kinds import groups_of, kinds_of

N = 1200
RNG = np.random.default_rng(0)
AT = np.arange(N)
NOISE = RNG.normal(size=N)


def kind_of(values: np.ndarray, name: str = "x", device: np.ndarray | None = None) -> Kind:
    owner = np.zeros(len(values), np.int64) if device is None else device
    return kinds_of(values.astype(float)[:, None], owner, Schema((Channel(name),)))[0]


RECOGNISED: dict[str, tuple[Kind, np.ndarray]] = {
    "a flat line": ("constant", np.full(N, 3.5)),
    "a switch": ("binary", (NOISE > 1).astype(float)),
    "a switch of other values": ("binary", np.where(NOISE > 1, 40.0, 20.0)),
    "an energy meter": ("counter", 2e7 + np.cumsum(RNG.uniform(0, 0.1, N))),
    "a counter of pieces that is often still": ("counter", np.cumsum(RNG.poisson(0.3, N))),
    "a counter that is reset": ("counter", np.cumsum(RNG.poisson(3, N)) % 900),
    "a row number": ("counter", AT),
    "a heading that wanders": ("degrees", np.cumsum(10 * NOISE) % 360),
    "a heading about north and south": ("degrees", (np.cumsum(8 * NOISE) + 180) % 360 - 180),
    "a phase": ("radians", AT * 0.3 % (2 * np.pi)),
}

PLAIN: dict[str, np.ndarray] = {
    "noise": NOISE,
    "a wave over a half turn each way": 180 + 180 * np.sin(AT / 10),
    "a small wave that could be radians": np.pi * np.sin(AT / 10),
    "values from everywhere in a turn": RNG.uniform(0, 360, N),
    "small whole numbers": RNG.poisson(3, N).astype(float),
    "spikes": np.abs(np.random.default_rng(1).standard_t(1, N) * 20).clip(0, 360),
    "a walk with a trend": np.cumsum(NOISE + 0.5),
    "a staircase of few steps": np.repeat(np.arange(10.0), N // 10),
    "what rises and then rests": np.minimum(AT, 300).astype(float),
    "a saw with short teeth": AT % 20.0,
}


@pytest.mark.parametrize(("kind", "values"), RECOGNISED.values(), ids=RECOGNISED)
def test_special_channels_are_recognised(kind: Kind, values: np.ndarray) -> None:
    assert kind_of(values) == kind


@pytest.mark.parametrize("name", RECOGNISED)
def test_gaps_hide_nothing(name: str) -> None:
    kind, values = RECOGNISED[name]
    assert kind_of(np.where(np.random.default_rng(2).random(N) < 0.2, np.nan, values)) == kind


@pytest.mark.parametrize("values", PLAIN.values(), ids=PLAIN)
def test_plain_quantities_stay_plain(values: np.ndarray) -> None:
    assert kind_of(values) == "real"


def test_a_name_makes_an_angle_of_what_never_wraps_but_not_of_a_small_range() -> None:
    south = (180 + 110 * np.sin(AT / 40) + 5 * NOISE).clip(0, 360)
    assert kind_of(south) == "real"
    assert kind_of(south, "wind_direction") == "degrees"
    assert kind_of(south / 10, "valve heading") == "real"


def test_nothing_is_recognised_in_a_handful_of_values() -> None:
    assert kind_of(np.arange(20)) == "real"
    assert kind_of(np.zeros(20)) == "constant"
    assert kind_of(np.full(20, np.nan)) == "constant"


def test_each_device_has_a_counter_of_its_own() -> None:
    device = np.repeat([0, 1], N // 2)
    assert kind_of(np.where(device == 0, 1e6, 0) + AT % (N // 2), device=device) == "counter"
    assert kind_of(np.where(device == 0, AT, NOISE), device=device) == "real"


def test_one_hot_channels_are_found_as_groups_beside_others() -> None:
    mode, side = AT // 7 % 3, AT // 11 % 2
    columns = [side == 5, mode == 0, mode == 1, NOISE > 0, mode == 2]
    values = np.stack([mode == 0, mode == 1, mode == 2, side == 0, side == 1, NOISE > 1], axis=1).astype(float)
    assert groups_of(values, [True] * 6) == [[0, 1, 2], [3, 4]]
    assert groups_of(np.stack(columns, axis=1).astype(float), [True] * 5) == []
    schema = Schema(tuple(Channel(f"x{k}") for k in range(6)))
    assert kinds_of(values, np.zeros(N, np.int64), schema) == (*["one_hot"] * 5, "binary")


def test_rows_that_are_not_known_break_no_group() -> None:
    values = np.stack([AT % 2 == 0, AT % 2 == 1], axis=1).astype(float)
    values[5] = np.nan
    assert groups_of(values, [True, True]) == [[0, 1]]
