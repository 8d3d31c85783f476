"""The sections [watch.NAME]: which artifact watches which devices."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.alerting.span import Span
from tocsin.artifact.trust import Trust
from tocsin.core.errors import ArtifactError, SettingError
from tocsin.wiring.durations import duration_ns

if TYPE_CHECKING:
    from tocsin.artifact.artifact import Artifact
    from tocsin.engine.forward import Forward
    from tocsin.engine.live.duty import Duty

NEVER = "never"
USUAL_SILENCE = Span(10, 60 * 10**9)
"""Ten cadences, and a minute: less is a network that takes a breath."""


@dataclass(frozen=True)
class DutySettings:
    """An artifact, the readings it judges, and when silence is news.

    Parameters
    ----------
    artifact
        The file, beside the tocsin.toml or with a path of its own.
    source
        Name of the source; may be left out where there is one.
    devices
        Patterns of names such as "room-*". A device belongs to the first watch of its source with a pattern that fits.
    stale_after
        A device that is silent for so long has an incident of its own: a number of cadences, or a time such as
        "10min"; "never" for none. Where left out, ten cadences and a minute at least; of what edges forward, never.
    keep
        Of verdicts that are nothing special one is kept in each stretch of so long; "all" keeps every one.
    forget_after
        A device that was silent for so long is forgotten; "never" for none.
    allowance
        So long a reading waits for others of its device that were taken earlier, such as "2s"; "none": it is judged as
        it comes. Where the artifact's clock gathers readings on a grid, its own lateness holds instead.
    most_devices
        Devices that may be known at a time; readings of more are put aside.
    """

    artifact: str
    source: str = ""
    devices: tuple[str, ...] = ("*",)
    stale_after: str | int = ""
    keep: str = "1min"
    forget_after: str = "30d"
    allowance: str = "none"
    most_devices: int = 200_000

    def duty(
        self,
        name: str,
        *,
        place: Path,
        where: str,
        trust: Trust = Trust(),  # noqa: B008  # frozen
        forward: Forward | None = None,
        stretches: bool = False,
    ) -> Duty:
        """Return the duty, with its artifact opened.

        Parameters
        ----------
        name
            The duty's.
        place
            Where the artifact lies: the file of the settings, or what was pushed in its place.
        where
            Where all this is written, for messages: a section, or "--" for flags.
        trust
            Whose signature the artifact must bear; any will do where there is no key.
        forward
            What of the readings goes on to a centre; None for nothing.
        stretches
            Are readings only stretches that edges forward? What lies between them is no silence then.

        Raises
        ------
        SettingError, ArtifactError
            If a setting cannot work, or the artifact cannot be opened.
        """
        from tocsin.artifact import bundle
        from tocsin.engine.live.duty import Duty

        try:
            artifact = bundle.load(place, trust=trust)
        except ArtifactError as error:
            told = f"{where} artifact: {error.message}" if where.startswith("[") else error.message
            raise ArtifactError(told, remedy=error.remedy) from None
        _check_cascade(artifact, forward, stretches=stretches, where=where)
        return Duty(
            artifact,
            name=name,
            devices=self.devices,
            stale_after=self._silence(artifact, _at(where, "stale_after"), stretches=stretches),
            forget_after_ns=duration_ns(self.forget_after, where=_at(where, "forget_after"), without=NEVER),
            allowance_ns=duration_ns(self.allowance, where=_at(where, "allowance"), without="none"),
            most_devices=self.most_devices,
            keep_every_ns=duration_ns(self.keep, where=_at(where, "keep"), without="all"),
            forward=forward,
        )

    def _silence(self, artifact: Artifact, where: str, *, stretches: bool) -> Span | None:
        if self.stale_after == NEVER:
            return None
        counted = artifact.provenance.row_clock
        if not self.stale_after:
            return None if counted or stretches else USUAL_SILENCE
        found = Span.parse(self.stale_after, name=where, of="cadences")
        if counted and not found.ns:
            raise SettingError(
                f"{where} is a number of cadences, but the artifact was trained on readings without a clock.",
                remedy="Give a time, such as stale_after = '10min'.",
            )
        return found


def _check_cascade(artifact: Artifact, forward: Forward | None, *, stretches: bool, where: str) -> None:
    """Refuse an edge or a centre at which windows could span the gap between two stretches."""
    if stretches and artifact.provenance.row_clock:
        raise SettingError(
            f"{where}: an artifact whose readings have no times cannot tell one stretch of an edge from the next.",
            remedy="Train it on readings with times.",
        )
    hold = artifact.clock.hold
    if forward is not None and forward.after < hold:
        raise SettingError(
            f"[cascade] after is {forward.after}, but up to {hold} missing readings are bridged.",
            remedy=f"Give {hold} or more, so that no gap between two stretches is as short as that.",
        )


def _at(where: str, name: str) -> str:
    """Return where a setting is written.

    >>> _at("[watch.rooms]", "stale_after"), _at("--", "stale_after")
    ('[watch.rooms] stale_after', '--stale-after')
    """
    return f"{where} {name}" if where.startswith("[") else f"{where}{name.replace('_', '-')}"
