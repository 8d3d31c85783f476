"""Options that several verbs share, so that they are written once and mean the same everywhere."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_type_hints

import typer

from tocsin.sources import Overrides

F = TypeVar("F", bound=Callable[..., Any])

READING = "How the table is read (guessed and printed unless you say so)"

Readings = Annotated[
    Path, typer.Argument(metavar="READINGS", help="CSV or Parquet file, one row a reading.", show_default=False)
]
ArtifactFile = Annotated[Path, typer.Argument(metavar="ARTIFACT", help="A trained *.tocsin file.", show_default=False)]
Config = Annotated[Path | None, typer.Option("--config", help="Settings in a tocsin.toml; flags overrule it.")]
TrustedKeys = Annotated[
    list[Path] | None,
    typer.Option(
        "--trusted-key", metavar="FILE", help="Take artifacts alone that this key has signed, plant.pub; repeatable."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines instead.")]

Detectors = Annotated[str, typer.Option(help="Names with commas between; see: tocsin detectors.")]
Folds = Annotated[int, typer.Option(help="Blocks in order of time, each judged once; 1: the first 60 % learn.")]
Seeds = Annotated[int, typer.Option(help="Runs with different seeds; tables show mean ± deviation.")]
Jobs = Annotated[int | None, typer.Option(help="Processes side by side. (default: one a core)")]
Buffer = Annotated[int | None, typer.Option(help="Readings of VUS's buffers. (default: the median event's length)")]
DetectorSettings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="DETECTOR.NAME=VALUE", help="A setting of one detector, or its window, …"),
]

_Text, _Texts, _Flag = str | None, list[str] | None, bool | None


def _option(kind: Any, *names: str, help: str) -> Any:
    return Annotated[kind, typer.Option(*names, help=help, rich_help_panel=READING)]


_READING_OPTIONS = {
    "time": _option(_Texts, "--time", help="Time column; twice for date and time of day."),
    "time_format": _option(_Text, help="iso, epoch_s, epoch_ms, epoch_us, epoch_ns, row, or a pattern."),
    "timezone": _option(_Text, help="Zone of stamps without one, such as Europe/Berlin."),
    "device_column": _option(_Text, help="Column that names the device; '' for none."),
    "label": _option(_Text, help="Column that marks anomalies with 1; '' for none."),
    "channels": _option(_Text, help="Columns to use, with commas between."),
    "exclude": _option(_Text, help="Columns to leave out, with commas between."),
    "missing": _option(_Texts, "--missing", help="A further text that means missing; may be repeated."),
    "keep_sentinels": _option(_Flag, "--keep-sentinels", help="Take values such as -200 as measured."),
    "separator": _option(_Text, help="Between two fields: , ; | or tab."),
    "decimal": _option(_Text, help="Decimal sign: . or ,"),
    "encoding": _option(_Text, help="Such as utf-8 or cp1252."),
    "long": _option(_Text, help="Long form: the column of channel names, a comma, that of values."),
}


def with_reading_options(verb: F) -> F:
    """Return ``verb``, whose parameter ``overrides`` is given by options, and by [input] of its ``config``."""
    own = inspect.signature(verb)
    if "overrides" not in own.parameters:
        return verb
    hints = get_type_hints(verb, include_extras=True)

    @functools.wraps(verb)
    def expanded(*args: Any, **given: Any) -> Any:
        from tocsin.wiring import make_overrides, read_config

        flags = {name: given.pop(name) for name in _READING_OPTIONS}
        section = read_config(given.get("config"))["input"]
        return verb(*args, **given, overrides=make_overrides(section, _settings(flags)))

    kept = [p.replace(annotation=hints[p.name]) for p in own.parameters.values() if p.name != "overrides"]
    more = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
        for name, kind in _READING_OPTIONS.items()
    ]
    expanded.__signature__ = inspect.Signature([*kept, *more])  # type: ignore[attr-defined]  # inspect honours it
    expanded.__annotations__ = {p.name: p.annotation for p in (*kept, *more)}
    return expanded  # type: ignore[return-value]  # the same verb with more options


def _settings(flags: dict[str, Any]) -> dict[str, Any]:
    """Return the flags as settings of Overrides; None where not given."""
    separator = flags["separator"]
    plain = {name: value for name, value in flags.items() if name != "device_column"}
    return plain | {
        "device": flags["device_column"],
        "time": _parts(",".join(flags["time"])) if flags["time"] else None,
        "channels": _parts(flags["channels"]),
        "exclude": _parts(flags["exclude"]),
        "missing": tuple(flags["missing"]) if flags["missing"] else None,
        "keep_sentinels": flags["keep_sentinels"] or None,
        "separator": {"tab": "\t", "\\t": "\t"}.get(separator, separator),
        "long": _parts(flags["long"]),
    }


def _parts(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(part.strip() for part in text.split(",") if part.strip())


__all__ = [
    "ArtifactFile",
    "AsJson",
    "Buffer",
    "Config",
    "DetectorSettings",
    "Detectors",
    "Folds",
    "Jobs",
    "Overrides",
    "Readings",
    "Seeds",
    "with_reading_options",
]
