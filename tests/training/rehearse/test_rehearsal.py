"""What a rehearsal sums up, by hand."""

from __future__ import annotations

import json

import pytest

from tocsin.training.rehearse.rehearsal import Attempt, Cell, Rehearsal


def attempt(kind: str, size: float | None, *, delay: int | None = None, cause: str | None = None) -> Attempt:
    return Attempt(kind, size, ("a",), delay, None if delay is None else 10.0 * delay, cause, by_chance=False)


def rehearsal(*attempts: Attempt) -> Rehearsal:
    return Rehearsal(
        kinds=tuple(dict.fromkeys(one.kind for one in attempts)),
        sizes=(1.0, 2.0, 4.0),
        trials=10,
        seed=0,
        period_s=10,
        readings=100,
        stretch=20,
        deviation={"a": 0.5},
        false_alarms=0.0,
        attempts=attempts,
    )


def several(kind: str, size: float, rang: int, trials: int = 10) -> list[Attempt]:
    return [attempt(kind, size, delay=3 if k < rang else None) for k in range(trials)]


def test_a_cell_by_hand() -> None:
    cell = Cell.of(
        [
            attempt("spike", 1, delay=2, cause="a"),
            attempt("spike", 1, delay=5, cause="b"),
            attempt("spike", 1, delay=3),
            attempt("spike", 1),
        ]
    )
    assert cell == Cell(trials=4, rang=3, delay=3, delay_s=30.0, right_cause=0.5, by_chance=0.0)
    assert cell.share == 0.75


def test_a_cell_of_nothing_claims_nothing() -> None:
    assert Cell.of([]) == Cell(0, 0, None, None, None, None)
    assert Cell.of([]).share is None


@pytest.mark.parametrize(
    ("rang", "least"), [((0, 9, 10), 2.0), ((9, 9, 9), 1.0), ((10, 8, 10), 4.0), ((10, 10, 8), None), ((0, 0, 0), None)]
)
def test_detectable_is_the_size_from_which_on_nine_of_ten_ring(rang: tuple[int, ...], least: float | None) -> None:
    tried = [one for size, count in zip((1.0, 2.0, 4.0), rang, strict=True) for one in several("drift", size, count)]
    assert rehearsal(*tried).detectable("drift") == least


def test_sizes_that_could_not_be_tried_end_what_can_be_claimed() -> None:
    assert rehearsal(*several("drift", 1.0, 10), *several("drift", 2.0, 10)).detectable("drift") is None


def test_it_is_plain_json() -> None:
    found = rehearsal(*several("drift", 1.0, 10), attempt("stuck", None))
    told = json.loads(json.dumps(found.as_dict()))
    assert told["detectable"] == {"drift": None, "stuck": None}
    assert [(cell["kind"], cell["size"], cell["share"]) for cell in told["cells"]] == [
        ("drift", 1.0, 1.0), ("drift", 2.0, None), ("drift", 4.0, None), ("stuck", None, 0.0),
    ]  # fmt: skip
    assert [(cell["channel"], cell["size"]) for cell in told["channels"]] == [("a", 1.0)]
    assert len(told["attempts"]) == 11
