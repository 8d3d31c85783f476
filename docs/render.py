"""Writes the reference pages that are made from the code, so that they cannot drift from it: ``make docs``.

A test compares the pages with what this would write.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any

import typer.main

from tocsin.cli._app import app
from tocsin.core.discover import load, meanings, names, summary
from tocsin.sources import Overrides
from tocsin.testing.threshold_toy import bytes_a_device, toy_limits
from tocsin.training.recipe import ALARM, Recipe
from tocsin.wiring.duty_settings import DutySettings
from tocsin.wiring.metrics_settings import MetricsSettings
from tocsin.wiring.service_settings import ServiceSettings
from tocsin.wiring.sink_settings import SinkSettings
from tocsin.wiring.source_settings import SourceSettings
from tocsin.wiring.store_settings import StoreSettings

HERE = Path(__file__).parent
MADE = "<!-- Made by docs/render.py from the code: change the code, then run `make docs`. -->"
BLOCK = re.compile(r"(?<=<!-- Thresholds: made by docs/render.py -->\n).*?(?=<!-- Thresholds: end -->)", re.DOTALL)
LIVE = {
    "## [store]: where a watch keeps what must not be lost": StoreSettings,
    "## [source.NAME]: where readings come from": SourceSettings,
    "## [sink.NAME]: whom to tell": SinkSettings,
    "## [watch.NAME]: which artifact watches which devices": DutySettings,
    "## [metrics]: where machines can ask how it is": MetricsSettings,
    "## [service]: who is told what is judged, as it happens": ServiceSettings,
}
READING_PANEL = "How the table is read"
_SECTION = r"\n\w+\n-{3,}"


def pages() -> dict[str, str]:
    """Return the text of each page that is made, by its path inside ``docs``."""
    return {
        "reference/cli.md": cli(),
        "reference/detectors.md": detectors(),
        "reference/configuration.md": configuration(),
        "reference/thresholds.md": thresholds(),
    }


def cli() -> str:
    """Return the page of the verbs and their options."""
    group: Any = typer.main.get_command(app)
    shared = {option.name: option for verb in group.commands.values() for option in _reading(verb)}
    body = [
        "Every verb explains itself with `--help`. Those that a machine might read print JSON with `--json`. Exit "
        "codes: 0 fine, 1 a check failed, 2 the input or a setting cannot be used. Progress and errors go to standard "
        "error.",
        *(block for name, verb in _verbs(group) for block in _verb(name, verb)),
        "## How the table is read",
        "`explore`, `fit`, `score` and `verify` take these as well. Whatever is not given is guessed, and the guess is "
        "printed; `score` and `verify` guess as the artifact's training did.",
        _table(("option", "meaning"), [_option(option) for option in shared.values()]),
    ]
    return _page("Command line", body)


def detectors() -> str:
    """Return the page of the detectors and their settings."""
    body = [
        "`tocsin detectors` lists them. A setting is given with `--set name=value`, or in `[detector]` of a "
        "`tocsin.toml`. How to add one: [CONTRIBUTING](../../CONTRIBUTING.md#add-a-detector-in-one-file)."
    ]
    for name in names("detectors"):
        kind: Any = load("detectors", name)
        facts = (
            f"Defaults: window {kind.default_window}, scale {kind.default_scale}, threshold "
            f"`{kind.default_threshold}`. {'Needs labels.' if kind.needs_labels else 'Needs no labels.'}"
        )
        told = _documented(kind)
        own_first = sorted(fields(kind), key=lambda f: list(told).index(f.name))
        rows = [(f"`{f.name}`", _default(f), told[f.name]) for f in own_first]
        body += [f"## {name}", summary("detectors", name), _prose(kind), facts]
        body += [_table(("setting", "default", "meaning"), rows), *_notes(kind), _excused(kind.expected_failures)]
    return _page("Detectors", body)


def configuration() -> str:
    """Return the page of the keys of a ``tocsin.toml``."""
    told = _documented(Recipe)
    recipe = [f for f in fields(Recipe) if f.name != "settings"]
    fit, alarm = ([f for f in recipe if (f.name in ALARM) == wanted] for wanted in (False, True))
    body = [
        "A `tocsin.toml` is given with `--config`. Flags overrule it. A section or key that tocsin does not know is an "
        "error. Examples: [examples/configs](../../examples/configs).",
        "## [input]: how the table is read",
        "Whatever is left out is guessed.",
        _table(("key", "meaning"), _joined(_documented(Overrides))),
        "## [fit]: what is learned",
        _table(("key", "default", "meaning"), [(f"`{f.name}`", _default(f), told[f.name]) for f in fit]),
        "## [detector]: the detector's own settings",
        "See [detectors](detectors.md).",
        "## [alarm]: when it rings",
        "What it means is told in [the alarm policy](thresholds.md#the-alarm-policy). `channel` and `device` are "
        'tables: `[alarm.channel.temperature]`, `[alarm.device."pump-*"]`.',
        _table(("key", "default", "meaning"), [(f"`{ALARM[f.name]}`", _unless(f), told[f.name]) for f in alarm]),
        "`tocsin watch --config` reads the sections that follow; `${NAME}` in them is taken from the environment. "
        "How they go together: [watch a live stream](../how-to/watch.md).",
        *(block for head, kind in LIVE.items() for block in (head, _settings(kind))),
    ]
    return _page("Configuration keys", body)


def _settings(kind: Any) -> str:
    """Return the table of a section's keys."""
    told = _documented(kind)
    own = [(f"`{f.name}`", _default(f) if f.default else "", told[f.name]) for f in fields(kind)]
    return _table(("key", "default", "meaning"), own)


