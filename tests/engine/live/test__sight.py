from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from tests.engine.conftest import MINUTE, calm, gathering
from tests.engine.live.recovering import SELDOM, duty, fresh_store, stream
from tests.engine.live.streams import rows as readings_at

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrivals import Arrivals
from tocsin.core.frames import Frame, joined
from tocsin.core.notices import Notice
from tocsin.core.verdicts import Status
from tocsin.engine.live.feed import Feed
from tocsin.engine.live.lane import Lane
from tocsin.testing.toy_sources import Shelf, ShelfSource

WHOLE = stream()
Row = tuple[str, int, int, float, tuple[float, ...]]


def shown(artifact: Artifact, arrivals: Arrivals, *, cuts: Sequence[int] = ()) -> Frame:
    lane = Lane([duty(artifact)], shown=True)
    parts = [lane.take(arrivals.take(slice(*ends))) for ends in zip((0, *cuts), (*cuts, len(arrivals)), strict=True)]
    return joined([frame for tidings in (*parts, lane.finish()) for frame in tidings.frames])


def rows(frame: Frame) -> set[Row]:
    columns = (frame.device, frame.time, frame.status, np.nan_to_num(frame.score, nan=-1), np.nan_to_num(frame.values))
    return {
        (frame.devices[device], time, status, score, tuple(values))
        for device, time, status, score, values in zip(*(column.tolist() for column in columns), strict=True)
    }


def test_every_verdict_is_shown_with_the_values_it_is_about(zscore: Artifact) -> None:
    minutes = [float(k // 2) for k in range(80)]
    arrivals = readings_at(minutes, ["pump-1", "pump-2"] * 40, values=calm(80))
    frame = shown(zscore, arrivals)
    assert (frame.channels, frame.artifact) == (zscore.schema.names, duty(zscore).version)
    assert [frame.devices[k] for k in frame.device] == ["pump-1", "pump-2"] * 40
    assert np.array_equal(frame.time, arrivals.time)
    assert np.array_equal(frame.values, arrivals.values.astype(np.float32))
    assert (frame.status[24:] == Status.ok).all()


def test_readings_that_are_turned_away_are_not_shown(zscore: Artifact) -> None:
    frame = shown(zscore, readings_at([0, 1, 1, 2, 0.5]))
    assert frame.time.tolist() == readings_at([0, 1, 2]).time.tolist()


def test_a_silence_is_shown_where_it_is_told(zscore: Artifact) -> None:
    lane = Lane([duty(zscore)], shown=True)
    lane.take(readings_at([0, 1, 2]))
    (frame,) = lane.tick(60 * MINUTE).frames
    assert (frame.devices, frame.status.tolist()) == (("pump-1",), [Status.stale])
    assert np.isnan(frame.values).all()


@pytest.mark.parametrize("gathers", [False, True])
def test_it_does_not_matter_how_the_stream_is_cut(zscore: Artifact, gathers: bool) -> None:
    artifact = gathering(zscore) if gathers else zscore
    assert rows(shown(artifact, WHOLE)) == rows(shown(artifact, WHOLE, cuts=range(7, len(WHOLE), 41)))


def test_the_cause_is_the_channel_with_the_greatest_share_of_an_anomaly(zscore: Artifact) -> None:
    frame = shown(zscore, WHOLE)
    assert frame.anomaly.any()
    assert (frame.cause[~frame.anomaly] == -1).all()
    assert (frame.cause[frame.anomaly] >= 0).all()


def test_nobody_is_shown_anything_who_did_not_ask(zscore: Artifact) -> None:
    lane = Lane([duty(zscore)])
    assert lane.take(WHOLE).frames == lane.finish().frames == ()


def test_a_feed_shows_what_it_judged_once_it_is_safe(zscore: Artifact, tmp_path: Path) -> None:
    store = fresh_store(tmp_path)
    frames: list[Frame] = []
    news: list[Notice] = []

    def onlooker(found: Sequence[Frame], told: Sequence[Notice]) -> None:
        for notice in told:
            assert store.incident(notice.id)[0].notice.revision >= notice.revision
        frames.extend(found)
        news.extend(told)

    for _ in range(2):
        feed = Feed("plant", ShelfSource(Shelf({"": WHOLE})), [duty(zscore)], store, pace=SELDOM, onlooker=onlooker)
        feed.run(threading.Event())
    assert rows(joined(frames)) == rows(shown(zscore, WHOLE))
    kept = store.verdicts()
    assert {(one[0], one[1]) for one in rows(joined(frames))} >= {
        (kept.devices[device], time) for device, time in zip(kept.device.tolist(), kept.time.tolist(), strict=True)
    }
    assert len(news) == len(set(news)) == sum(len(store.incident(one.notice.id)[1]) for one in store.incidents())
    store.close()
