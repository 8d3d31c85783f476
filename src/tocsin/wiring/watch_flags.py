"""What ``tocsin watch`` is told on the command line, laid over what its config says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tocsin.core.errors import SettingError
from tocsin.wiring.sections import LIVE, live_sections, read_config
from tocsin.wiring.urls import Written
from tocsin.wiring.watch_plan import WatchPlan

_SPLIT = ("mqtt", "mqtts")
"""Sources whose devices are split among workers; Kafka hands its partitions out itself."""


@dataclass(frozen=True, kw_only=True)
class WatchFlags:
    """Flags of ``tocsin watch``; None and empty leave what the config says, or the default.

    Parameters
    ----------
    artifact
        Takes the place of all [watch.NAME].
    sources, sinks
        Take the place of all [source.NAME], [sink.NAME].
    store, metrics, service
        Take the place of [store] url, [metrics] address and [service] url.
    name
        What the source is called in the store; where left out, its address.
    stale_after, keep, devices
        Of all duties.
    batch_rows, batch_ms
        Of all sources.
    trusted_keys
        Files of public keys; take the place of [trust] keys.
    workers, worker
        How many processes share the devices of MQTT sources, and which of them this is, from 0.
    once
        End where a growing file ends, instead of waiting for more.

    Examples
    --------
    >>> flags = WatchFlags(artifact=Path("env.tocsin"), sources=("tail:readings.csv",), keep="all", once=True)
    >>> plan = flags.plan(None)
    >>> plan.sources["tail:readings.csv"].url, plan.duties[""].keep
    ('tail:readings.csv?follow=no', 'all')
    """

    artifact: Path | None = None
    sources: Sequence[str] = ()
    sinks: Sequence[str] = ()
    store: str | None = None
    metrics: str | None = None
    service: str | None = None
    name: str | None = None
    stale_after: str | None = None
    keep: str | None = None
    devices: Sequence[str] = ()
    batch_rows: int | None = None
    batch_ms: float | None = None
    workers: int | None = None
    worker: int | None = None
    once: bool = False
    trusted_keys: Sequence[str] = ()

    def plan(self, config: Path | None) -> WatchPlan:
        """Return what is to be done.

        Parameters
        ----------
        config
            A tocsin.toml, None where there is none.

        Raises
        ------
        SettingError
            With the first thing that is wrong, and its place.
        """
        self._check()
        given = read_config(config)
        replaced = {"source": bool(self.sources), "sink": bool(self.sinks), "watch": self.artifact is not None}
        found = live_sections({name: {} if replaced.get(name) else given.get(name, {}) for name in LIVE})
        if self.sources:
            found["source"] = self._sources()
        if self.sinks:
            found["sink"] = {name: {"url": url} for name, url in _named("sinks", self.sinks).items()}
        if self.artifact is not None:
            found["watch"] = {"": {"artifact": str(self.artifact.absolute())}}
        for section, own in self._more().items():
            for place in found[section].values() if section in replaced else [found[section]]:
                place |= own
        found["source"] = {name: self._adapted(name, own) for name, own in found["source"].items()}
        flagged = frozenset(name for name, is_flag in replaced.items() if is_flag)
        return WatchPlan.of(found, folder=config.parent if config else Path(), flagged=flagged)

    def _more(self) -> dict[str, dict[str, Any]]:
        """Return the flags that change a setting of each section, by section."""
        every: dict[str, dict[str, Any]] = {
            "store": {"url": self.store},
            "metrics": {"address": self.metrics},
            "service": {"url": self.service},
            "trust": {"keys": tuple(self.trusted_keys) or None},
            "source": {"batch_rows": self.batch_rows, "batch_ms": self.batch_ms},
            "watch": {"stale_after": self.stale_after, "keep": self.keep, "devices": tuple(self.devices) or None},
        }
        return {
            section: {name: value for name, value in own.items() if value is not None} for section, own in every.items()
        }

    def _check(self) -> None:
        if (self.workers is None) != (self.worker is None):
            raise SettingError("--workers and --worker go together.", remedy="For example: --workers 3 --worker 0")
        if self.workers is not None and self.worker is not None and not 0 <= self.worker < self.workers:
            raise SettingError(
                f"--worker {self.worker} of --workers {self.workers} there is not.",
                remedy=f"Workers are counted from 0 to {max(self.workers, 1) - 1}.",
            )
        if self.name is not None and len(self.sources) != 1:
            raise SettingError("--name is for one --source.", remedy="Name several as [source.NAME] in a tocsin.toml.")

    def _sources(self) -> dict[str, dict[str, Any]]:
        if self.name is not None:
            return {self.name: {"url": self.sources[0]}}
        places = [Written.parse("sources", url, where="--source").place() for url in self.sources]
        if len(set(places)) < len(places):
            raise SettingError("A --source is given twice.", remedy="Give it once.")
        return {place: {"url": url} for place, url in zip(places, self.sources, strict=True)}

    def _adapted(self, name: str, section: Mapping[str, Any]) -> dict[str, Any]:
        """Return a source's section with what is said of workers, and of its end, in its URL."""
        kind, url = str(section.get("url", "")).partition(":")[0], str(section.get("url", ""))
        if self.workers is not None and kind in _SPLIT:
            url = _with(url, f"workers={self.workers}&worker={self.worker}")
        elif self.workers not in (None, 1):
            raise SettingError(
                f"{name} cannot be split among workers.", remedy="Only MQTT can; of Kafka, start as many as you like."
            )
        if self.once and kind == "tail":
            url = _with(url, "follow=no")
        elif self.once and kind != "replay":
            raise SettingError(f"{name} has no end.", remedy="--once is for tail and replay.")
        return {**section, "url": url} if url else dict(section)


def _with(url: str, settings: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}{settings}"


def _named(room: str, urls: Sequence[str]) -> dict[str, str]:
    """Return sinks by name: that of their kind, with a number where there are several of one.

    >>> list(_named("detectors", ["pca:", "ewma:", "pca:2"]))
    ['pca', 'ewma', 'pca-2']
    """
    found: dict[str, str] = {}
    for url in urls:
        kind = Written.parse(room, url, where="--sink").name
        names = [kind, *(f"{kind}-{number}" for number in range(2, len(urls) + 1))]
        found[next(name for name in names if name not in found)] = url
    return found
