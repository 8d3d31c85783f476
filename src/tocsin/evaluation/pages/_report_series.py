"""What the charts draw, device by device: thinned arrays as base64, ranges and a histogram, ready for JSON."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tocsin.core.alerts import Incident
from tocsin.core.arrays import NEVER, FloatArray, IntArray
from tocsin.core.verdicts import Status
from tocsin.evaluation.pages._report_facts import Report
from tocsin.evaluation.pages._report_words import clean
from tocsin.evaluation.pages.thin import bucket_starts, extremes, gaps, ranges, worst_spread
from tocsin.evaluation.pictures._naming import unit_beside

MAX_DEVICES = 40
MAX_POINTS = 20_000
MAX_MARKS = 4_000
MAX_RANGES = 1_000
CELLS = 1_600_000
"""Numbers embedded in all: some 9 MB of page."""
BINS = 64


def payload(report: Report) -> dict[str, Any]:
    """Return what the page's script needs, fit for JSON."""
    shown = shown_devices(report)
    columns = len(report.schema) + 4 + int(np.isfinite(report.band).sum())
    points = int(np.clip(CELLS // (columns * max(len(shown), 1)), 400, MAX_POINTS))
    marks = int(np.clip(CELLS // (8 * columns * max(len(shown), 1)), 100, MAX_MARKS))
    return {
        "rowClock": report.row_clock,
        "channels": [
            {"name": clean(c.name), "unit": clean(unit_beside(c)), "band": band}
            for c, band in zip(report.schema.channels, _bands(report), strict=True)
        ],
        "statuses": [status.name for status in Status],
        "devices": [_Strip.of(report, index, rows).drawn(points, marks) for index, rows in _split(report, shown)],
    }


def _bands(report: Report) -> list[float | None]:
    """Return how far each channel's normal readings stray from what is expected; None where nothing is."""
    bands = report.band.tolist() or [np.nan] * len(report.schema)
    return [band if np.isfinite(band) else None for band in bands]


def shown_devices(report: Report) -> tuple[int, ...]:
    """Return the devices that get charts: all, or where there are too many those with the worst incidents."""
    worst: dict[int, float] = {}
    for incident in report.incidents:
        worst[incident.device] = max(worst.get(incident.device, 0.0), incident.severity)
    present = np.unique(report.device).tolist() if len(report.device) else []
    return tuple(sorted(present, key=lambda index: (-worst.get(index, 0.0), index))[:MAX_DEVICES])


def _split(report: Report, shown: tuple[int, ...]) -> Iterator[tuple[int, IntArray | slice]]:
    """Yield each device's rows with a readable time, in order of time: a slice where they lie so already."""
    many = len(np.unique(report.device)) > 1
    for index in shown:
        rows = np.flatnonzero((report.device == index) & (report.time != NEVER))
        time = report.time[rows]
        if len(time) and (np.diff(time) < 0).any():
            yield index, rows[np.argsort(time, kind="stable")]
        else:
            yield index, rows if many or len(rows) < len(report.time) else slice(None)


@dataclass(frozen=True, eq=False)
class _Strip:
    """One device's readings in order of time."""

    report: Report
    index: int
    rows: IntArray | slice
    time: IntArray
    incidents: tuple[Incident, ...]

    @staticmethod
    def of(report: Report, index: int, rows: IntArray | slice) -> _Strip:
        own = tuple(incident for incident in report.incidents if incident.device == index)
        return _Strip(report, index, rows, report.time[rows], own)

    @property
    def place(self) -> FloatArray:
        """The time axis as the script has it: ms since the epoch, or the row number."""
        return self.time.astype(np.float64) / (1.0 if self.report.row_clock else 1e6)

    def drawn(self, points: int, marks: int) -> dict[str, Any]:
        """Return everything the script draws for this device."""
        breaks = np.zeros(0, np.int64) if self.report.row_clock else gaps(self.time)
        starts = bucket_starts(len(self.time), points, detail=self._close_looks(), cuts=breaks)
        place = self.place
        return {
            "index": self.index,
            "name": clean(self.report.devices[self.index]),
            "readings": len(self.time),
            "exact": len(starts) == len(self.time),
            "complete": self._complete(starts),
            "x": _pack(place[starts], "<f8"),
            "end": float(place[-1]) if len(place) else 0.0,
            "breaks": np.searchsorted(starts, breaks).tolist(),
            **self._lines(starts),
            **self._ranges(place, breaks),
            "marks": self._marks(place, marks),
            "histogram": self._histogram(),
            **self._told(),
        }

    def _close_looks(self) -> list[tuple[int, int]]:
        ordered = sorted(self.incidents, key=lambda incident: -incident.severity)
        looks = []
        for incident in ordered:
            first, last = np.searchsorted(self.time, [incident.start, incident.end + 1])
            margin = max(int(last - first), 30)
            looks.append((max(int(first) - margin, 0), min(int(last) + margin, len(self.time))))
        return looks

    def _complete(self, starts: IntArray) -> bool:
        """Tell whether each reading of each incident is drawn."""
        ends = np.array([(incident.start, incident.end + 1) for incident in self.incidents], np.int64).reshape(-1, 2)
        first, last = np.searchsorted(self.time, ends).T
        held = np.searchsorted(starts, last) - np.searchsorted(starts, first)
        return bool((held == last - first).all())

    def _lines(self, starts: IntArray) -> dict[str, Any]:
        verdicts = self.report.verdicts
        base = _base(self.report.values)
        low, high = extremes(self.report.values[self.rows], starts)
        score_low, score_high = extremes(verdicts.score[self.rows], starts)
        limit, _ = extremes(verdicts.limit[self.rows], starts)
        same = len(starts) == len(self.time)
        return {
            "base": base.tolist(),
            "low": [_pack(column, "<f4") for column in (low - base).T],
            "high": None if same else [_pack(column, "<f4") for column in (high - base).T],
            "scoreLow": _pack(score_low, "<f4"),
            "scoreHigh": None if same else _pack(score_high, "<f4"),
            "limit": _pack(limit, "<f4"),
            "expected": self._expected(starts, base),
        }

    def _expected(self, starts: IntArray, base: FloatArray) -> list[dict[str, Any] | None]:
        """Return the least and the greatest value expected in each bucket; None for a channel without a band."""
        bands = _bands(self.report)
        if bands == [None] * len(bands):
            return []
        low, high = extremes(self.report.verdicts.expected[self.rows].astype(np.float64), starts)
        same = len(starts) == len(self.time)
        return [
            None
            if band is None
            else {
                "low": _pack(low[:, k] - base[k], "<f4"),
                "high": None if same else _pack(high[:, k] - base[k], "<f4"),
            }
            for k, band in enumerate(bands)
        ]

    def _ranges(self, place: FloatArray, breaks: IntArray) -> dict[str, Any]:
        status = self.report.verdicts.status[self.rows]
        labels = None if self.report.labels is None else self.report.labels[self.rows]
        away = [
            (*span, int(code))
            for code in np.unique(status[status != Status.ok])
            for span in ranges(status == code, place, MAX_RANGES, cuts=breaks)
        ]
        return {"labels": [] if labels is None else ranges(labels, place, MAX_RANGES, cuts=breaks), "away": away}

    def _marks(self, place: FloatArray, most: int) -> dict[str, Any]:
        verdicts = self.report.verdicts
        found = np.flatnonzero(verdicts.score[self.rows] > verdicts.limit[self.rows])
        with np.errstate(divide="ignore"):
            severity = verdicts.score[self.rows][found] / verdicts.limit[self.rows][found]
        kept = worst_spread(found, severity, most)
        rows = kept if isinstance(self.rows, slice) else self.rows[kept]
        values = self.report.values[rows] - _base(self.report.values)
        return {
            "all": len(found),
            "shown": len(kept),
            "x": _pack(place[kept], "<f8"),
            "score": _pack(verdicts.score[rows], "<f4"),
            "values": [_pack(column, "<f4") for column in values.T],
            "shares": [_pack(column, "u1") for column in _parts(verdicts.by_channel[rows]).T],
        }

    def _told(self) -> dict[str, Any]:
        worst = sorted(self.incidents, key=lambda incident: -incident.severity)[:MAX_RANGES]
        unit = 1.0 if self.report.row_clock else 1e6
        spans = sorted((incident.start / unit, incident.end / unit) for incident in worst)
        blame = np.zeros(len(self.report.schema))
        for incident in worst:
            blame[: len(incident.shares)] += np.nan_to_num(incident.shares)
        return {"incidents": spans, "blamed": np.argsort(-blame, kind="stable").tolist()}

    def _histogram(self) -> dict[str, Any] | None:
        score = self.report.verdicts.score[self.rows]
        limit = self.report.verdicts.limit[self.rows]
        score, limit = score[np.isfinite(score)], limit[np.isfinite(limit)]
        if not len(score) or not len(limit):
            return None
        limits = [float(limit.min()), float(np.median(limit)), float(limit.max())]
        return {"limits": limits, "linear": _bins(score, limits[2]), "log": _log_bins(score)}


def _base(values: FloatArray) -> FloatArray:
    """Return each channel's first finite value: float32 keeps a counter's steps only once the counter is taken off."""
    finite = np.isfinite(values)
    first = finite.argmax(axis=0) if len(values) else np.zeros(values.shape[1], np.int64)
    picked = values[first, np.arange(values.shape[1])] if len(values) else np.zeros(values.shape[1])
    return np.where(np.isfinite(picked), picked, 0.0)


def _parts(by_channel: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Return shares scaled so that each reading's largest is 255; 255 throughout where unattributed."""
    top = by_channel.max(axis=1, keepdims=True, initial=0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.clip(by_channel / top, 0.0, 1.0) * 255
    return np.where(np.isfinite(part), part, 255.0).round()


def _bins(score: FloatArray, limit: float) -> dict[str, Any]:
    """Return a histogram whose last bar gathers the long tail."""
    low, high = float(score.min()), float(min(score.max(), max(3 * limit, np.quantile(score, 0.99))))
    high = high if high > low else low + max(abs(low), 1.0)
    counts, edges = np.histogram(np.minimum(score, high), bins=BINS, range=(low, high))
    return {"edges": edges.tolist(), "counts": counts.tolist(), "tail": bool(score.max() > high)}


def _log_bins(score: FloatArray) -> dict[str, Any] | None:
    """Return a histogram over powers of ten of the scores above zero; None where there are hardly any."""
    above = score[score > 0]
    if len(above) < 0.9 * len(score) or above.min() == above.max():
        return None
    low = max(float(above.min()), float(above.max()) * 1e-9, float(np.quantile(above, 0.001)))
    counts, edges = np.histogram(np.log10(np.maximum(above, low)), bins=BINS)
    return {"edges": (10.0**edges).tolist(), "counts": counts.tolist(), "tail": False}


def _pack(array: npt.NDArray[Any], kind: str) -> str:
    with np.errstate(over="ignore"):  # beyond float32 is beyond any chart: it becomes infinite and is not drawn
        return base64.b64encode(np.ascontiguousarray(array, dtype=kind).tobytes()).decode("ascii")
