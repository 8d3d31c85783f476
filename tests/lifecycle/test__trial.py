"""What enters a registry: hostile files are refused in a sentence, cost little, and leave nothing behind."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tocsin.core.errors import ArtifactError
from tocsin.graph.network import Network
from tocsin.lifecycle.registry import Registry

Sealed = tuple[Path, Path, Path]
Forge = Callable[..., bytes]


@pytest.fixture
def forge(sealed: Sealed) -> Forge:
    """Return a function that gives an artifact's bytes with members exchanged, and checksums that fit."""

    def made(**members: bytes) -> bytes:
        with zipfile.ZipFile(sealed[0]) as held:
            parts = {name: held.read(name) for name in held.namelist()}
        parts |= {name.replace("_", "."): body for name, body in members.items()}
        manifest = json.loads(parts.pop("manifest.json"))
        manifest["members"] = {
            name: {"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()} for name, body in parts.items()
        }
        return zipped({"manifest.json": json.dumps(manifest).encode(), **parts})

    return made


def zipped(parts: dict[str, bytes]) -> bytes:
    """Return a sealed zip of some members."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.comment = b"tocsin " + hashlib.sha256(parts.get("manifest.json", b"")).hexdigest().encode()
        for name, body in parts.items():
            bundle.writestr(name, body)
    return written.getvalue()


def refused(body: bytes, folder: Path) -> str:
    """Return why a file is refused; nothing of it may be left."""
    sent = folder / "sent.tocsin"
    sent.write_bytes(body)
    with pytest.raises(ArtifactError) as error:
        Registry(folder / "artifacts").add("pump", sent, by="ada")
    assert error.value.remedy
    assert [file.name for file in folder.iterdir()] == ["sent.tocsin"]
    return error.value.message


def exploding(values: int) -> bytes:
    """Return a small graph that asks for so many values as soon as it is opened."""
    network = Network(window=8, channels=5)
    flat = network.op("Reshape", network.input, network.integers([-1, 40]))
    grown = network.op("Expand", network.constant(np.ones((1, 1), np.float32)), network.integers([1, values]))
    first = network.op("Gather", flat, network.integers([0]), attributes={"axis": 1})
    one = network.op("Gather", grown, network.integers([0]), attributes={"axis": 1})
    return network.seal(network.op("Reshape", network.op("Add", first, one), network.integers([-1]))).onnx


def test_an_artifact_that_nobody_vouches_for_is_tried_and_taken(sealed: Sealed, tmp_path: Path) -> None:
    assert Registry(tmp_path).add("pump", sealed[0], by="ada")[0].version == 1


def test_a_graph_that_would_eat_all_memory_ends_in_the_trial(forge: Forge, tmp_path: Path) -> None:
    body = forge(graph_onnx=exploding(1 << 34))
    assert len(body) < 10_000
    assert refused(body, tmp_path) == "The artifact's graph cannot be run, or takes too much memory."


def test_a_graph_of_the_same_make_that_stays_small_is_taken(forge: Forge, tmp_path: Path) -> None:
    (tmp_path / "sent.tocsin").write_bytes(forge(graph_onnx=exploding(1 << 10)))
    assert Registry(tmp_path / "artifacts").add("pump", tmp_path / "sent.tocsin", by="ada")[1]


def test_a_zip_bomb_costs_no_memory(forge: Forge, tmp_path: Path) -> None:
    body = forge(graph_onnx=bytes(64 << 20))
    assert len(body) < 1 << 20
    tracemalloc.start()
    try:
        assert "which is refused" in refused(body, tmp_path)
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


def test_a_table_of_contents_with_many_entries_is_not_read(tmp_path: Path) -> None:
    body = zipped({f"{k}": b"" for k in range(20_000)})
    tracemalloc.start()
    try:
        assert refused(body, tmp_path) == "The file is no tocsin artifact: its table of contents is not one's."
        assert tracemalloc.get_traced_memory()[1] < 1 << 20 + len(body)
    finally:
        tracemalloc.stop()


def test_a_table_of_contents_that_says_it_is_short(tmp_path: Path) -> None:
    """The end of the file says three entries, and a second, larger end lies before it."""
    body = bytearray(zipped({f"{k}": b"" for k in range(1000)}))
    end = len(body) - 93
    body[end + 8 : end + 12] = struct.pack("<2H", 3, 3)
    assert "table of contents" in refused(bytes(body), tmp_path)
    body[end + 12 : end + 16] = struct.pack("<L", 200)
    assert refused(bytes(body), tmp_path)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file(share: float, sealed: Sealed, tmp_path: Path) -> None:
    body = sealed[0].read_bytes()
    assert "truncated" in refused(body[: int(share * len(body))], tmp_path)


@pytest.mark.parametrize("body", [b"time,temp\n1,2\n" * 100, b"PK\x03\x04" + bytes(500), b"\x89PNG" + bytes(300)])
def test_a_file_of_another_kind(body: bytes, tmp_path: Path) -> None:
    assert refused(body, tmp_path) == "The file is no tocsin artifact, or is truncated."


@pytest.mark.parametrize("name", ["../../evil", "/etc/cron.d/evil", "..\\evil"])
def test_members_that_would_lie_elsewhere(name: str, sealed: Sealed, tmp_path: Path) -> None:
    with zipfile.ZipFile(sealed[0]) as held:
        parts = {own: held.read(own) for own in ("manifest.json", "graph.onnx")}
    assert "no tocsin artifact" in refused(zipped({**parts, name: b"evil"}), tmp_path)


def test_a_graph_that_points_outside(forge: Forge, sealed: Sealed, tmp_path: Path) -> None:
    import onnx

    with zipfile.ZipFile(sealed[0]) as held:
        model = onnx.load_from_string(held.read("graph.onnx"))
    constant = model.graph.initializer[0]
    constant.ClearField("raw_data")
    constant.data_location = onnx.TensorProto.EXTERNAL
    constant.external_data.add(key="location", value="/etc/passwd")
    assert "points to files outside" in refused(forge(graph_onnx=model.SerializeToString()), tmp_path)


def test_a_graph_that_does_not_fit_its_manifest(sealed: Sealed, forge: Forge, tmp_path: Path) -> None:
    with zipfile.ZipFile(sealed[1]) as held:
        other = held.read("graph.onnx")
    assert "takes other windows" in refused(forge(graph_onnx=other), tmp_path)


def test_an_artifact_of_a_newer_tocsin(sealed: Sealed, tmp_path: Path) -> None:
    with zipfile.ZipFile(sealed[0]) as held:
        parts = {name: held.read(name) for name in held.namelist()}
    manifest = json.loads(parts["manifest.json"])
    parts["manifest.json"] = json.dumps({**manifest, "format": 99}).encode()
    assert "has format version 99" in refused(zipped(parts), tmp_path)
