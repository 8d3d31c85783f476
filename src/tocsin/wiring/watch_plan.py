"""What a watch is to do, as written in a file or with flags: checked as far as it can be without opening a thing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tocsin.alerting.span import Span
from tocsin.core.errors import SettingError
from tocsin.wiring._build import build
from tocsin.wiring.cascade_settings import CascadeSettings
from tocsin.wiring.duty_settings import DutySettings
from tocsin.wiring.metrics_settings import MetricsSettings
from tocsin.wiring.sections import live_sections
from tocsin.wiring.service_settings import ServiceSettings
from tocsin.wiring.sink_settings import SinkSettings
from tocsin.wiring.source_settings import SourceSettings
from tocsin.wiring.store_settings import StoreSettings
from tocsin.wiring.trust_settings import TrustSettings

FLAGS = {"source": "--source", "sink": "--sink", "watch": "--"}
"""What a section's entries are called where they were given by flags."""


@dataclass(frozen=True)
class WatchPlan:
    """What a watch is to do.

    Parameters
    ----------
    store, metrics
        As in the sections of these names.
    sources, sinks, duties
        Those of [source.NAME], [sink.NAME] and [watch.NAME], by name. A duty's name is "" where there is one artifact,
        given on the command line.
    service, cascade, trust
        As in the sections of these names.
    folder
        What relative paths of artifacts start from.
    flagged
        Sections that flags have replaced.
    """

    store: StoreSettings
    sources: Mapping[str, SourceSettings]
    sinks: Mapping[str, SinkSettings]
    duties: Mapping[str, DutySettings]
    metrics: MetricsSettings
    service: ServiceSettings = field(default_factory=ServiceSettings)
    cascade: CascadeSettings = field(default_factory=CascadeSettings)
    trust: TrustSettings = field(default_factory=TrustSettings)
    folder: Path = field(default_factory=Path)
    flagged: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls, config: Mapping[str, Mapping[str, Any]], *, folder: Path, flagged: frozenset[str] = frozenset()
    ) -> WatchPlan:
        """Return the plan that a config's sections make, complete and without contradictions.

        Parameters
        ----------
        config
            Sections by name, as :func:`tocsin.wiring.read_config` returns them.
        folder, flagged
            As above.

        Raises
        ------
        SettingError
            With the first thing that is wrong, and its place.
        """
        found = live_sections(config)
        plan = cls(
            build(StoreSettings, found["store"], "[store]"),
            {name: build(SourceSettings, own, f"[source.{name}]") for name, own in found["source"].items()},
            {name: build(SinkSettings, own, f"[sink.{name}]") for name, own in found["sink"].items()},
            {name: build(DutySettings, _plain(own, name), f"[watch.{name}]") for name, own in found["watch"].items()},
            build(MetricsSettings, found["metrics"], "[metrics]"),
            build(ServiceSettings, found["service"], "[service]"),
            build(CascadeSettings, found["cascade"], "[cascade]"),
            build(TrustSettings, found["trust"], "[trust]"),
            folder,
            flagged,
        )
        plan._check()
        return plan

    def where(self, section: str, name: str) -> str:
        """Return where something is written, for messages.

        >>> plan = WatchPlan.of({"source": {"s": {"url": "tail:-"}}, "watch": {"w": {"artifact": "a"}}}, folder=Path())
        >>> plan.where("source", "s")
        '[source.s]'
        """
        return FLAGS[section] if section in self.flagged else f"[{section}.{name}]"

    def duties_of(self, source: str) -> dict[str, DutySettings]:
        """Return the duties that a source's readings are for, by name, in order."""
        return {name: duty for name, duty in self.duties.items() if duty.source in (source, "")}

    def stretches_only(self, duty: str) -> bool:
        """Tell whether a duty is a centre's: whether all that it judges are stretches that edges forward."""
        own = [source for name, source in self.sources.items() if duty in self.duties_of(name)]
        return bool(own) and all(source.stretches for source in own)

    def _check(self) -> None:
        if not self.duties:
            raise SettingError(
                "Nothing is watched.",
                remedy="Name an artifact, as in: tocsin watch env.tocsin --source …, or [watch.NAME].",
            )
        if not self.sources:
            raise SettingError(
                "There is no source of readings.",
                remedy="For example: --source mqtt://localhost:1883/plant/{device}/env, or [source.NAME].",
            )
        for name, duty in self.duties.items():
            self._check_source(self.where("watch", name), duty.source)
            if duty.most_devices < 1:
                raise SettingError(
                    f"{self.where('watch', name)} most_devices is {duty.most_devices}.", remedy="Give 1 or more."
                )
        for name, source in self.sources.items():
            self._check_bounds(self.where("source", name), source)
            if not self.duties_of(name):
                raise SettingError(
                    f"Nobody watches [source.{name}].", remedy=f"Add a [watch.NAME] with source = '{name}'."
                )

    def _check_source(self, where: str, source: str) -> None:
        there = ", ".join(self.sources)
        if source and source not in self.sources:
            raise SettingError(f"{where} source is {source!r}, which there is not.", remedy=f"There are: {there}.")
        if not source and len(self.sources) > 1 and "watch" not in self.flagged:
            raise SettingError(f"{where} does not say its source.", remedy=f"There are: {there}.")

    @staticmethod
    def _check_bounds(where: str, source: SourceSettings) -> None:
        if not 1 <= source.batch_rows <= 1_000_000:
            raise SettingError(f"{where} batch_rows is {source.batch_rows}.", remedy="Give 1 to 1000000.")
        if not 1 <= source.batch_ms <= 10_000:
            raise SettingError(f"{where} batch_ms is {source.batch_ms:g}.", remedy="Give 1 to 10000 milliseconds.")


def _plain(section: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return a duty's settings with a single pattern as one of several, and without a switch that would pass for 1."""
    if isinstance(section.get("stale_after"), bool):
        Span.parse(section["stale_after"], name=f"[watch.{name}] stale_after", of="cadences")
    devices = section.get("devices")
    return {**section, "devices": (devices,)} if isinstance(devices, str) else dict(section)
