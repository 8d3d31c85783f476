"""Trials of a search: each point judged on all blocks and kept as soon as it is known, none of them twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic

from tocsin.core.errors import InputError, TocsinError
from tocsin.core.progress import report
from tocsin.evaluation.judgement import judge
from tocsin.evaluation.scoreboard import MAIN
from tocsin.training.lab.compare import pooled
from tocsin.training.lab.sensitivity import Point
from tocsin.training.recipe import Recipe
from tocsin.training.tune._ground import Found, Task
from tocsin.training.tune._record import Record
from tocsin.training.tune.plan import METRICS, Plan
from tocsin.training.tune.space import Space
from tocsin.training.tune.tuning import Tried

Crew = Callable[[Sequence[Task]], Iterator[tuple[Task, Found]]]
"""Does tasks, side by side or one after the other, and yields what came of each."""

_FIGURES = (*METRICS, *(column.figure for column in MAIN))
"""What is kept of a trial's judgement."""

USUAL_TRIALS = 30


@dataclass(frozen=True)
class Trials:
    """Makes trials and keeps them.

    Parameters
    ----------
    kept
        Where they are kept.
    run
        Does the work.
    recipe
        What all of them share.
    plan
        Blocks, metric and number of trials.
    until
        When nothing new is begun any more, by :func:`time.monotonic`.
    """

    kept: Record
    run: Crew
    recipe: Recipe
    plan: Plan
    until: float

    @property
    def last(self) -> int:
        """The last place there is."""
        most = self.kept.space.count if self.plan.sampler == "grid" else None
        return min(self.plan.trials or most or USUAL_TRIALS, most or self.plan.trials or USUAL_TRIALS)

    @property
    def over(self) -> bool:
        """True where there is no time left, or nothing that has not been tried."""
        space = self.kept.space
        inside = {one.point for one in self.kept.tried() if space.holds(one.point)}
        return monotonic() > self.until or (space.count is not None and len(inside) >= space.count)

    def make(self, points: Mapping[int, Point]) -> None:
        """Judge the points that were not judged before; a point that was, at another place, is not judged again.

        Raises
        ------
        InputError
            If the untuned settings, at place 0, fail.
        """
        done = self.kept.tried()
        known = {one.point: one for one in done}
        waiting = {place: point for place, point in points.items() if place not in {one.place for one in done}}
        new = {point: place for place, point in reversed(waiting.items()) if point not in known}
        for one in self._judged({place: point for point, place in sorted(new.items(), key=lambda pair: pair[1])}):
            known[one.point] = one
            self._keep(one)
        for place, point in waiting.items():
            if point in known and known[point].place != place:
                self._keep(replace(known[point], place=place, seconds=0.0))

    def _keep(self, one: Tried) -> None:
        self.kept.add(one)
        tried = self.kept.tried()
        note = f"best {self.plan.metric.replace('_', '-').upper()} {max(t.value for t in tried):.3f}"
        report("tuning", len(tried), self.last + 1, note)

    def _judged(self, points: Mapping[int, Point]) -> Iterator[Tried]:
        """Yield each point when all of its blocks are done; those that have not begun when time is up are left."""
        recipes, failed = _recipes(self.kept.space, self.recipe, points)
        for place, failure in failed.items():
            yield self._told(place, points[place], [Found(None, failure, 0.0)])
        tasks = [Task(place, recipe, fold) for place, recipe in recipes.items() for fold in range(self.plan.folds)]
        found: dict[int, list[Found]] = {place: [] for place in recipes}
        for task, result in self.run(tasks):
            found[task.place].append(result)
            if len(found[task.place]) == self.plan.folds:
                yield self._told(task.place, points[task.place], found[task.place])
                if monotonic() > self.until:
                    return

    def _told(self, place: int, point: Point, found: Sequence[Found]) -> Tried:
        """Judge all blocks as one; whoever failed on one of them found nothing."""
        seconds = sum(one.seconds for one in found)
        failure = next((one.failure for one in found if one.failure), "")
        if failure and not place:
            raise InputError(f"The untuned settings fail: {failure}")
        if failure:
            return Tried(place, point, 0.0, {}, seconds, failure)
        figures = judge(pooled([one.outcome for one in found if one.outcome is not None])).flat()
        kept = {name: figures[name] for name in dict.fromkeys(_FIGURES)}
        return Tried(place, point, float(figures[self.plan.metric] or 0.0), kept, seconds)


def _recipes(space: Space, recipe: Recipe, points: Mapping[int, Point]) -> tuple[dict[int, Recipe], dict[int, str]]:
    """Return the recipes at ``points``, and why some cannot be: settings that do not go together."""
    made: dict[int, Recipe] = {}
    failed: dict[int, str] = {}
    for place, point in points.items():
        try:
            made[place] = space.recipe(recipe, point) if place else recipe
        except TocsinError as error:
            failed[place] = str(error)
    return made, failed
