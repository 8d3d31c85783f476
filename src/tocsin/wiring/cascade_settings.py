"""The section [cascade]: an edge that sends only what is strange to a centre, which judges it again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tocsin.cascade.uplink_place import UplinkPlace, own_name
from tocsin.core.errors import SettingError
from tocsin.wiring.durations import duration_ns

if TYPE_CHECKING:
    from tocsin.engine.forward import Forward


@dataclass(frozen=True)
class CascadeSettings:
    """What an edge sends to its centre, and what it takes from there.

    Parameters
    ----------
    uplink
        The centre's broker and the topic under which all edges are, such as "mqtt://centre:1883/tocsin"; "" for none.
        Windows go to ``tocsin/<edge>/windows``, sketches to ``tocsin/<edge>/sketch``, health to
        ``tocsin/<edge>/health``; artifacts come from ``tocsin/<edge>/artifact``.
    edge
        What this edge is called there; "" for the name of the machine.
    forward
        A reading whose score is above this share of its limit is forwarded: the forwarding level.
    before, after
        Readings of context forwarded in front of the first such reading of a device, and behind the last. ``before``
        must hold a window of the centre's artifact and as many more as it bridges missing ones; ``after`` as many
        as an incident needs to end there: about a window, too.
    gather
        What is forwarded waits for so long for more to go with it, such as "5s": fewer messages, fewer bytes; "none".
    sketch_every
        How often statistics of scores and channels are told, such as "5min"; "never".
    artifacts
        Are artifacts taken up that the centre pushes? They must be signed by one of [trust] keys.
    probation
        A pushed artifact is watched for so long at least, and rolled back by itself where it does worse than promised.
    probation_readings
        And until it has judged so many readings.
    folder
        Where pushed artifacts and statistics are kept, beside the tocsin.toml or with a path of its own.
    keep
        What waits for the uplink is kept for so long at most, such as "7d".
    """

    uplink: str = ""
    edge: str = ""
    forward: float = 0.8
    before: int = 64
    after: int = 64
    gather: str = "5s"
    sketch_every: str = "5min"
    artifacts: bool = False
    probation: str = "10min"
    probation_readings: int = 300
    folder: str = "tocsin-edge"
    keep: str = "7d"

    def check(self) -> None:
        """Refuse what cannot work, without opening anything.

        Raises
        ------
        SettingError
            With the first setting that cannot be.
        """
        if self.uplink:
            UplinkPlace.parse(self.uplink, where="[cascade] uplink")
            own_name(self.edge)
            self.gather_ns, self.keep_ns, self.forwarding()  # reading them checks them

    @property
    def gather_ns(self) -> int:
        """How long what is forwarded gathers, in ns; 0 for not at all."""
        return duration_ns(self.gather, where="[cascade] gather", without="none")

    @property
    def keep_ns(self) -> int:
        """How long it may wait, in ns."""
        return duration_ns(self.keep, where="[cascade] keep")

    def forwarding(self) -> Forward | None:
        """Return what is forwarded; None where there is no centre.

        Raises
        ------
        SettingError
            If the forwarding level or the context cannot be.

        Examples
        --------
        >>> CascadeSettings(uplink="mqtt://centre/tocsin", before=20).forwarding()
        Forward(level=0.8, before=20, after=64)
        """
        if not self.uplink:
            return None
        from tocsin.engine.forward import Forward

        try:
            return Forward(level=self.forward, before=self.before, after=self.after)
        except SettingError as error:
            raise SettingError(f"[cascade]: {error.message}", remedy=error.remedy) from None
