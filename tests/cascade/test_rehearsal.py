"""The rehearsal of a cascade: what is sent is what the law forwards, and what is missed is found by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.cascade.conftest import Plant

from tocsin.artifact import bundle
from tocsin.artifact.artifact import Artifact
from tocsin.cascade import rehearsal_words as words
from tocsin.cascade._posted import arrivals_of, sent_bytes
from tocsin.cascade.rehearsal import rehearse
from tocsin.core.errors import SettingError
from tocsin.core.forwards import encode, raw_bytes
from tocsin.engine.forward import Forward
from tocsin.engine.scorer import Scorer
from tocsin.evaluation.pages.cascade_report import render
from tocsin.sources import Table, open_table
from tocsin.testing.live_fleet import LiveFleet
from tocsin.thresholds.fixed import Fixed

LAW = Forward(level=0.5, before=16, after=8)


@pytest.fixture(scope="module")
def table() -> Table:
    """Six devices, some of which go wrong for a while."""
    return open_table(LiveFleet(devices=6, readings=300, seed=4).table()).in_time_order()


@pytest.fixture(scope="module")
def edge(plant: Plant) -> Artifact:
    return bundle.load(plant.folder / "configured.tocsin")


@pytest.fixture(scope="module")
def centre(plant: Plant) -> Artifact:
    return bundle.load(plant.folder / "better.tocsin")


def with_limit(artifact: Artifact, limit: float) -> Artifact:
    limits = Fixed(limit).fit(artifact.evidence).limits
    return replace(artifact, calibration=replace(artifact.calibration, limits=limits))


def test_where_all_is_forwarded_nothing_is_lost(edge: Artifact, centre: Artifact, table: Table) -> None:
    found = rehearse(with_limit(edge, 1e-9), centre, table, forward=LAW)
    whole = Scorer(centre).judge(table)
    assert found.incidents == len(whole.incidents) > 3
    for step in found.steps:
        assert (step.forwarded, step.missed, step.lost, step.added) == (len(table), (), 0, 0)
        assert step.same == found.incidents
        assert set(step.later) == {0}
    assert found.recommended == 1.0
    np.testing.assert_array_equal(found.told, whole.verdicts.told)


def test_an_edge_that_hears_nothing_misses_everything(edge: Artifact, centre: Artifact, table: Table) -> None:
    found = rehearse(with_limit(edge, 1e12), centre, table, forward=LAW)
    step = found.chosen
    assert (step.forwarded, step.sent) == (0, 0)
    assert len(step.missed) == len(found.events) == found.incidents
    assert step.lost == found.incidents
    assert found.recommended is None
    assert "use another edge artifact" in " ".join(text for _, text in words.notes(found))


def test_what_is_forwarded_is_what_the_law_says(edge: Artifact, centre: Artifact, table: Table) -> None:
    found = rehearse(edge, centre, table, forward=LAW)
    small = Scorer(edge).judge(table).verdicts
    for step in found.steps:
        mask = replace(LAW, level=step.level).mask(small.score, small.limit, table.readings.device)
        assert step.forwarded == int(mask.sum())
    numbers = [step.forwarded for step in found.steps]
    assert numbers == sorted(numbers, reverse=True)
    assert found.raw == raw_bytes(arrivals_of(table))
    assert not found.chosen.missed
    assert found.saved(found.chosen) > 0.5


def test_labels_are_the_events_where_there_are_any(edge: Artifact, centre: Artifact, table: Table) -> None:
    told = Scorer(centre).judge(table).verdicts.told
    labels = told.copy()
    labels[:5] = True  # nobody finds this one: the window is not even full
    found = rehearse(edge, centre, replace(table, labels=labels), forward=LAW)
    assert (found.labelled, found.left) == (True, 1)
    assert len(found.events) == found.incidents


def test_bytes_are_those_of_the_messages(edge: Artifact, table: Table) -> None:
    small, arrivals = Scorer(edge).judge(table).verdicts, arrivals_of(table)
    mask, hot = LAW.mask(small.score, small.limit, arrivals.device), LAW.hot(small.score, small.limit)
    one = sent_bytes(arrivals, mask, hot, forward=LAW, gather_ns=10**18)
    assert one <= len(encode(arrivals.take(np.flatnonzero(mask)))) * 1.02
    assert sent_bytes(arrivals, mask, hot, forward=LAW, gather_ns=10**9) > 2 * one, "small messages cost more"


def test_a_reading_in_front_goes_when_the_hot_one_comes() -> None:
    table = open_table(LiveFleet(devices=1, readings=20, faulty=False).table())
    arrivals, hot = arrivals_of(table), np.arange(20) == 10
    law = Forward(level=0.5, before=4, after=2)
    mask = law.spread(hot, arrivals.device)
    sent = sent_bytes(arrivals, mask, hot, forward=law, gather_ns=10**9)
    parts = [arrivals.take(np.arange(6, 11)), arrivals.take(np.array([11])), arrivals.take(np.array([12]))]
    assert sent == sum(len(encode(own, context=(4, 2))) for own in parts)


def test_too_little_context_is_refused(edge: Artifact, centre: Artifact, table: Table) -> None:
    with pytest.raises(SettingError, match="do not fill the centre's window of 8"):
        rehearse(edge, centre, table, forward=Forward(level=0.5, before=3, after=8))


def test_the_page_and_the_words_tell_the_same(edge: Artifact, centre: Artifact, table: Table) -> None:
    found = rehearse(edge, centre, table, forward=LAW)
    facts = words.facts(found, LAW, files=("a", "b", "c"), gather="5s")
    page = render(words.page(found, table, facts=facts, title="a → b <x>"))
    assert "http" not in page.replace("http://www.w3.org", "").replace("http-equiv", "")
    assert "&lt;x&gt;" in page
    assert page.count("<tr") == len(found.steps) + 1
    assert words.document(found)["recommended"] == found.recommended
    assert "none of" in words.headline(found)
