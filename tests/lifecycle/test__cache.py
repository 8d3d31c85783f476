"""Artifacts at hand: opened once, the longest unused go first, and nobody waits for another's."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tocsin.artifact import bundle
from tocsin.artifact.artifact import Artifact
from tocsin.core.errors import ArtifactError
from tocsin.lifecycle._cache import ArtifactCache


@pytest.fixture(scope="module")
def three(sealed: tuple[Path, Path, Path]) -> list[Artifact]:
    return [bundle.load(path) for path in sealed]


def refuse() -> Artifact:
    raise ArtifactError("It is lost.")


def test_many_who_ask_at_once_have_it_opened_once(three: list[Artifact]) -> None:
    cache, opened = ArtifactCache(1 << 20), list[int]()

    def open_it() -> Artifact:
        opened.append(1)
        time.sleep(0.05)
        return three[0]

    with ThreadPoolExecutor(16) as crowd:
        found = list(crowd.map(lambda _: cache.get("a", open_it), range(16)))
    assert opened == [1]
    assert all(one is three[0] for one in found)


def test_nobody_waits_for_another_artifact_to_open(three: list[Artifact]) -> None:
    cache, begun, go_on = ArtifactCache(1 << 20), threading.Event(), threading.Event()

    def slow() -> Artifact:
        begun.set()
        assert go_on.wait(20)
        return three[0]

    with ThreadPoolExecutor(1) as other:
        waiting = other.submit(cache.get, "a", slow)
        assert begun.wait(20)
        assert cache.get("b", lambda: three[1]) is three[1]
        assert cache.get("b", refuse) is three[1]
        go_on.set()
        assert waiting.result() is three[0]


def test_the_longest_unused_goes_first(three: list[Artifact]) -> None:
    most = sum(len(artifact.graph) for artifact in three[:2]) + 1000
    cache = ArtifactCache(most)
    for name, artifact in zip("aba", [three[0], three[1], three[0]], strict=True):
        cache.get(name, lambda artifact=artifact: artifact)  # type: ignore[misc]  # bound at once
    cache.get("c", lambda: three[2])
    assert cache.get("a", refuse) is three[0]
    with pytest.raises(ArtifactError):
        cache.get("b", refuse)


def test_what_could_not_be_opened_is_tried_again(three: list[Artifact]) -> None:
    cache = ArtifactCache(1 << 20)
    for _ in range(2):
        with pytest.raises(ArtifactError):
            cache.get("a", refuse)
    assert cache.get("a", lambda: three[0]) is three[0]
