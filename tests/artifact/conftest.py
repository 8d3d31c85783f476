"""One small artifact, and a forger who seals whatever is wanted with checksums that fit."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from tocsin.artifact import bundle
from tocsin.artifact.artifact import Artifact
from tocsin.sources import open_table
from tocsin.training.fit import train
from tocsin.training.recipe import Recipe

Forge = Callable[..., Path]


def room(rows: int = 300, *, seed: int = 0) -> pl.DataFrame:
    """Return two channels of noise, once a minute."""
    values = np.random.default_rng(seed).normal([20, 50], [1, 5], (rows, 2))
    time = np.datetime64("2024-01-01", "ns") + np.arange(rows) * np.timedelta64(60, "s")
    return pl.DataFrame({"time": time, "temperature": values[:, 0], "humidity": values[:, 1]})


@pytest.fixture(scope="session")
def artifact() -> Artifact:
    return train(open_table(room()), Recipe(detector="rolling_zscore", window=8, threshold="percentile:99"))


@pytest.fixture(scope="session")
def saved(artifact: Artifact, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The artifact's file."""
    path = tmp_path_factory.mktemp("saved") / "room.tocsin"
    bundle.save(artifact, path)
    return path.read_bytes()


@pytest.fixture
def forge(saved: bytes, tmp_path: Path) -> Forge:
    """Return a function that writes the artifact's file with parts exchanged and all checksums made to fit."""

    def made(
        *,
        edit: Callable[[dict[str, Any]], object] = bool,
        graph: bytes | None = None,
        arrays: Mapping[str, np.ndarray[Any, Any]] | bytes | None = None,
    ) -> Path:
        with zipfile.ZipFile(io.BytesIO(saved)) as held:
            parts = {name: held.read(name) for name in held.namelist()}
        parts["graph.onnx"] = parts["graph.onnx"] if graph is None else graph
        parts["arrays.npz"] = parts["arrays.npz"] if arrays is None else _packed(arrays)
        manifest = json.loads(parts.pop("manifest.json"))
        manifest["members"] = {
            name: {"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()} for name, body in parts.items()
        }
        edit(manifest)
        text = json.dumps(manifest).encode()
        path = tmp_path / "forged.tocsin"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as written:
            written.comment = b"tocsin " + hashlib.sha256(text).hexdigest().encode()
            for name, body in {"manifest.json": text, **parts}.items():
                written.writestr(name, body)
        return path

    return made


def _packed(arrays: Mapping[str, np.ndarray[Any, Any]] | bytes) -> bytes:
    if isinstance(arrays, bytes):
        return arrays
    packed = io.BytesIO()
    np.savez_compressed(packed, allow_pickle=True, **arrays)
    return packed.getvalue()
