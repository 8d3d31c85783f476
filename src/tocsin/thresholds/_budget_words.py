"""What a budget says of itself: what was promised, what stands behind it, and what does not."""

from __future__ import annotations

import math

import numpy as np

from tocsin.core.arrays import IntArray
from tocsin.core.reference import Reference
from tocsin.thresholds._evidence import Evidence
from tocsin.thresholds._poisson import at_most
from tocsin.thresholds._promise import Promise, days

_LOUD = 0.01
"""The chance at which, in a whole fleet that keeps the budget, a device is taken for one that does not."""

_MUCH = 0.02
"""The share of normal readings above the limit that is worth a sentence."""

_NOT_PROMISED = (
    "Not promised: anything about times unlike these readings. Another season, load or product may ring more often, "
    "and so may an ageing sensor. Then give newer normal readings: tocsin recalibrate."
)


def said(asked: Promise, evidence: Evidence, reference: Reference, rang: int) -> tuple[str, ...]:
    """Return what was promised and what stands behind it; nothing is called a promise that is not proven."""
    watched = f"{normal_span(evidence.watched, reference)} with {_alarms(rang)}"
    rate = _true_rate(asked, evidence, reference, rang)
    if not evidence.proves(rang):
        return (f"Counted on {watched}: {rate}.", *_company(evidence, reference), _NOT_PROMISED)
    stays = (
        f"A device has at most {_alarms(evidence.most)} in {_ahead(evidence, reference)} with a chance of "
        f"{100 * evidence.chance(rang):.0f} %."
    )
    return (
        f"At most {asked}: kept on {watched}; {rate}.",
        stays,
        *_shared(asked, reference),
        *_company(evidence, reference),
        _NOT_PROMISED,
    )


def sifted(reference: Reference, limit: float) -> tuple[str, ...]:
    """Return a sentence where much that is normal lies above a limit, and only the policy keeps it from ringing."""
    above = float(np.mean(reference.score > limit))
    if above <= _MUCH:
        return ()
    return (
        f"{100 * above:.0f} % of these normal readings lie above the limit and are marked as anomalous; what keeps "
        "them from ringing is the alarm policy alone.",
    )


def waits(heights: dict[int, float], raise_after: int) -> str:
    """Return why it rings after so many windows in a row, from the height of normal scores by that number."""
    row = "1 anomalous window" if raise_after == 1 else f"{raise_after} anomalous windows in a row"
    first, *more = heights.items()
    shown = "".join(f", {number} in a row {_figure(height)}" for number, height in more)
    last = "more are not tried" if raise_after == max(heights) else "each more takes off less than a tenth"
    return f"It rings after {row}: among normal readings one window reaches {_figure(first[1])}{shown}; {last}."


def warnings(asked: Promise, evidence: Evidence, reference: Reference, counts: IntArray) -> tuple[str, ...]:
    """Return what speaks against the promise: too few readings, alarms at any limit, a device unlike the rest."""
    rang = int(counts.sum())
    found = () if evidence.proves(rang) else (_unproven(asked, evidence, reference, rang),)
    return (*found, *_loud(evidence, reference, counts))


def span(periods: float, reference: Reference, *, up: bool = False) -> str:
    """Return so many periods in words, rounded to the nearest, or up.

    >>> span(46 * 24, Reference(np.zeros(2), np.arange(2), np.arange(2), period_ns=3600 * 10**9))
    '46 device-days'
    >>> span(1234.0, Reference.of(np.zeros(1)))
    '1,234 readings'
    """
    if _in_readings(periods, reference):
        return _counted(periods, "reading")
    long = days(periods, reference)
    number, unit = (long, "day") if long >= 2 else (24 * long, "hour")
    if up:
        number = _up(number) if number < 10 else math.ceil(number - 1e-9)
    return _counted(number, f"device-{unit}" if reference.devices > 1 else unit)


def normal_span(periods: float, reference: Reference) -> str:
    """Return so many periods of normal readings in words."""
    return (
        f"{_counted(periods, 'normal reading')}"
        if _in_readings(periods, reference)
        else f"{span(periods, reference)} of normal readings"
    )


def _in_readings(periods: float, reference: Reference) -> bool:
    """Tell whether to count readings, because there is no clock, or less than an hour by it."""
    return reference.row_clock or 24 * days(periods, reference) < 1


def _counted(number: float, unit: str) -> str:
    shown = _figure(number)
    return f"{shown} {unit}{'' if shown == '1' else 's'}"


