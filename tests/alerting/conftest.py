"""Policies with everything switched on, and readings that touch all of it."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tocsin.alerting import Judged
from tocsin.alerting.device_rule import DeviceRule
from tocsin.alerting.intent import Intent
from tocsin.alerting.policy import Policy
from tocsin.core.arrays import BoolArray

NAMES = ("pump-1", "pump-2", "fan")
MINUTE = 60 * 10**9
MORNING = int(np.datetime64("2026-03-29T00:00", "ns").astype(np.int64))
"""Of a Sunday on which the clocks of Berlin go forward."""

spans = st.integers(0, 12).map(lambda minutes: minutes * MINUTE)
ranges = st.sampled_from([(None, None), (-1.5, None), (None, 1.5), (-1.0, 1.0)])


@st.composite
def intents(draw: st.DrawFn) -> tuple[Intent, ...]:
    """Intents of some of two channels."""
    found = []
    for channel in draw(st.sets(st.sampled_from([0, 1]))):
        low, high = draw(ranges)
        own = Intent(
            channel=channel,
            direction=draw(st.sampled_from([None, "high", "low", "both"])),
            least=draw(st.sampled_from([None, 0.5, 1.0])),
            low=low,
            high=high,
            mute=draw(st.sampled_from([None, True, False])),
            raise_after=draw(st.sampled_from([None, 1, 4])),
            raise_after_ns=draw(spans),
        )
        found.append(own)
    return tuple(found)


rules = st.builds(
    DeviceRule,
    pattern=st.sampled_from(["pump-*", "pump-2", "*", "none"]),
    raise_after=st.sampled_from([None, 2]),
    release_below=st.sampled_from([None, 0.4]),
    cooldown_ns=st.none() | spans,
    limit_factor=st.sampled_from([0.5, 1.0, 1.7]),
    mute=st.booleans(),
    intents=intents(),
)

policies = st.builds(
    Policy,
    channels=st.just(2),
    raise_after=st.integers(1, 4),
    release_below=st.sampled_from([0.5, 0.9, 1.0]),
    release_after=st.integers(1, 4),
    cooldown=st.integers(0, 5),
    raise_after_ns=spans,
    release_after_ns=spans,
    cooldown_ns=spans,
    merge_within_ns=spans,
    quiet=st.sets(st.sampled_from(["00:30-02:30 Europe/Berlin", "Sun 03:10-04:00 Europe/Berlin", "Mon"])).map(tuple),
    maintenance=st.sets(
        st.sampled_from(["2026-03-29T00:20Z/2026-03-29T00:50Z", "2026-03-29T01:30Z/2026-03-29T01:40Z pump-*"])
    ).map(tuple),
    reach_ns=spans,
    intents=intents(),
    devices=st.lists(rules, max_size=2).map(tuple),
    usual=st.sampled_from([(), (0.0, 0.5)]),
)
"""Any policy for two channels, with all settings in play."""


def readings(seed: int, *, devices: int = 3, length: int = 40) -> tuple[Judged, BoolArray]:
    """Return a block of some three hours of readings on a morning in spring, and which of it counts."""
    rng = np.random.default_rng(seed)
    shape = (devices, length)
    score = rng.choice([0.3, 0.95, 1.5, 3.0, np.nan], p=[0.25, 0.1, 0.35, 0.2, 0.1], size=shape)
    shares = (score[..., None] * [0.25, 0.75] * rng.choice([0.5, 1.0], (*shape, 1))).astype(np.float32)
    shares[rng.random(shape) < 0.1] = np.nan
    values = rng.choice([-2.0, -0.7, 0.1, 0.7, 2.0, np.nan], (*shape, 2)).astype(np.float32)
    block = Judged(
        time=MORNING + np.cumsum(rng.integers(1, 9, size=shape), axis=1) * MINUTE,
        score=score,
        limit=np.where(np.isnan(score), np.nan, 1.0),
        by_channel=shares,
        fresh=rng.random(shape) < 0.05,
        regime=np.where(np.isnan(score), 0, rng.choice(3, size=shape, p=[0.9, 0.06, 0.04])).astype(np.uint8),
        values=values,
        expected=rng.choice([0.0, 0.4, np.nan], (*shape, 2)).astype(np.float32),
    )
    return block, np.arange(length)[None] < rng.integers(0, length + 1, size=(devices, 1))
