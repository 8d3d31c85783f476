"""ONNX graphs: the small builders detectors compose them from, and the one runner that executes them."""

from __future__ import annotations

from tocsin.graph._onnx import onnx_package, parse

__all__ = ["onnx_package", "parse"]