def _alarms(count: int) -> str:
    return f"{count or 'no'} alarm{'' if count == 1 else 's'}"


def _true_rate(asked: Promise, evidence: Evidence, reference: Reference, rang: int) -> str:
    least, most = (_asked_rate(asked, reference, rate) for rate in evidence.between(rang))
    # rounded to the nearest, what misses the budget by a little would look as if it kept it
    low, high = _figure(least), _figure(most if evidence.proves(rang) else _up(most))
    percent = f"{100 * evidence.confidence:g} %"
    if not rang:
        return f"the true rate is at most {high} {asked.per} ({percent})"
    return f"the true rate is {low} to {high} {asked.per} ({percent} at each end)"


def _unproven(asked: Promise, evidence: Evidence, reference: Reference, rang: int) -> str:
    if evidence.allowed is not None:
        return (
            f"The promise of at most {asked} is not kept: whatever the limit, the policy rings {rang} times on "
            f"{normal_span(evidence.watched, reference)}. Look at the channels' expected ranges, or at the readings."
        )
    one = " of one device" if reference.devices == 1 and not reference.row_clock else ""
    tightest = _up(_asked_rate(asked, reference, evidence.tightest))
    above = "above all that these reach" if not rang else "as far above them as rings no more often"
    return (
        f"Not enough normal readings for that promise (at most {asked}): you have "
        f"{span(evidence.watched, reference)}{one}, and need about "
        f"{span(math.ceil(evidence.needed), reference, up=True)}. "
        f"The limit is the most cautious one, {above}, and no promise. "
        f"Give more: tocsin recalibrate ARTIFACT normal.csv; or bear more: {tightest:g} {asked.per} can be promised."
    )


def _loud(evidence: Evidence, reference: Reference, counts: IntArray) -> tuple[str, ...]:
    """Return a sentence for each device of a fleet that rings far above its budget."""
    devices, lengths = np.unique(reference.device, return_counts=True)
    if len(devices) < 2:
        return ()
    shares, whole = [evidence.rate * int(length) for length in lengths], int(counts.sum())
    return tuple(
        f"{_name(reference, int(device))} alone rings {count} of the {whole} times, where its share of the budget "
        f"is {_figure(share)}: it is unlike the others, or something is wrong with it. Look at it, or learn it alone."
        for device, count, share in zip(devices, counts.tolist(), shares, strict=True)
        if count > 1 and 1 - at_most(count - 1, share) < _LOUD / len(devices)
    )


def _name(reference: Reference, device: int) -> str:
    return reference.names[device] if device < len(reference.names) else f"Device {device}"


def _shared(asked: Promise, reference: Reference) -> tuple[str, ...]:
    """Return what a budget of the whole fleet means for each device."""
    if asked.each or asked.counts_readings or reference.devices == 1:
        return ()
    each = _figure(asked.alarms / reference.devices)
    return (f"It is shared by all {reference.devices} devices: {each} for each.",)


def _company(evidence: Evidence, reference: Reference) -> tuple[str, ...]:
    """Return what false alarms that come in company mean for the evidence."""
    if evidence.bursts == 1:
        return ()
    where = ", on several devices or on one," if reference.devices > 1 else ""
    return (
        f"False alarms come about {_figure(evidence.bursts)} at a time{where} so that these readings are worth no more "
        f"than {span(evidence.worth, reference)} would be if they came alone.",
    )


def _ahead(evidence: Evidence, reference: Reference) -> str:
    if reference.row_clock:
        return f"its next {_counted(evidence.horizon, 'reading')}"
    return f"its next {_counted(days(evidence.horizon, reference), 'day')}"


def _asked_rate(asked: Promise, reference: Reference, rate: float) -> float:
    """Return false alarms a device-period in the unit that was asked for."""
    return rate * asked.alarms / asked.rate(reference)


def _figure(value: float) -> str:
    """Return a number with two digits, or without a fraction.

    >>> _figure(0.0814), _figure(3.0), _figure(17.6), _figure(1234)
    ('0.081', '3', '18', '1,234')
    """
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:.2g}"


def _up(value: float) -> float:
    """Return the next number with two digits.

    >>> _up(5.6012), _up(0.161), _up(1234)
    (5.7, 0.17, 1300.0)
    """
    unit = 10.0 ** (math.floor(math.log10(value)) - 1)
    return float(f"{math.ceil(value / unit - 1e-9) * unit:.6g}")
