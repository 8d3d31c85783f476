"""The ONNX versions that every graph of the project is written in, so that one runtime can be promised to run them.

ONNX Runtime 1.20, the oldest that tocsin accepts, knows all of them.
"""

from __future__ import annotations

OPSET = 21
"""Version of the standard operators."""

ML_OPSET = 3
"""Version of the ``ai.onnx.ml`` operators; the tree ensembles with leaf weights live here."""

IR_VERSION = 10
"""Version of the file format."""

PRODUCER = "tocsin"
"""What a graph says of its origin."""
