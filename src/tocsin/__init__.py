"""tocsin turns sensor readings into alarms that people trust.

>>> import tocsin
>>> sorted(tocsin.__all__)
['Overrides', 'Recipe', 'Scorer', 'TocsinError', '__version__', 'fit', 'load', 'recalibrate', 'whatif']
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tocsin.core.errors import TocsinError
    from tocsin.engine.scorer import Scorer, load
    from tocsin.sources import Overrides
    from tocsin.training.fit import fit
    from tocsin.training.recalibrate import recalibrate
    from tocsin.training.recipe import Recipe
    from tocsin.training.whatif import whatif

__version__ = "0.1.0"
__all__ = [
    "Overrides",
    "Recipe",
    "Scorer",
    "TocsinError",
    "__version__",
    "fit",
    "load",
    "recalibrate",
    "whatif",
]

_HOMES = {
    "Overrides": "tocsin.sources",
    "Recipe": "tocsin.training.recipe",
    "Scorer": "tocsin.engine.scorer",
    "TocsinError": "tocsin.core.errors",
    "fit": "tocsin.training.fit",
    "load": "tocsin.engine.scorer",
    "recalibrate": "tocsin.training.recalibrate",
    "whatif": "tocsin.training.whatif",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that ``import tocsin`` stays fast."""
    if name not in _HOMES:
        raise AttributeError(f"module 'tocsin' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
