"""Where results go: looked at before the work begins, since nobody wants to learn of a typing error an hour later."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tocsin.core.errors import InputError


def check_seal(output: Path, *, inputs: Sequence[Path]) -> None:
    """Refuse a place for an artifact as :func:`check_places` does, and one where something else lies.

    Raises
    ------
    InputError
        If a file is there that is no artifact: most likely somebody's readings.
    """
    from tocsin.artifact import bundle

    check_places([output], inputs=inputs)
    if output.exists() and not bundle.is_sealed(output):
        raise InputError(
            f"{output} would be overwritten, and is no tocsin artifact.", remedy="Choose another place with --output."
        )


def check_places(outputs: Sequence[Path | None], *, inputs: Sequence[Path]) -> None:
    """Refuse outputs that cannot be written or would overwrite what is read; None is an output not wanted.

    Raises
    ------
    InputError
        With the first that is wrong.
    """
    wanted = [path for path in outputs if path is not None]
    for place, path in enumerate(wanted):
        if path.is_dir():
            raise InputError(f"{path} is a folder.", remedy="Name a file in it.")
        if not path.parent.is_dir():
            raise InputError(f"There is no folder {path.parent} to write {path.name} to.", remedy="Create it first.")
        if path.resolve() in {other.resolve() for other in inputs}:
            raise InputError(f"{path} would be overwritten, but is read.", remedy="Choose another place with --output.")
        if path.resolve() in {other.resolve() for other in wanted[:place]}:
            raise InputError(f"Two results would be written to {path}.", remedy="Give each a file of its own.")
