"""What is done to one value by itself, as C expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np

from tocsin.export.c.program import Node

Write = Callable[[Sequence[str], Mapping[str, Any]], str]


def literal(value: float) -> str:
    """Return a float32 number as C writes it, to the last bit.

    >>> literal(0.1), literal(3), literal(-1e30), literal(float("inf"))
    ('0.1f', '3.0f', '-1e+30f', 'INFINITY')
    """
    single = np.float32(value)
    if not np.isfinite(single):
        return "NAN" if np.isnan(single) else ("INFINITY" if single > 0 else "(-INFINITY)")
    text = str(single)
    return f"{text}f" if "." in text or "e" in text else f"{text}.0f"


def expression(node: Node, given: Sequence[str]) -> str:
    """Return what ``node`` makes of ``given``: names, numbers or elements, which may be written down twice."""
    return EACH[node.kind](given, node.attributes)


def _call(name: str) -> Write:
    return lambda given, _: f"{name}({given[0]})"


def _sign(sign: str) -> Write:
    return lambda given, _: f"{given[0]} {sign} {given[1]}"


def _compared(sign: str) -> Write:
    return lambda given, _: f"{given[0]} {sign} {given[1]} ? 1.0f : 0.0f"


def _folded(given: Sequence[str], sign: str) -> str:
    return reduce(lambda one, other: f"({one} {sign} {other} ? {one} : {other})", given)


def _clip(given: Sequence[str], _: Mapping[str, Any]) -> str:
    low, high = [*given, "", ""][1:3]
    # comparisons are written such that NaN stays NaN
    inner = given[0] if not high else f"({given[0]} > {high} ? {high} : {given[0]})"
    return inner if not low else f"{given[0]} < {low} ? {low} : {inner}"


def _elu(given: Sequence[str], attributes: Mapping[str, Any]) -> str:
    below = f"expf({given[0]}) - 1.0f"
    alpha = attributes.get("alpha", 1.0)
    return f"{given[0]} > 0.0f ? {given[0]} : {below if alpha == 1 else f'{literal(alpha)} * ({below})'}"


def _leaky(given: Sequence[str], attributes: Mapping[str, Any]) -> str:
    return f"{given[0]} > 0.0f ? {given[0]} : {literal(attributes.get('alpha', 0.01))} * {given[0]}"


EACH: Mapping[str, Write] = {
    **{name: _call(f"{name.lower()}f") for name in ("Sqrt", "Exp", "Log", "Floor", "Ceil", "Tanh", "Erf")},
    "Abs": _call("fabsf"),
    "Neg": lambda given, _: f"-({given[0]})",
    "Reciprocal": lambda given, _: f"1.0f / {given[0]}",
    "Relu": lambda given, _: f"{given[0]} < 0.0f ? 0.0f : {given[0]}",
    "Elu": _elu,
    "LeakyRelu": _leaky,
    "Sigmoid": lambda given, _: f"1.0f / (1.0f + expf(-({given[0]})))",
    **{name: _sign(sign) for name, sign in (("Add", "+"), ("Sub", "-"), ("Mul", "*"), ("Div", "/"))},
    "Pow": lambda given, _: f"powf({given[0]}, {given[1]})",
    "Max": lambda given, _: _folded(given, ">"),
    "Min": lambda given, _: _folded(given, "<"),
    "Clip": _clip,
    **{
        name: _compared(sign)
        for name, sign in (("Greater", ">"), ("Less", "<"), ("GreaterOrEqual", ">="), ("LessOrEqual", "<="))
    },
    "Where": lambda given, _: f"{given[0]} > 0.5f ? {given[1]} : {given[2]}",
    "Quantise": lambda given, attributes: f"rounded({given[0]} * {literal(attributes['factor'])})",
}
"""Operators that make each value of others at its own place, and how C writes them."""
