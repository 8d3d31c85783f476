"""Finding parts: the files in a room are its parts, and a part's name is its file's name."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from functools import cache
from importlib.metadata import EntryPoints, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tocsin.core.errors import SettingError


def names(room: str) -> tuple[str, ...]:
    """Return the names of the parts in ``room`` (such as "detectors"), own and third parties', sorted.

    Third parties add parts with an entry point in the group ``tocsin.<room>``. Nothing is imported.
    """
    own = {path.stem for path in _folder(room).glob("*.py") if not path.stem.startswith("_")}
    return tuple(sorted(own | {entry.name for entry in _foreign(room)}))


def summary(room: str, name: str) -> str:
    """Return the first line of a part's docstring, read from its source without importing it."""
    path = _folder(room) / f"{name}.py"
    if not path.exists():
        return (load(room, name).__doc__ or "").strip().splitlines()[0]
    tree = ast.parse(path.read_text("utf-8"))
    docs = [ast.get_docstring(node) for node in tree.body if isinstance(node, ast.ClassDef) and node.name[0] != "_"]
    return (docs[0] or "").splitlines()[0] if docs else ""


def load(room: str, name: str) -> type[Any]:
    """Import and return the part called ``name`` in ``room``: the one public class of its file.

    Raises
    ------
    SettingError
        If there is no such part; the message names those there are.
    """
    for entry in _foreign(room).select(name=name):
        found = entry.load()
        assert isinstance(found, type)
        return found
    if name not in names(room):
        parts = room.rpartition(".")[2]
        raise SettingError(
            f"There is no {name!r} among the {parts}.", remedy=f"Choose one of: {', '.join(names(room))}."
        )
    module = importlib.import_module(f"tocsin.{room}.{name}")
    own = [
        thing
        for key, thing in vars(module).items()
        if inspect.isclass(thing) and thing.__module__ == module.__name__ and not key.startswith("_")
    ]
    if len(own) != 1:
        raise TypeError(f"tocsin.{room}.{name} must hold exactly one public class, it holds {len(own)}")
    return own[0]


def meanings(kind: type[Any]) -> dict[str, str]:
    """Return what each setting of a part means, from the section "Parameters" of its docstring, its own ones first.

    What a class does not explain itself, such as the settings of a whole family, the classes that it stands on do.

    Examples
    --------
    >>> from tocsin.thresholds.percentile import Percentile
    >>> list(meanings(Percentile))
    ['percent', 'reference']
    """
    found: dict[str, str] = {}
    for told in kind.__mro__:
        # by hand, since inspect.getdoc would look for the docstring further down
        for name, meaning in _parameters(inspect.cleandoc(told.__dict__.get("__doc__") or "")).items():
            found.setdefault(name, meaning)
    return found


def _parameters(docstring: str) -> dict[str, str]:
    sections = re.split(r"\n(?=\w+\n-{3,})", docstring)
    text = next((part for part in sections if part.startswith("Parameters\n")), "").partition("-\n")[2]
    found: dict[str, str] = {}
    for entry in re.split(r"\n(?=\S)", text):
        head, _, meaning = entry.partition("\n")
        found |= {name.strip(): " ".join(meaning.split()) for name in head.split(",") if name.strip()}
    return found


def _foreign(room: str) -> EntryPoints:
    """Return third parties' parts."""
    found: EntryPoints = _announced().select(group=f"tocsin.{room}")
    return found


@cache
def _announced() -> Any:
    """Return what all that is installed announces; looking through it takes longer than many a training.

    Python 3.11 returns another type than 3.12; both have ``select``.
    """
    return entry_points()


def _folder(room: str) -> Path:
    spec = find_spec(f"tocsin.{room}")
    if spec is None or not spec.submodule_search_locations:
        raise ValueError(f"tocsin has no room called {room!r}")
    return Path(spec.submodule_search_locations[0])
