"""What other rooms need of the ``onnx`` package: the package itself, loaded late, and a reader of models."""

from __future__ import annotations

from tocsin.graph._onnx import onnx_package, parse

__all__ = ["onnx_package", "parse"]
