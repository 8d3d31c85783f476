"""Rehearsing an alarm: faults are put into normal readings, to learn which would ring before anything really fails."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from tocsin.artifact.artifact import Artifact
from tocsin.core.alerts import Incident
from tocsin.core.errors import SettingError
from tocsin.core.readings import Readings
from tocsin.engine.scorer import Scorer
from tocsin.sources import Table
from tocsin.training.rehearse._stretches import ground_of
from tocsin.training.rehearse._trials import Case, Plan
from tocsin.training.rehearse.rehearsal import Attempt, Rehearsal
from tocsin.training.simulate import KINDS

USUAL_KINDS = tuple(kind for kind in KINDS if kind != "drop")
"""All kinds; a drop is a level shift downwards."""

USUAL_SIZES = (0.5, 1.0, 2.0, 4.0, 8.0)

_VALUES = 1 << 22
"""Values that are scored at a time: bounds memory, and changes nothing else."""


def rehearse(
    scorer: Scorer,
    table: Table,
    *,
    kinds: Sequence[str] = USUAL_KINDS,
    sizes: Sequence[float] = USUAL_SIZES,
    trials: int = 20,
    seed: int = 0,
) -> Rehearsal:
    """Put faults of each kind and size into stretches of normal readings, score them, and tell which rang.

    Each stretch is scored as a device of its own on the artifact's whole way: clock, hold, graph, limit, policy. A
    fault rings if an incident is told that begins while the fault lasts, or within ``raise_after`` readings after it.
    Readings that are labelled anomalous are passed over. The same stretches, places and lengths serve all sizes.

    Parameters
    ----------
    scorer
        The trained alarm.
    table
        Normal readings, better such that it has not learned from. Sizes are in deviations of these readings: each
        channel's standard deviation about its device's mean.
    kinds
        Kinds of faults, see :class:`tocsin.training.simulate.Fault`.
    sizes
        Sizes in deviations.
    trials
        Stretches for each kind and size.
    seed
        Of all chance: same seed, same rehearsal.

    Raises
    ------
    SettingError
        If a kind is unknown, a size is not above 0, or there are no trials.
    InputError
        If there are too few normal readings, or none of the channels varies.
    """
    _check(kinds, sizes, trials)
    artifact = scorer.artifact
    table = _timed(table.in_time_order(), artifact)
    ground = ground_of(table, artifact)
    plan = Plan.of(ground, artifact, trials=trials, seed=seed)
    calm = [told for _, told in _heard(scorer, plan, plan.calm())]
    attempts = _attempts(plan, calm, _heard(scorer, plan, plan.cases(kinds, sizes, seed)), artifact)
    row_clock = table.cadence.row_clock and artifact.provenance.row_clock
    return Rehearsal(
        kinds=tuple(kinds),
        sizes=tuple(float(size) for size in sizes),
        trials=trials,
        seed=seed,
        period_s=None if row_clock else artifact.clock.period_ns / 1e9,
        readings=int(ground.normal.sum()),
        stretch=plan.length,
        deviation=dict(zip(artifact.schema.names, plan.unit.tolist(), strict=True)),
        false_alarms=sum(any(plan.warm <= one.begin for one in told) for told in calm) / trials,
        notes=tuple(_notes(table, artifact, plan, calm)),
        attempts=tuple(replace(one, delay_s=None) if row_clock else one for one in attempts),
    )


def _check(kinds: Sequence[str], sizes: Sequence[float], trials: int) -> None:
    listed = f"Choose from: {', '.join(KINDS)}."
    for kind in kinds:
        if kind not in KINDS:
            raise SettingError(f"There is no fault {kind!r}.", remedy=listed)
    if not kinds or len(set(kinds)) < len(kinds):
        raise SettingError("Each kind of fault is named once, and one at least.", remedy=listed)
    if not sizes or len(set(sizes)) < len(sizes) or not all(0 < size < np.inf for size in sizes):
        raise SettingError("Sizes are different numbers above 0.", remedy="For example: --sizes 0.5,1,2,4,8")
    if not 1 <= trials <= 10_000:
        raise SettingError(f"{trials} trials cannot be made.", remedy="Give 1 to 10,000.")


def _timed(table: Table, artifact: Artifact) -> Table:
    """Return the table with a row a period, where its rows are counted but the artifact knows times."""
    if not table.cadence.row_clock or artifact.provenance.row_clock:
        return table
    return replace(table, readings=replace(table.readings, time=table.readings.time * artifact.clock.period_ns))


@dataclass(frozen=True)
class _Opened:
    """An incident that was told in a stretch: readings at which it began and was told, and its cause."""

    begin: int
    told: int
    cause: str | None


def _heard(scorer: Scorer, plan: Plan, cases: Iterator[Case]) -> Iterator[tuple[Case, list[_Opened]]]:
    """Yield each case with what was told in it; so many are scored at a time as fit into memory easily."""
    most = max(1, _VALUES // (plan.length * len(scorer.artifact.schema)))
    while some := list(islice(cases, most)):
        yield from zip(some, _score(scorer, plan, some), strict=True)


def _score(scorer: Scorer, plan: Plan, cases: Sequence[Case]) -> list[list[_Opened]]:
    """Score cases as devices of one fleet; return what was told in each."""
    rows = plan.starts[[case.stretch for case in cases]][:, None] + np.arange(plan.length)
    values = np.stack([case.values for case in cases])
    news = plan.ground.known[rows]
    news[:, 0] = True
    times = plan.ground.time[rows]
    channels = values.shape[2]
    readings = Readings(
        scorer.artifact.schema,
        np.repeat(np.arange(len(cases)), plan.length),
        times.ravel(),
        np.where(news, values, np.nan).reshape(-1, channels),
        row=np.arange(times.size),
    )
    verdicts = scorer.run(readings, [str(k) for k in range(len(cases))])
    told: list[list[_Opened]] = [[] for _ in cases]
    for event in verdicts.events:
        if event.kind == "open":
            own = event.incident
            begin, end = np.searchsorted(times[own.device], (own.start, own.end)).tolist()
            told[own.device].append(_Opened(begin, end, _cause(own, scorer.artifact.schema.names)))
    return told


def _cause(incident: Incident, names: Sequence[str]) -> str | None:
    return names[int(np.argmax(incident.shares))] if incident.shares else None


def _masked(plan: Plan, told: Sequence[_Opened]) -> bool:
    """Tell whether a stretch rang before the fault began: then it cannot ring for the fault alone."""
    return any(one.told < plan.warm for one in told)


def _attempts(
    plan: Plan, calm: Sequence[Sequence[_Opened]], heard: Iterable[tuple[Case, list[_Opened]]], artifact: Artifact
) -> Iterator[Attempt]:
    """Yield what became of each fault; ``calm`` is what was told in each stretch without any."""
    names = artifact.schema.names
    for case, opened in heard:
        if case.fault is None or _masked(plan, calm[case.stretch]):
            continue
        last = case.fault.end + artifact.policy.raise_after
        rang = _first(opened, plan.warm, last)
        times = plan.ground.time[plan.starts[case.stretch] :]
        yield Attempt(
            kind=case.fault.kind,
            size=case.size,
            channels=tuple(names[k] for k in case.fault.channels),
            delay=None if rang is None else rang.told - plan.warm,
            delay_s=None if rang is None else float(times[rang.told] - times[plan.warm]) / 1e9,
            cause=None if rang is None else rang.cause,
            by_chance=_first(calm[case.stretch], plan.warm, last) is not None,
        )


def _first(opened: Sequence[_Opened], begin: int, end: int) -> _Opened | None:
    return next((one for one in opened if begin <= one.begin < end), None)


def _notes(table: Table, artifact: Artifact, plan: Plan, calm: Sequence[Sequence[_Opened]]) -> Iterator[str]:
    constant = [name for name, unit in zip(artifact.schema.names, plan.unit, strict=True) if not unit]
    if constant:
        yield f"{', '.join(constant)}: constant in these readings, so faults there have no size; not tried."
    if table.labels is not None and table.labels.any():
        yield f"{int(table.labels.sum())} readings are labelled anomalous and were passed over."
    if (apart := plan.apart()) < len(plan.starts):
        yield (
            f"The normal readings hold only {apart} stretches of {plan.length} that do not overlap: the "
            f"{len(plan.starts)} trials tell little more than that many."
        )
    if masked := sum(_masked(plan, told) for told in calm):
        yield f"{masked} of {len(calm)} stretches rang before the fault began and were left out."
    own = artifact.provenance
    if not own.row_clock and own.start <= plan.ground.time[plan.starts].max() and plan.ground.time.min() <= own.end:
        yield (
            "Some of these readings lie in the time that it learned from: what is told of false alarms may flatter, "
            "and missed faults may be more."
        )
