"""Made-up reports: daily rhythms with faults in known places, judged as an engine would."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tocsin.core.alerts import Incident
from tocsin.core.arrays import NEVER, BoolArray, FloatArray, IntArray
from tocsin.core.schema import Channel, Schema
from tocsin.core.verdicts import Status, Verdicts
from tocsin.evaluation.events import event_recall
from tocsin.evaluation.metrics.points import point_metrics
from tocsin.evaluation.outcome import Outcome
from tocsin.evaluation.pages.report import Report

START = 1_704_067_200 * 10**9
STEP = 600 * 10**9
NAMES = (("temperature", "°C"), ("humidity", "%"), ("light", "lx"), ("loudness", "dB"), ("air_quality", ""))
KINDS = ("spike", "drop", "drift", "stuck")

MakeReport = Callable[..., Report]
MakeOutcome = Callable[..., Outcome]


def make_report(
    *,
    rows: int = 2000,
    channels: int = 5,
    devices: int = 1,
    labelled: bool = True,
    row_clock: bool = False,
    seed: int = 7,
) -> Report:
    """Return a report of ``rows`` readings a device with an incident for every 1,000 of them or so."""
    random = np.random.default_rng(seed)
    schema = Schema(tuple(Channel(*NAMES[k]) if k < 5 else Channel(f"sensor_{k:02d}", "V") for k in range(channels)))
    device = np.repeat(np.arange(devices), rows)
    tick = np.tile(np.arange(rows), devices)
    values = rhythm(tick, channels, random)
    labels, kind, size, at_fault = faults(values, rows, random)
    verdicts = judge(labels, at_fault, channels, device=device, tick=tick, row_clock=row_clock, random=random)
    names = tuple(f"pump-{k + 1}" for k in range(devices))
    scored = verdicts.status == Status.ok
    found = event_recall(labels, verdicts.anomaly, scored=scored, kind=kind, size=size, device=device)
    return Report(
        title="environment.csv",
        schema=schema,
        devices=names,
        device=device,
        time=verdicts.time,
        row_clock=row_clock,
        values=values,
        verdicts=verdicts,
        incidents=tell(verdicts),
        labels=labels if labelled else None,
        quality=(
            ("ok", "No times are missing, repeated or out of order."),
            ("info", "The cadence is 10 min; 3 gaps, the longest 2 h 10 min from 14 Jan 2024, 03:20."),
            ("warning", "light is constant for 41 % of the readings."),
        ),
        settings={
            "Detector": "lstm_autoencoder",
            "Window": "10 readings",
            "Scale": "minmax",
            "Raise after": "3 windows",
        },
        provenance={
            "tocsin": "0.1.0",
            "Trained on": "4,590 readings, 1 Jan – 1 Feb 2024",
            "Seed": "0",
            "Data": "b1946ac92492d234",
        },
        threshold={
            "Rule": "percentile 99.5",
            "Limit": "0.01",
            "Calibrated on": "984 normal readings",
            "warning": "984 calibration readings are few for percentile 99.5: some 5 of them lie above it.",
        },
        curves={
            "training_loss": tuple((0.09 * np.exp(-np.arange(40) / 6) + 0.002).tolist()),
            "validation_loss": tuple((0.1 * np.exp(-np.arange(40) / 6) + 0.003).tolist()),
        },
        metrics=point_metrics(labels, verdicts.anomaly, scored=scored) if labelled else None,
        recall_by_kind=found if labelled else None,
    )


def rhythm(tick: IntArray, channels: int, random: np.random.Generator) -> FloatArray:
    """Return daily rhythms of different heights and phases, with noise and a stretch of missing values."""
    phase, level = random.uniform(0, 6.28, channels), random.uniform(5, 60, channels)
    values = level + 0.2 * level * np.sin(tick[:, None] * 2 * np.pi / 144 + phase)
    values += random.normal(0, 0.02, values.shape) * level
    values[(tick > 0.41 * tick.max()) & (tick < 0.42 * tick.max()), 0] = np.nan
    return values


def faults(
    values: FloatArray, rows: int, random: np.random.Generator
) -> tuple[BoolArray, list[str], FloatArray, IntArray]:
    """Change ``values`` in place; return labels, kinds, sizes in σ and the channel at fault per reading."""
    labels, size, at_fault = np.zeros(len(values), bool), np.full(len(values), np.nan), np.zeros(len(values), np.int64)
    kind = [""] * len(values)
    for start in range(rows // 8, len(values), max(rows // 6, 8)):
        length = min(int(random.integers(5, 40)), max(rows // 20, 2))
        event = slice(start, min(start + length, len(values)))
        channel, sigma = int(random.integers(values.shape[1])), float(random.uniform(0.5, 6))
        values[event, channel] += sigma * np.nanstd(values[:, channel])
        labels[event], size[event], at_fault[event] = True, sigma, channel
        kind[event] = [KINDS[start % len(KINDS)]] * (event.stop - event.start)
    return labels, kind, size, at_fault


def judge(
    labels: BoolArray,
    at_fault: IntArray,
    channels: int,
    *,
    device: IntArray,
    tick: IntArray,
    row_clock: bool,
    random: np.random.Generator,
) -> Verdicts:
    """Return verdicts that mostly agree with the labels; the first nine readings of a device are warming."""
    rows = len(labels)
    score = random.lognormal(-5.4, 0.35, rows) * np.where(labels, random.lognormal(1.6, 0.5, rows), 1)
    status = np.where(tick < 9, Status.warming, Status.ok).astype(np.uint8)
    status[(tick > 0.41 * tick.max()) & (tick < 0.42 * tick.max())] = Status.gap
    score[status != Status.ok] = np.nan
    share = random.dirichlet(np.full(channels, 0.6), rows)
    share[np.arange(rows), at_fault] += 2.0
    share = (share / share.sum(1, keepdims=True) * score[:, None]).astype(np.float32)
    limit = np.where(status == Status.ok, 0.01, np.nan)
    incident = np.where(labels & (score > limit), tick, NEVER)
    time = tick.astype(np.int64) if row_clock else START + tick * STEP
    return Verdicts(
        device, time, score, limit, status, share, incident, np.arange(rows), np.zeros((rows, 0), np.float32)
    )


def tell(verdicts: Verdicts) -> tuple[Incident, ...]:
    """Return an incident for each run of three anomalies or more."""
    flagged = verdicts.anomaly
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flagged.astype(np.int8), [0]])))
    told = []
    for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if stop - start < 3:
            continue
        peak = start + int(verdicts.score[start:stop].argmax())
        share = verdicts.by_channel[start:stop].sum(0)
        told.append(
            Incident(
                device=int(verdicts.device[start]),
                start=int(verdicts.time[start]),
                peak=int(verdicts.time[peak]),
                end=int(verdicts.time[stop - 1]),
                peak_score=float(verdicts.score[peak]),
                peak_limit=float(verdicts.limit[peak]),
                shares=tuple((share / share.sum()).tolist()),
                open=stop == len(flagged),
            )
        )
    return tuple(told)


@pytest.fixture(scope="session")
def make() -> MakeReport:
    """The maker of reports: ``make(rows=…, channels=…, devices=…, labelled=…, row_clock=…)``."""
    return make_report


def make_outcome(
    labels: str, flags: str = "", *, told: str = "", score: FloatArray | None = None, device: IntArray | None = None
) -> Outcome:
    """Return an outcome from pictures such as ``"..##.."``; scores are 1 where flagged, else 0, and NaN at ``"?"``."""
    flags = flags or "." * len(labels)
    truth, said, heard = (np.array([mark == "#" for mark in text], bool) for text in (labels, flags, told or flags))
    found = said.astype(float) if score is None else np.asarray(score, np.float64)
    found = np.where(np.array([mark == "?" for mark in flags], bool), np.nan, found)
    owner = np.zeros(len(labels), np.int64) if device is None else np.asarray(device, np.int64)
    time = np.zeros(len(labels), np.int64)
    for k in np.unique(owner):
        time[owner == k] = START + STEP * np.arange(np.count_nonzero(owner == k))
    limit = np.where(np.isnan(found), np.nan, 0.5)
    return Outcome(labels=truth, score=found, anomaly=said, told=heard, limit=limit, time=time, device=owner)


@pytest.fixture(scope="session")
def outcome() -> MakeOutcome:
    """The maker of outcomes; see :func:`make_outcome`."""
    return make_outcome
