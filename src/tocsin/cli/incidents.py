"""``tocsin incidents``: what a watch has found, and what people say of it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from tocsin.cli import _options as opt
from tocsin.cli._stores import FromConfig, StoreUrl

if TYPE_CHECKING:
    from tocsin.store import Recorded, Store

Id = Annotated[str, typer.Argument(metavar="ID", help="As the list shows it.", show_default=False)]
By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who says so. (default: your user name)")]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="What else there is to say.")]


class _Place(NamedTuple):
    """Where the store is, as said before the sub-command."""

    store: str | None
    config: Path | None


def incidents(
    ctx: typer.Context,
    only_open: Annotated[bool, typer.Option("--open", help="Only those that are going on.")] = False,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Only those that went on within the last 90s, 10min, 2h, 1d, …")
    ] = None,
    device: Annotated[str | None, typer.Option(help="Only of this device, or of those like room-*.")] = None,
    most: Annotated[int, typer.Option(min=1, help="At most so many, the latest.")] = 100,
    as_json: opt.AsJson = False,
    store: StoreUrl = None,
    config: FromConfig = None,
) -> None:
    """List the incidents that a watch has found; show, acknowledge and label them.

    The latest stands first. Nothing here changes what the watch does: an acknowledgement tells others that somebody
    sees to it, and a label is kept for later learning.
    """
    ctx.obj = _Place(store, config)
    if ctx.invoked_subcommand is not None:
        return
    from tocsin.cli._incident_tables import documents, show_list

    found = _found(_opened(ctx, None, None), only_open=only_open, since=since, device=device, most=most)
    if as_json:
        typer.echo(json.dumps(documents(found), indent=1, ensure_ascii=False))
    else:
        show_list(found, now_ns=time.time_ns())


def show(
    ctx: typer.Context, id: Id, as_json: opt.AsJson = False, store: StoreUrl = None, config: FromConfig = None
) -> None:
    """Show an incident: what, when, why, and how it went on."""
    from tocsin.cli._incident_tables import documents, show_one

    found, history = _opened(ctx, store, config).incident(id)
    if as_json:
        told = {**documents([found])[0], "history": [notice.document() for notice in history]}
        typer.echo(json.dumps(told, indent=1, ensure_ascii=False))
    else:
        show_one(found, history, now_ns=time.time_ns())


def acknowledge(
    ctx: typer.Context, id: Id, by: By = None, note: Note = "", store: StoreUrl = None, config: FromConfig = None
) -> None:
    """Tell others that somebody sees to an incident."""
    who = by or _user()
    _opened(ctx, store, config).acknowledge(id, by=who, note=note, now_ns=time.time_ns())
    typer.echo(f"{id}: {who} sees to it")


def label(
    ctx: typer.Context,
    id: Id,
    answer: Annotated[
        str,
        typer.Argument(
            metavar="LABEL", help="true: rightly told; false: a false alarm; or a word of yours, such as bearing."
        ),
    ],
    by: By = None,
    note: Note = "",
    store: StoreUrl = None,
    config: FromConfig = None,
) -> None:
    """Say what an incident was; kept as feedback for later learning."""
    from tocsin.core.errors import SettingError

    word = answer.strip()
    if not word or len(word) > 60:
        raise SettingError(f"{answer!r} is no label.", remedy="Give true, false, or a word of up to 60 characters.")
    _opened(ctx, store, config).label(id, word, by=by or _user(), note=note, now_ns=time.time_ns())
    typer.echo(f"{id}: {word}")


SUB = (show, acknowledge, label)
"""The verbs behind ``tocsin incidents``."""


def _opened(ctx: typer.Context, store: str | None, config: Path | None) -> Store:
    from tocsin.cli._stores import existing_store

    before = ctx.obj if isinstance(ctx.obj, _Place) else _Place(None, None)
    return existing_store(store or before.store, config or before.config)


def _found(store: Store, *, only_open: bool, since: str | None, device: str | None, most: int) -> list[Recorded]:
    from fnmatch import fnmatchcase

    from tocsin.wiring.durations import duration_ns

    since_ns = None if since is None else time.time_ns() - duration_ns(since, where="--since")
    like = device is not None and any(sign in device for sign in "*?[")
    found = store.incidents(
        open=True if only_open else None,
        since_ns=since_ns,
        device=None if like else device,
        most=1_000_000 if like else most,
    )
    if like and device is not None:
        found = [one for one in found if fnmatchcase(one.notice.device, device)]
    return found[:most]


def _user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "somebody"
