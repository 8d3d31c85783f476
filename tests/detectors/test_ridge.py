"""Ridge regression against scikit-learn's, and what an unexpected reading is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import Ridge as SklearnRidge

from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.core.errors import InputError, SettingError
from tocsin.core.scores import Scores
from tocsin.core.windows import Windows
from tocsin.detectors.ridge import Ridge
from tocsin.graph.run import Runner


def walks(rows: int = 900, *, length: int = 6, seed: int = 0, level: float = 0.0) -> Windows:
    """Return windows of two channels of which the second follows the first, one reading behind."""
    rng = np.random.default_rng(seed)
    first = np.zeros(rows)
    for k in range(1, rows):
        first[k] = 0.9 * first[k - 1] + rng.standard_normal()
    second = 0.5 * np.roll(first, 1) + 0.1 * rng.standard_normal(rows)
    series = np.stack([first, second], axis=1) + level
    return Windows(series.astype(np.float32), np.arange(length - 1, rows), length)


def scores(detector: Ridge, windows: Windows, scored: Float32Array | None = None) -> Scores:
    return Runner(detector.fit(windows, seed=0).onnx)(windows.take(slice(None)) if scored is None else scored)


def errors(windows: Windows, penalty: float, judged: Windows) -> FloatArray:
    """Return what scikit-learn's forecast of the last readings of ``judged`` is wrong by."""

    def parts(each: Windows) -> tuple[FloatArray, FloatArray]:
        every = each.take(slice(None)).astype(np.float64)
        return every[:, :-1].reshape(len(every), -1), every[:, -1]

    before, last = parts(windows)
    model = SklearnRidge(alpha=penalty * len(before)).fit(before, last)
    before, last = parts(judged)
    return np.asarray(last - model.predict(before))


@pytest.mark.parametrize("penalty", [1e-3, 1.0])
@pytest.mark.parametrize("level", [0.0, 2000.0])
def test_score_is_the_mean_square_of_scikit_learns_error(penalty: float, level: float) -> None:
    windows = walks(level=level)
    wrong = errors(windows, penalty, windows)
    expected = wrong**2 / (wrong**2).mean(axis=0) / 2
    found = scores(Ridge(penalty=penalty), windows)
    assert found.by_channel is not None
    np.testing.assert_allclose(found.by_channel, expected, rtol=1e-3, atol=1e-2 if level else 1e-4)
    np.testing.assert_allclose(found.score, expected.sum(axis=1), rtol=1e-2, atol=1e-2 if level else 1e-4)


def test_the_usual_error_is_that_of_later_readings_where_there_are_any() -> None:
    windows, later = walks(), walks(300, seed=9)
    wrong, usual = errors(windows, 1e-3, windows), errors(windows, 1e-3, later)
    expected = (wrong**2 / (usual**2).mean(axis=0)).mean(axis=1)
    found = scores(Ridge(), replace(windows, validation=later)).score
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4)


def test_one_channel_by_hand() -> None:
    series = np.array([1, -1, 1, -1, 1, -1, 1, -1, 1], np.float32)[:, None]
    windows = Windows(series, np.arange(1, 9), 2)
    # The next is −1 · the one before; the usual error is the floor, .1 · the deviation (8 alike and one left over).
    found = scores(Ridge(penalty=1e-9, floor=0.1), windows, np.array([[[1], [0]]], np.float32))
    assert found.score == pytest.approx([(1 / (0.1 * series.std())) ** 2], rel=1e-3)


def test_a_usual_value_that_nothing_led_to_is_strange() -> None:
    windows = walks()
    strange = windows.take(slice(0, 200))
    strange[:, -1, 1] += 1  # less than one deviation of the channel
    found = scores(Ridge(), windows, strange)
    assert np.median(found.score) > 20
    assert found.by_channel is not None
    assert (found.by_channel.argmax(axis=1) == 1).mean() > 0.95


def test_a_window_of_one_reading_is_refused() -> None:
    with pytest.raises(InputError, match="at least 2 readings"):
        Ridge().fit(walks(length=1), seed=0)


@pytest.mark.parametrize(("name", "value"), [("penalty", 0), ("floor", 0), ("max_windows", 1)])
def test_settings_that_cannot_work_are_refused(name: str, value: Any) -> None:
    settings = {name: value}
    with pytest.raises(SettingError, match=name):
        Ridge(**settings)


def test_what_is_expected_is_scikit_learns_forecast() -> None:
    windows = walks(level=50)
    found = scores(Ridge(penalty=1e-3), windows).expected
    assert found is not None
    last = windows.take(slice(None))[:, -1]
    np.testing.assert_allclose(last - found, errors(windows, 1e-3, windows), atol=2e-4)


def test_what_is_expected_of_a_reading_does_not_hang_on_it() -> None:
    windows = walks()
    calm = windows.take(slice(None))
    spiked = calm.copy()
    spiked[:, -1] += 7
    runner = Runner(Ridge().fit(windows, seed=0).onnx)
    np.testing.assert_allclose(runner(spiked).expected, runner(calm).expected, atol=1e-5)  # type: ignore[arg-type]  # told
