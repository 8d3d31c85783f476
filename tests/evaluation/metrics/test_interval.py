from __future__ import annotations

import time

import numpy as np
import pytest

from tocsin.core.progress import listening
from tocsin.evaluation.metrics.counted import COUNTED, Counted
from tocsin.evaluation.metrics.interval import Interval, _called, _counted, _drawn, bootstrap
from tocsin.evaluation.outcome import Outcome

F1 = COUNTED["f1"]


def made(readings: int, *, seed: int = 0, event: int = 20, devices: int = 1) -> Outcome:
    """Events of 20 readings that a noisy score catches about half of the time."""
    random = np.random.default_rng(seed)
    labels = np.repeat(random.random(-(-readings // event)) < 0.2, event)[:readings]
    score = random.normal(size=readings) + 1.5 * labels
    score[: readings // 50] = np.nan
    flagged = score > 1.5
    return Outcome(
        labels=labels,
        score=score,
        anomaly=flagged,
        told=flagged,
        limit=np.full(readings, 1.5),
        time=np.arange(readings) // devices,
        device=np.arange(readings) % devices,
    )


def test_holds_the_figure_and_narrows_with_more_readings() -> None:
    widths = []
    for readings in (1_000, 16_000):
        outcome = made(readings)
        found, figure = bootstrap(F1, outcome, block=40, seed=0), F1(outcome)
        assert found is not None
        assert figure is not None
        assert found.low < figure < found.high
        widths.append(found.high - found.low)
    assert widths[1] < widths[0] / 2.5


def test_the_same_seed_gives_the_same_interval() -> None:
    outcome = made(500)
    assert bootstrap(F1, outcome, block=30, seed=3) == bootstrap(F1, outcome, block=30, seed=3)
    assert bootstrap(F1, outcome, block=30, seed=3) != bootstrap(F1, outcome, block=30, seed=4)


def test_a_higher_level_is_wider() -> None:
    outcome = made(800)
    wide, narrow = (bootstrap(F1, outcome, block=30, seed=0, level=level) for level in (0.99, 0.5))
    assert wide is not None
    assert narrow is not None
    assert wide.low < narrow.low < narrow.high < wide.high
    assert (wide.level, narrow.level) == (0.99, 0.5)


def test_single_readings_would_promise_too_much() -> None:
    """Labels come in runs of 20: drawn one by one they look 20 times as informative as they are."""
    outcome = made(4_000)
    blocks, singles = (bootstrap(COUNTED["accuracy"], outcome, block=block, seed=0) for block in (100, 1))
    assert blocks is not None
    assert singles is not None
    assert blocks.high - blocks.low > 1.5 * (singles.high - singles.low)


def test_covers_the_truth_about_as_often_as_it_says() -> None:
    truth = F1(made(400_000, seed=1))
    assert truth is not None
    held = 0
    for seed in range(100):
        found = bootstrap(F1, made(3_000, seed=seed + 2), block=60, seed=0, level=0.9, repeats=300)
        assert found is not None
        held += found.low <= truth <= found.high
    assert 78 <= held <= 98


def test_sums_of_blocks_and_blocks_give_one_distribution() -> None:
    outcome = made(900)
    quick = _counted(F1, outcome, block=70, repeats=3000, random=np.random.default_rng(0))
    slow = _called(F1, outcome, block=70, repeats=3000, random=np.random.default_rng(1))
    assert quick.mean() == pytest.approx(slow.mean(), abs=0.01)
    shares = [0.05, 0.25, 0.75, 0.95]
    np.testing.assert_allclose(np.quantile(quick, shares), np.quantile(slow, shares), atol=0.02)


def test_a_sample_is_made_of_whole_stretches_and_keeps_the_clock() -> None:
    outcome = made(103)
    places = Outcome(
        labels=outcome.labels,
        score=np.arange(103.0),
        anomaly=outcome.anomaly,
        told=outcome.told,
        limit=outcome.limit,
        time=outcome.time,
        device=outcome.device,
    )
    drawn = _drawn(places, 10, np.random.default_rng(0))
    assert len(drawn) == 103
    steps = np.diff(drawn.score)
    assert np.all(np.delete(steps, np.arange(9, 102, 10)) == 1)
    np.testing.assert_array_equal(drawn.time, outcome.time)


def test_any_function_of_an_outcome_will_do() -> None:
    outcome = made(600, devices=3)
    heard: list[tuple[str, int, int, str]] = []
    with listening(lambda *news: heard.append(news)):
        found = bootstrap(lambda drawn: float(drawn.labels.mean()), outcome, block=40, seed=0, repeats=50)
    assert found is not None
    assert found.low < outcome.labels.mean() < found.high
    assert heard[-1] == ("bootstrap", 50, 50, "")


def test_a_sample_has_as_many_readings_as_there_are() -> None:
    readings = Counted("readings", lambda tp, fp, fn, tn: (tp + fp + fn + tn, np.ones_like(tp)))
    outcome = made(103).take(slice(2, None))  # all of them have a score
    assert bootstrap(readings, outcome, block=10, seed=0) == Interval(101.0, 101.0, 0.95)


def test_the_ends_leave_out_half_of_the_rest_on_either_side() -> None:
    values = iter(range(101))
    found = bootstrap(lambda _: float(next(values)), made(100), block=10, seed=0, level=0.9, repeats=101)
    assert found is not None
    assert [found.low, found.high] == pytest.approx([5, 95])


def test_a_figure_that_cannot_vary_has_an_interval_of_one_point() -> None:
    assert bootstrap(lambda _: 0.5, made(100), block=10, seed=0, repeats=9) == Interval(0.5, 0.5, 0.95)


def test_none_where_there_is_too_little_to_say() -> None:
    assert bootstrap(F1, made(100), block=51, seed=0) is None
    assert bootstrap(lambda _: None, made(100), block=10, seed=0, repeats=9) is None
    quiet = made(200).take(np.flatnonzero(~made(200).labels))
    assert bootstrap(COUNTED["recall"], quiet, block=10, seed=0) is None


@pytest.mark.parametrize("wrong", [{"block": 0}, {"repeats": 0}, {"level": 1.0}, {"level": 0.0}])
def test_settings_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    given = {"block": 5, "repeats": 10, "level": 0.9} | wrong
    with pytest.raises(ValueError, match="out of range"):
        bootstrap(F1, made(100), seed=0, **given)  # type: ignore[arg-type]  # one dict of three types


def test_a_thousand_samples_of_100_000_readings_take_less_than_a_second() -> None:
    outcome = made(100_000)
    start = time.perf_counter()
    assert bootstrap(F1, outcome, block=10, seed=0) is not None
    assert time.perf_counter() - start < 1