def _unless(setting: Field[Any]) -> str:
    """Return the default of a setting of the alarm, where nothing is a choice too."""
    return "none" if setting.default in (None, (), MISSING) and setting.name != "raise_after" else _default(setting)


def thresholds() -> str:
    """Return the page of the thresholds, written by hand but for the tables of what there is."""
    rows, settings = [], []
    for name in names("thresholds"):
        kind: Any = load("thresholds", name)
        rows.append((f"`{name}`", summary("thresholds", name), f"{bytes_a_device(toy_limits(name)):,}"))
        told = _documented(kind)
        own = [f for f in fields(kind) if f.name in told]
        settings += [(f"`{name}`", f"`{f.name}`", _default(f), told[f.name]) for f in own]
    tables = [
        _table(("threshold", "the limit", "bytes a device"), rows),
        _table(("of", "setting", "default", "meaning"), settings),
    ]
    page = (HERE / "reference/thresholds.md").read_text("utf-8")
    return BLOCK.sub(lambda _: "\n" + "\n\n".join(tables) + "\n\n", page)


def _verbs(group: Any) -> Iterator[tuple[str, Any]]:
    """Yield the verbs by name, each followed by those behind it."""
    for name, verb in group.commands.items():
        yield name, verb
        for inner, own in getattr(verb, "commands", {}).items():
            yield f"{name} {inner}", own


def _verb(name: str, verb: Any) -> Iterator[str]:
    arguments = [p for p in verb.params if p.param_type_name == "argument"]
    options = [p for p in verb.params if p.param_type_name == "option" and not _is_reading(p) and p.name != "help"]
    usage = " ".join(["tocsin", name, "[OPTIONS]", *(_shown(argument) for argument in arguments)])
    yield f"## tocsin {name}"
    yield f"```text\n{usage}\n```"
    yield str(verb.help)
    rows = [(f"`{_shown(a)}`", a.help or "") for a in arguments] + [_option(o) for o in options]
    if rows:
        yield _table(("argument or option", "meaning"), rows)


def _shown(argument: Any) -> str:
    name = str(argument.name).upper()
    return name if argument.required else f"[{name}]"


def _reading(verb: Any) -> list[Any]:
    return [param for param in verb.params if _is_reading(param)]


def _is_reading(param: Any) -> bool:
    return str(getattr(param, "rich_help_panel", "")).startswith(READING_PANEL)


def _option(option: Any) -> tuple[str, str]:
    shown = not (option.default is None or isinstance(option.default, bool) or callable(option.default))
    default = f" Default: {option.default}." if shown else ""
    return ", ".join(f"`{name}`" for name in option.opts), f"{option.help}{default}"


def _documented(kind: type[Any]) -> dict[str, str]:
    """Return the meaning of each setting, as Markdown."""
    return {
        name: meaning.replace("``", "`").replace("; None for ", "; where left out, ")
        for name, meaning in meanings(kind).items()
    }


def _joined(told: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield names and meaning, names of one meaning together."""
    for meaning in dict.fromkeys(told.values()):
        yield ", ".join(f"`{name}`" for name, own in told.items() if own == meaning), meaning


def _prose(kind: type[Any]) -> str:
    """Return the paragraphs of a docstring between its first line and its first section."""
    return _marked(re.split(_SECTION, inspect.getdoc(kind) or "")[0].partition("\n\n")[2])


def _notes(kind: type[Any]) -> list[str]:
    """Return the section "Notes" of a docstring, if there is one."""
    sections = re.split(r"\n(?=\w+\n-{3,})", inspect.getdoc(kind) or "")
    return [_marked(re.split(_SECTION, f"\n{each}")[1]) for each in sections if each.startswith("Notes\n")]


def _marked(told: str) -> str:
    """Return text of a docstring as Markdown: names in code, whatever role they have."""
    return re.sub(r":\w+:`~?(?:\w+\.)*(\w+)`", r"`\1`", told).strip().replace("``", "`")


def _default(field: Field[Any]) -> str:
    value = field.default if field.default is not MISSING else ""
    written = ",".join(map(str, value)) if isinstance(value, tuple) else value
    if field.default is MISSING and field.default_factory is MISSING:
        return "must be given"
    return "chosen" if value is None else f"`{written}`"


def _excused(failures: Mapping[str, str]) -> str:
    told = [f"Does not pass the conformance check `{name}`: {reason}" for name, reason in failures.items()]
    return "\n".join(told) or "Passes every conformance check."


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *(tuple(cell.replace("|", "\\|") for cell in row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _page(title: str, blocks: list[str]) -> str:
    return "\n\n".join([f"# {title}", MADE, *blocks]) + "\n"


if __name__ == "__main__":
    for name, text in pages().items():
        (HERE / name).write_text(text, "utf-8")
        print(f"→ docs/{name}")
