"""Which store a verb means, and opening one that is already there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tocsin.store import Store

VARIABLE = "TOCSIN_STORE"

StoreUrl = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="URL",
        help=f"The store where the watch keeps incidents. (default: as in --config, ${VARIABLE}, sqlite:///tocsin.db)",
    ),
]
FromConfig = Annotated[Path | None, typer.Option("--config", help="The tocsin.toml of the watch.")]


def store_url(url: str | None, config: Path | None) -> str:
    """Return the URL of the store that is meant.

    Parameters
    ----------
    url
        As a flag gives it.
    config
        A tocsin.toml.
    """
    from tocsin.wiring import live_sections, read_config
    from tocsin.wiring.store_settings import USUAL

    own = {} if config is None else live_sections({"store": read_config(config).get("store", {})})["store"]
    return url or own.get("url") or os.environ.get(VARIABLE) or USUAL


def existing_store(url: str | None, config: Path | None) -> Store:
    """Open a store that a watch has made; never make an empty one.

    Raises
    ------
    InputError
        If there is none.
    """
    from tocsin.core.errors import InputError
    from tocsin.store import open_store

    found = store_url(url, config)
    kind, _, path = found.partition(":///")
    if kind == "sqlite" and not Path(path.partition("?")[0]).exists():
        raise InputError(
            f"There is no store {path.partition('?')[0]}.",
            remedy="Name the store of the watch: --store sqlite:///path/tocsin.db",
        )
    return open_store(found)
