"""Where the ``onnx`` package is imported: late, because scoring hosts do without it."""

from __future__ import annotations

from typing import Any

from tocsin.core.errors import ArtifactError, MissingExtraError


def onnx_package() -> Any:
    """Return the module ``onnx`` with ``onnx.checker``, ``onnx.helper`` and ``onnx.numpy_helper`` loaded.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    try:
        import onnx
        import onnx.checker
        import onnx.helper
        import onnx.numpy_helper
    except ImportError as error:
        raise MissingExtraError("Building a graph", extra="train", library="onnx") from error
    return onnx


def parse(model: bytes) -> Any:
    """Return the ``onnx.ModelProto`` that ``model`` holds.

    Raises
    ------
    ArtifactError
        If it is no ONNX model.
    """
    onnx = onnx_package()
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # protobuf ships no types

    try:
        parsed = onnx.load_from_string(model)
    except DecodeError as error:
        raise ArtifactError("This is not an ONNX model.", remedy="Train it again with: tocsin fit") from error
    if not parsed.graph.node:
        raise ArtifactError("This ONNX model is empty.", remedy="Train it again with: tocsin fit")
    return parsed
