"""The two files: what surrounds the loops, filled in with an artifact's numbers."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

import numpy as np

from tocsin.artifact.artifact import Artifact
from tocsin.core.errors import SettingError
from tocsin.export.c import _template as template
from tocsin.export.c.expressions import literal
from tocsin.export.c.indices import indented
from tocsin.export.c.names import header_of, identifier, quoted, remark
from tocsin.export.c.program import Program
from tocsin.export.c.scoring import Scoring
from tocsin.export.starting import starting_limit
from tocsin.graph.signature import BY_CHANNEL, SCORE
from tocsin.graph.trees import rounded_down
from tocsin.thresholds.fixed import Fixed

Arena = Literal["state", "stack"]


@dataclass(frozen=True, eq=False)
class Source:
    """An artifact as C.

    Parameters
    ----------
    name
        What its functions begin with.
    header
        Name of the header.
    files
        Both files by name, the C file first.
    counts
        Does it take float64 readings, since some channels count?
    shares
        Does it tell the channels' shares?
    scratch
        Numbers of four bytes that scoring needs room for.
    """

    name: str
    header: str
    files: Mapping[str, bytes]
    counts: bool
    shares: bool
    scratch: int


def source(artifact: Artifact, program: Program, *, file: str, arena: Arena, precision: str, sizes: str = "") -> Source:
    """Return the C files of an artifact.

    Parameters
    ----------
    artifact
        What was trained.
    program
        Its graph, as it is to be computed.
    file
        Name of the C file.
    arena
        Where scoring works: in the device's state, or on the stack.
    precision
        What the numbers of its layers are, for the header.
    sizes
        A sentence on what it needs, for the header.

    Raises
    ------
    SettingError
        If the limit moves, or the file's name cannot be included.
    """
    scoring = Scoring(program)
    body = scoring.lines
    told = {
        **_names(artifact, file),
        **_numbers(artifact),
        **_room(arena, scoring.words),
        **_counters(artifact),
        "precision": precision,
        "sizes": sizes or "What it needs is told where it was made.",
        "body": "\n".join(indented([*body, "", *_told(scoring, program, artifact)])),
        "tables": scoring.tables.text(),
        "functions": _functions("\n".join(body)),
    }
    header = header_of(file)
    both = {PurePath(file).name: template.SOURCE, header: template.HEADER}
    files = {name: _filled(text, told).encode("ascii") for name, text in both.items()}
    shares = BY_CHANNEL in program.outputs
    return Source(told["name"], header, files, bool(artifact.counters.which), shares, scoring.words)


def _filled(text: str, told: Mapping[str, str]) -> str:
    """Return ``text`` with what stands between two @ filled in, over and over, since parts hold such places too."""
    while (found := re.sub(r"@(\w+)@", lambda place: told[place[1]], text)) != text:
        text = found
    return re.sub(r"\n{3,}", "\n\n", text)


def _names(artifact: Artifact, file: str) -> dict[str, str]:
    name, channels = identifier(file), artifact.schema.channels
    return {
        "name": name,
        "NAME": name.upper(),
        "file": PurePath(file).name,
        "header": header_of(file),
        "detector": remark(artifact.provenance.detector),
        "names": ", ".join(quoted(channel.name) for channel in channels),
        "units": ", ".join(quoted(channel.unit) for channel in channels),
        "checksum": hashlib.sha256(artifact.graph).hexdigest(),
    }


def _numbers(artifact: Artifact) -> dict[str, str]:
    limits, law, clock = artifact.calibration.limits, artifact.policy.tables.laws[0], artifact.clock
    if not isinstance(limits, Fixed.fitted):
        raise SettingError(
            f"The limit of threshold {artifact.calibration.threshold!r} moves, and there is no C for that.",
            remedy="Give the artifact one that stays: tocsin recalibrate ARTIFACT --threshold percentile:99.5",
        )
    limit = starting_limit(artifact)
    raised, released, cooled = (
        -(-ns // clock.period_ns) for ns in (law.raise_after_ns, law.release_after_ns, law.cooldown_ns)
    )
    return {
        "window": str(artifact.window),
        "channels": str(len(artifact.schema)),
        "period": f"{clock.period_ns / 1e9!r}",
        "limit": _below(limit),
        "hold": str(artifact.impute.hold_ns // clock.period_ns),
        "restart": str(clock.restart),
        "restarts": template.RESTARTS if clock.align else "",
        "begin_anew": template.BEGIN_ANEW if clock.align else "",
        "raise_after": str(law.raise_after),
        "raise_periods": str(raised),
        "raise_time": " && state->now - state->start >= @NAME@_RAISE_AFTER_PERIODS" if raised else "",
        "release": _below(law.release_below * limit),
        "release_after": str(law.release_after),
        "release_periods": str(released),
        "release_time": " && state->now - state->quiet_since >= @NAME@_RELEASE_AFTER_PERIODS" if released else "",
        "cooldown": str(law.cooldown),
        "cooldown_periods": str(cooled),
    }


def _below(limit: float) -> str:
    """Return the greatest float32 number up to ``limit``: every score is above both, or above neither."""
    return literal(float(rounded_down(np.array([limit]))[0]))


def _room(arena: Arena, words: int) -> dict[str, str]:
    owned = arena == "state"
    return {
        "scratch": str(words),
        "state_scratch": "    float scratch[@NAME@_SCRATCH];\n" if owned else "",
        "stack_scratch": "" if owned else "    float scratch[@NAME@_SCRATCH];\n",
        "scratch_place": "state->scratch" if owned else "scratch",
    }


def _counters(artifact: Artifact) -> dict[str, str]:
    which = artifact.counters.which
    single = "isfinite(reading[k]) ? reading[k] : NAN"
    double = "!isfinite(reading[k]) ? NAN : fabs(reading[k]) > 3.4028235e38 ? INFINITY : (float)reading[k]"
    if not which:
        empty = dict.fromkeys(("counted", "counted_init", "rates", "take_rates"), "")
        return {**empty, "number": "float", "value": single, "taken": "reading", "counters": "0", "which": ""}
    count = len(which)
    return {
        "number": "double",
        "value": double,
        "taken": "rates",
        "counters": str(count),
        "which": ", ".join(map(str, which)),
        "counted": f"    double counted[{count}];\n    uint32_t counted_age[{count}];\n",
        "counted_init": f"    for (int k = 0; k < {count}; ++k) {{\n        state->counted_age[k] = NEVER;\n    }}\n",
        "rates": template.RATES,
        "take_rates": "    double rates[@NAME@_CHANNELS];\n    take_rates(state, reading, rates);\n",
    }


def _told(scoring: Scoring, program: Program, artifact: Artifact) -> list[str]:
    """Return the lines that hand out shares and score."""
    channels = len(artifact.schema)
    told = f"{scoring.base(BY_CHANNEL)}[k]" if BY_CHANNEL in program.outputs else "NAN"
    return [
        "if (by_channel) {",
        f"    for (int k = 0; k < {channels}; ++k) {{",
        f"        by_channel[k] = {told};",
        "    }",
        "}",
        f"return {scoring.base(SCORE)}[0];",
    ]


def _functions(body: str) -> str:
    """Return the functions that the loops call."""
    parts = {
        "dot(": template.DOT,
        "total(": template.TOTAL,
        "dot8(": template.DOT8,
        "mixed(": template.MIXED,
        "rounded(": template.ROUNDED,
    }
    return "".join(text for call, text in parts.items() if re.search(rf"\b{re.escape(call)}", body))
