"""The job that trains: from a file of readings to a version in the registry."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tocsin.core.errors import SettingError
from tocsin.service.bounded import load_bounded
from tocsin.service.scoring.files import nameless
from tocsin.service.settings import Limits
from tocsin.sources import Overrides

if TYPE_CHECKING:
    from tocsin.training.recipe import Recipe

SECTIONS = ("fit", "detector", "alarm")
"""What a recipe may say, as in a ``tocsin.toml``."""


def recipe_of(written: Mapping[str, Any]) -> Recipe:
    """Return the recipe that is written as the sections of a ``tocsin.toml``; nothing is trained or imported for it.

    Parameters
    ----------
    written
        ``{"fit": {"detector": "auto", "window": 20}, "detector": {"epochs": 5}, "alarm": {"raise_after": 3}}``; what
        is missing is left to the defaults.

    Raises
    ------
    SettingError
        If there is no such section or setting, or it cannot work.

    Examples
    --------
    >>> recipe_of({"fit": {"detector": "rolling_zscore", "window": 12}}).window
    12
    """
    from tocsin.wiring import make_recipe

    for name, section in written.items():
        if name not in SECTIONS or not isinstance(section, Mapping):
            raise SettingError(
                f"The recipe has {name!r}, which means nothing.", remedy=f"It has: {', '.join(SECTIONS)}."
            )
    return make_recipe({name: written.get(name, {}) for name in SECTIONS}, {}, settings=())


def train_into(
    *,
    registry: str,
    name: str,
    readings: str,
    recipe: Recipe,
    overrides: Overrides,
    by: str,
    limits: Limits,
    note: str = "",
) -> dict[str, Any]:
    """Learn what is normal from a file, and add the artifact to a registry. To be run as a job.

    Parameters
    ----------
    registry
        The registry's folder.
    name
        The artifact's. Its first version is in force at once, a later one once it is activated.
    readings
        Path of a CSV or Parquet file.
    recipe, overrides
        What is learned, and how the table is read.
    by, note
        Who adds the version, and what they say of it.
    limits
        How much is taken on.

    Returns
    -------
    dict
        ``artifact``, ``version``, ``active``, ``new``.
    """
    from tocsin.artifact import bundle
    from tocsin.lifecycle.registry import Registry
    from tocsin.sources import understand
    from tocsin.training.fit import train
    from tocsin.training.ready import require_training

    require_training()
    with nameless(Path(readings)):
        loaded = load_bounded(Path(readings), limits=limits, overrides=overrides)
        artifact = train(understand(loaded, overrides=overrides), recipe)
    with tempfile.TemporaryDirectory(dir=Path(readings).parent) as folder:
        sealed = Path(folder) / "trained.tocsin"
        bundle.save(artifact, sealed)
        version, new = Registry(Path(registry)).add(name, sealed, by=by, note=note, trusted=True)
    return {"artifact": name, "version": version.version, "active": version.active, "new": new}
