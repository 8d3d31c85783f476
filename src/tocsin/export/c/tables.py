"""Constants as C tables, each once: two of which one is twice the other share one, which costs no precision."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import Float32Array
from tocsin.export.c.expressions import literal

_LINE = 112
"""Characters in a line of numbers, at most."""

_TYPES = {"float32": "float", "int8": "int8_t", "uint16": "uint16_t", "int32": "int32_t"}


@dataclass
class Tables:
    """The tables of a file, as they come to be needed.

    Examples
    --------
    >>> tables = Tables()
    >>> weights = np.array([1.5, 2.25], np.float32)
    >>> tables.add(weights), tables.shared(2 * weights)
    ('table_0', ('table_0', 2.0))
    >>> print(tables.text())
    static const float table_0[2] = {
        1.5f, 2.25f
    };
    """

    _held: dict[tuple[str, bytes], tuple[str, float]] = field(default_factory=dict)
    _texts: list[str] = field(default_factory=list)

    def add(self, values: npt.NDArray[Any]) -> str:
        """Return the name of the table that holds ``values``, row after row."""
        key = (values.dtype.name, np.ascontiguousarray(values).tobytes())
        if key not in self._held:
            self._held[key] = (self._written(values), 1.0)
        return self._held[key][0]

    def shared(self, values: Float32Array) -> tuple[str, float]:
        """Return a table and the factor that makes ``values`` of it, exactly."""
        for power in (1.0, 0.5, 2.0):
            key = ("float32", np.ascontiguousarray(values * np.float32(power)).tobytes())
            if key in self._held:
                return self._held[key][0], 1 / power
        return self.add(values), 1.0

    def text(self) -> str:
        """Return the tables as C."""
        return "\n\n".join(self._texts)

    def _written(self, values: npt.NDArray[Any]) -> str:
        name = f"table_{len(self._texts)}"
        kind = _TYPES[values.dtype.name]
        numbers = [literal(each) if kind == "float" else str(each) for each in values.reshape(-1)]
        body = "\n".join(f"    {line}" for line in _lines(numbers))
        self._texts.append(f"static const {kind} {name}[{len(numbers)}] = {{\n{body}\n}};")
        return name


def _lines(numbers: list[str]) -> list[str]:
    lines, line = [], ""
    for k, number in enumerate(numbers):
        piece = number if k == len(numbers) - 1 else f"{number}, "
        if len(line) + len(piece) > _LINE:
            lines.append(line.rstrip())
            line = ""
        line += piece
    return [*lines, line]
