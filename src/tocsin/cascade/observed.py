"""What an edge has observed of an artifact at work: counts and sketches, never a reading."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.core.errors import InputError
from tocsin.core.sketch import Sketch

NOISE = 0.1
"""Where chance alone would bring so great a PSI on average, nothing is said of it."""
_BANDS = 10


@dataclass(frozen=True, eq=False)
class Observed:
    """How an artifact has judged, since it came into force or the watch was started.

    Parameters
    ----------
    duty
        Name of the duty.
    artifact
        What tells the artifact's versions apart: twelve digits.
    since, until
        Times of arrival of the first and the last verdict, in ns; 0 where there is none.
    statuses
        How many verdicts had which status, by its name.
    anomalous
        How many scores were above their limit.
    scores
        Sketch of the scores.
    calm
        Sketch of the scores that the artifact's limit was found from.
    channels
        Sketches of the values, by channel.
    promised
        Share of the scores above it that the limit was found from; None where it moves.
    """

    duty: str
    artifact: str
    since: int = 0
    until: int = 0
    statuses: Mapping[str, int] = field(default_factory=dict)
    anomalous: int = 0
    scores: Sketch = field(default_factory=Sketch)
    calm: Sketch = field(default_factory=Sketch)
    channels: Mapping[str, Sketch] = field(default_factory=dict)
    promised: float | None = None

    @property
    def readings(self) -> int:
        """How many verdicts there were, of any status."""
        return sum(self.statuses.values())

    @property
    def judged(self) -> int:
        """How many verdicts had a score."""
        return self.statuses.get("ok", 0)

    @property
    def flagged(self) -> float | None:
        """Share of the scores above their limit; None where there are none."""
        return self.anomalous / self.judged if self.judged else None

    def psi(self) -> float | None:
        """Return how far scores of late lie from those the limit was found from; None where there is too little.

        The population stability index, the sum over tenths of the scores then of (q - p) ln(q / p), p the shares then
        and q those of late (N. Siddiqi, Credit Risk Scorecards, 2006): below 0.1 none, from 0.25 on much.
        """
        then, late = self.calm.total, self.scores.total
        if not then or not late or (_BANDS - 1) * (1 / then + 1 / late) > NOISE:
            return None
        inner = np.unique([self.calm.quantile(k / _BANDS) for k in range(1, _BANDS)])
        p, q = (_smoothed(sketch.shares(inner), sketch.total) for sketch in (self.calm, self.scores))
        return float(np.sum((q - p) * np.log(q / p)))

    def merged(self, others: Iterable[Observed]) -> Self:
        """Return what this and others, of the same artifact, have observed together."""
        every: list[Observed] = [self, *others]
        return type(self)(
            self.duty,
            self.artifact,
            min((one.since for one in every if one.since), default=0),
            max(one.until for one in every),
            {name: sum(one.statuses.get(name, 0) for one in every) for one in every for name in one.statuses},
            sum(one.anomalous for one in every),
            Sketch().merged(one.scores for one in every),
            self.calm,
            {
                name: Sketch().merged(one.channels[name] for one in every if name in one.channels)
                for own in every
                for name in own.channels
            },
            self.promised,
        )

    def document(self) -> dict[str, Any]:
        """Return it as plain values for JSON; sketches as base64."""
        plain = {name: getattr(self, name) for name in ("duty", "artifact", "since", "until", "anomalous", "promised")}
        return {
            **plain,
            "statuses": dict(self.statuses),
            "scores": _text(self.scores),
            "calm": _text(self.calm),
            "channels": {name: _text(sketch) for name, sketch in self.channels.items()},
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """Return what :meth:`document` wrote.

        Raises
        ------
        InputError
            If it did not write this.
        """
        try:
            return cls(
                str(document["duty"]),
                str(document["artifact"]),
                int(document["since"]),
                int(document["until"]),
                {str(name): int(number) for name, number in document["statuses"].items()},
                int(document["anomalous"]),
                _sketch(document["scores"]),
                _sketch(document["calm"]),
                {str(name): _sketch(text) for name, text in document["channels"].items()},
                None if document["promised"] is None else float(document["promised"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise InputError(
                f"What an edge observed cannot be read ({error!r}).", remedy="Have it told anew."
            ) from None


def _smoothed(shares: FloatArray, total: int) -> FloatArray:
    """Return shares with half a value added to each, so that an empty one makes no infinity."""
    return np.asarray((shares * total + 0.5) / (total + 0.5 * len(shares)))


def _text(sketch: Sketch) -> str:
    return b64encode(sketch.encode()).decode()


def _sketch(text: str) -> Sketch:
    return Sketch.decode(b64decode(text))
