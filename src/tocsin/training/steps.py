"""The prepare steps that training seals into an artifact: clock and hold, as the recipe and the readings say."""

from __future__ import annotations

from tocsin.prepare.clock import Clock
from tocsin.prepare.impute import Impute
from tocsin.sources import Table
from tocsin.training.recipe import Recipe


def steps_of(table: Table, recipe: Recipe, *, length: int) -> tuple[Clock, Impute]:
    """Return the clock and the hold for a table.

    Parameters
    ----------
    table
        What is learned from.
    recipe
        Says how readings are gathered, and for how long values are held.
    length
        Readings in a window.
    """
    clock = _clock(table, recipe, length)
    return clock, Impute(clock.channels, hold_ns=clock.hold * clock.period_ns + clock.period_ns // 2)


def _clock(table: Table, recipe: Recipe, length: int) -> Clock:
    cadence = table.cadence
    period = int(recipe.period_s * 1e9) if recipe.period_s else cadence.period_ns
    align = recipe.clock == "on" or (recipe.clock == "auto" and not cadence.regular and not cadence.row_clock)
    lateness = period if recipe.lateness_s is None else int(recipe.lateness_s * 1e9)
    hold = _hold(recipe.hold, period, cadence.slowest_ns)
    return Clock(
        channels=len(table.readings.schema),
        period_ns=max(period, 1),
        align=align,
        lateness_ns=lateness if align else 0,
        hold=hold,
        restart=hold + length,
    )


def _hold(asked: int, period: int, slowest: int) -> int:
    """Return the periods for which a value is held: as asked, but until the slowest channel's next news at least."""
    return max(asked, -(-3 * slowest // (2 * period))) if 2 * slowest > 3 * period else asked
