"""``tocsin token``: who may ask a service what."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tocsin.cli import _options as opt

if TYPE_CHECKING:
    from tocsin.service.tokens import Tokens

Folder = Annotated[Path, typer.Option(help="The folder of the service.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="Whose it is: grafana, line 3.", show_default=False)]


def token(ctx: typer.Context) -> None:
    """Make, list and revoke the tokens of a service.

    read: may look. operate: may also score, train, acknowledge, label. admin: may also say which artifact is in force.
    """
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


def create(
    name: Name,
    scope: Annotated[Literal["read", "operate", "admin"], typer.Option(help="What it allows.")] = "read",
    expires: Annotated[str | None, typer.Option(metavar="TIME", help="After 90s, 12h, 30d, … (default: never)")] = None,
    folder: Folder = Path("tocsin-service"),
) -> None:
    """Make a token; its secret is shown once, and kept nowhere."""
    from tocsin.service.tokens import Scope
    from tocsin.wiring.durations import duration_ns

    lasts_s = None if expires is None else duration_ns(expires, where="--expires") / 1e9
    secret = _tokens(folder).create(name, Scope[scope], lasts_s=lasts_s)
    typer.echo(secret)
    typer.echo("Keep it: it cannot be shown again. Send it as: Authorization: Bearer TOKEN", err=True)


def list_(folder: Folder = Path("tocsin-service"), as_json: opt.AsJson = False) -> None:
    """List the tokens; never their secrets."""
    from datetime import UTC, datetime

    found, now = _tokens(folder).all(), datetime.now(UTC)
    rows = [
        {"name": t.name, "scope": t.scope.name, "created": t.created, "expires": t.expires or None, "over": t.over(now)}
        for t in found
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    for row in rows:
        until = "" if row["expires"] is None else f", {'expired' if row['over'] else 'until'} {row['expires']}"
        typer.echo(f"{row['name']}: {row['scope']}, since {row['created']}{until}")
    if not rows:
        typer.echo("There is no token. Make one with: tocsin token create NAME")


def revoke(name: Name, folder: Folder = Path("tocsin-service")) -> None:
    """Take a token back; it counts no more from now on."""
    _tokens(folder).revoke(name)
    typer.echo(f"{name}: revoked")


list_.__name__ = "list"

SUB = (create, list_, revoke)
"""The verbs behind ``tocsin token``."""


def _tokens(folder: Path) -> Tokens:
    from tocsin.service.tokens import Tokens

    return Tokens(folder / "tokens.json")
