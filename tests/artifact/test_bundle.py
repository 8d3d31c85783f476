"""Artifact files: what goes in comes out bit for bit, and whatever else comes in is refused in one sentence."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tocsin.artifact import bundle
from tocsin.artifact.artifact import Artifact
from tocsin.core.errors import ArtifactError, InputError
from tocsin.engine.pipeline import Pipeline
from tocsin.engine.scorer import Scorer
from tocsin.training.recalibrate import recalibrate

Forge = Callable[..., Path]

AGAIN = "Get the file again, or train it again with: tocsin fit"


def refusal(path: Path) -> str:
    """Return the message with which a file is refused."""
    with pytest.raises(ArtifactError) as error:
        Pipeline(bundle.load(path))
    assert error.value.remedy
    assert "\n" not in str(error.value)
    return str(error.value)


def test_what_was_saved_scores_the_same_bit_for_bit(artifact: Artifact, saved: bytes, tmp_path: Path) -> None:
    (tmp_path / "room.tocsin").write_bytes(saved)
    loaded = bundle.load(tmp_path / "room.tocsin")
    readings = np.random.default_rng(1).normal([20, 50], [2, 10], (500, 2))
    before, after = Scorer(artifact).verdicts(readings), Scorer(loaded).verdicts(readings)
    for name in ("score", "limit", "by_channel", "status", "incident", "time", "row"):
        assert getattr(before, name).tobytes() == getattr(after, name).tobytes()
    assert before.events == after.events
    assert before.anomaly.any()


def test_everything_but_arrays_compares_equal_after_the_trip(artifact: Artifact, saved: bytes, tmp_path: Path) -> None:
    (tmp_path / "room.tocsin").write_bytes(saved)
    loaded = bundle.load(tmp_path / "room.tocsin")
    for name in ("schema", "layout", "window", "clock", "impute", "graph", "calibration", "policy", "provenance"):
        assert getattr(loaded, name) == getattr(artifact, name)
    np.testing.assert_array_equal(loaded.reference, artifact.reference)
    np.testing.assert_array_equal(loaded.evidence.score, artifact.evidence.score)
    np.testing.assert_array_equal(loaded.evidence.time, artifact.evidence.time)


def test_the_same_artifact_is_the_same_file(artifact: Artifact, saved: bytes, tmp_path: Path) -> None:
    bundle.save(artifact, tmp_path / "again.tocsin")
    assert (tmp_path / "again.tocsin").read_bytes() == saved
    bundle.save(bundle.load(tmp_path / "again.tocsin"), tmp_path / "third.tocsin")
    assert (tmp_path / "third.tocsin").read_bytes() == saved


def test_members(saved: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(saved)) as held:
        assert held.namelist() == ["manifest.json", "graph.onnx", "arrays.npz"]
        manifest = json.loads(held.read("manifest.json"))
        for name in ("graph.onnx", "arrays.npz"):
            body = held.read(name)
            assert manifest["members"][name] == {"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}
        assert manifest["format"] == 2


def test_saving_over_an_artifact_leaves_nothing_else_behind(artifact: Artifact, saved: bytes, tmp_path: Path) -> None:
    (tmp_path / "room.tocsin").write_bytes(b"older")
    bundle.save(artifact, tmp_path / "room.tocsin")
    assert [path.name for path in tmp_path.iterdir()] == ["room.tocsin"]
    assert (tmp_path / "room.tocsin").read_bytes() == saved


def test_saving_where_there_is_no_folder(artifact: Artifact, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"none/room\.tocsin cannot be written: No such file or directory\."):
        bundle.save(artifact, tmp_path / "none" / "room.tocsin")


def test_no_such_file(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.tocsin") == f"There is no artifact at {tmp_path / 'none.tocsin'}. Check the path."


def test_a_folder(tmp_path: Path) -> None:
    assert refusal(tmp_path) == f"{tmp_path} cannot be read: Is a directory. Check the path."


@pytest.mark.parametrize(
    "body", [b"", b"PK\x03\x04", b"time,temp\n1,2\n", bytes(1000)], ids=["empty", "zip", "csv", "0"]
)
def test_no_artifact_at_all(body: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.tocsin").write_bytes(body)
    assert refusal(tmp_path / "x.tocsin").startswith("x.tocsin is no tocsin artifact, or is truncated")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_truncated_file_is_refused(share: float, saved: bytes, tmp_path: Path) -> None:
    (tmp_path / "cut.tocsin").write_bytes(saved[: int(share * len(saved))])
    refusal(tmp_path / "cut.tocsin")


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0), flip=st.integers(1, 255))
def test_a_flipped_byte_is_refused_or_changes_nothing(
    place: int, flip: int, saved: bytes, artifact: Artifact, tmp_path: Path
) -> None:
    damaged = bytearray(saved)
    damaged[place % len(saved)] ^= flip
    (tmp_path / "flipped.tocsin").write_bytes(damaged)
    try:
        loaded = bundle.load(tmp_path / "flipped.tocsin")
    except ArtifactError:
        return
    assert (loaded.graph, loaded.calibration, loaded.policy) == (artifact.graph, artifact.calibration, artifact.policy)
    assert (loaded.schema, loaded.clock, loaded.impute) == (artifact.schema, artifact.clock, artifact.impute)
    assert loaded.reference.tobytes() == artifact.reference.tobytes()


def rezipped(saved: bytes, change: Callable[[dict[str, bytes]], list[tuple[str, bytes]]]) -> bytes:
    """Return the file with its members as ``change`` lists them, and its comment."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(saved)) as held, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as written:
        written.comment = held.comment
        for name, body in change({name: held.read(name) for name in held.namelist()}):
            written.writestr(name, body)
    return packed.getvalue()


STRANGE_MEMBERS: dict[str, tuple[Callable[[dict[str, bytes]], list[tuple[str, bytes]]], str]] = {
    "renamed": (lambda parts: [(n.replace("graph", "grape"), b) for n, b in parts.items()], "'grape.onnx'"),
    "extra": (lambda parts: [*parts.items(), ("run.py", b"print()")], "'run.py'"),
    "outside": (lambda parts: [*parts.items(), ("../evil", b"x")], "'../evil'"),
    "absolute": (lambda parts: [*parts.items(), ("/etc/evil", b"x")], "'/etc/evil'"),
    "missing": (lambda parts: list(parts.items())[:2], "'arrays.npz'"),
    "none": (lambda parts: [], "'arrays.npz'"),  # noqa: ARG005  # one signature for all
}


@pytest.mark.parametrize("case", STRANGE_MEMBERS)
def test_members_other_than_the_three(case: str, saved: bytes, tmp_path: Path) -> None:
    change, member = STRANGE_MEMBERS[case]
    path = tmp_path / "strange.tocsin"
    path.write_bytes(rezipped(saved, change))
    assert refusal(path) == f"strange.tocsin is no tocsin artifact: unexpected or missing member {member}. {AGAIN}"
    assert [found.name for found in tmp_path.iterdir()] == ["strange.tocsin"]


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_a_member_given_twice(saved: bytes, tmp_path: Path) -> None:
    path = tmp_path / "twice.tocsin"
    path.write_bytes(rezipped(saved, lambda parts: [*parts.items(), ("graph.onnx", b"another")]))
    assert "unexpected or missing member" in refusal(path)


@pytest.mark.parametrize("member", ["graph.onnx", "arrays.npz"])
def test_another_member_than_the_manifest_promises(member: str, saved: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.tocsin"
    path.write_bytes(rezipped(saved, lambda parts: list((parts | {member: parts[member] + b"\0"}).items())))
    assert refusal(path) == f"{member} in x.tocsin does not match its checksum. {AGAIN}"


def test_an_edited_limit(saved: bytes, tmp_path: Path, artifact: Artifact) -> None:
    limit = str(artifact.calibration.limits.limit).encode()  # type: ignore[attr-defined]  # a percentile's limit

    def raised(parts: dict[str, bytes]) -> list[tuple[str, bytes]]:
        text = parts["manifest.json"]
        assert text.count(limit) == 1
        return list((parts | {"manifest.json": text.replace(limit, b"99.0")}).items())

    (tmp_path / "x.tocsin").write_bytes(rezipped(saved, raised))
    assert refusal(tmp_path / "x.tocsin") == f"The manifest of x.tocsin does not match its checksum. {AGAIN}"


def test_a_zip_bomb_is_refused_before_it_is_unpacked(saved: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bomb.tocsin"
    zeros = bytes((16 << 20) + 1)
    path.write_bytes(rezipped(saved, lambda parts: list((parts | {"manifest.json": zeros}).items())))
    assert path.stat().st_size < 100_000
    assert refusal(path) == f"manifest.json in bomb.tocsin is larger than the 16 MB allowed. {AGAIN}"


@pytest.mark.parametrize("size", [10, 0xFFFFFFF0])
def test_a_member_that_lies_about_its_size(size: int, saved: bytes, tmp_path: Path) -> None:
    central = saved.index(b"PK\x01\x02")
    lying = bytearray(saved)
    lying[central + 24 : central + 28] = struct.pack("<I", size)
    (tmp_path / "lying.tocsin").write_bytes(lying)
    refusal(tmp_path / "lying.tocsin")


def claiming(shape: str) -> bytes:
    """Return arrays whose header claims a shape that no bytes stand behind."""
    head = f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({shape},), }}".encode().ljust(117) + b"\n"
    array = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as inner:
        inner.writestr("reference.npy", array)
        inner.writestr("scores.npy", array)
    return packed.getvalue()


def stuffed() -> bytes:
    """Return arrays that unpack to more than is allowed."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as inner:
        inner.writestr("reference.npy", bytes(300 << 20))
    return packed.getvalue()


TWO, FINE = np.array([20.0, 50.0]), np.array([1.0])
BAD_ARRAYS: dict[str, tuple[Any, str]] = {
    "pickled": ({"reference": TWO, "scores": np.array([{}], object)}, "Object arrays cannot be loaded"),
    "absent": ({"reference": TWO}, "scores is not a file in the archive"),
    "no zip": (b"no zip", "File is not a zip file"),
    "too large": (stuffed(), "they are larger than allowed"),
    "code in a header": (claiming("10**15"), "malformed"),
    "more claimed than there is": (claiming("1000000000000000"), ""),
    "not finite": ({"reference": TWO, "scores": np.array([np.nan])}, "scores is no series of finite numbers"),
    "texts": ({"reference": TWO, "scores": np.array(["1.0"])}, "scores is no series of finite numbers"),
    "complex": ({"reference": TWO + 1j, "scores": FINE}, "reference is no series of finite numbers"),
    "a table": ({"reference": TWO[None], "scores": FINE}, "reference is no series of finite numbers"),
}


@pytest.mark.parametrize("case", BAD_ARRAYS)
def test_arrays_that_are_none(case: str, forge: Callable[..., Path]) -> None:
    arrays, why = BAD_ARRAYS[case]
    message = refusal(forge(arrays=arrays))
    assert message.startswith("The arrays of forged.tocsin cannot be read (")
    assert why in message


FITTING: dict[str, Any] = {
    "reference": TWO,
    "scores": FINE,
    "band": TWO,
    "score_time": np.array([7]),
    "score_device": np.array([0]),
    "examples": np.zeros(2 * 8 * 2, np.float32),
}
UNFITTING: dict[str, dict[str, Any]] = {
    "channels": FITTING | {"reference": np.zeros(3)},
    "a band of others": FITTING | {"band": np.zeros(3)},
    "scores without times": FITTING | {"scores": np.zeros(2)},
    "part of a window": FITTING | {"examples": np.zeros(2 * 8 + 1, np.float32)},
}


@pytest.mark.parametrize("case", UNFITTING)
def test_arrays_for_other_channels(case: str, forge: Callable[..., Path]) -> None:
    path = forge(arrays=UNFITTING[case])
    assert refusal(path) == f"forged.tocsin has arrays that do not fit its channels. {AGAIN}"


def test_a_forged_file_that_is_fine_is_taken(forge: Callable[..., Path], artifact: Artifact) -> None:
    assert bundle.load(forge()).calibration == artifact.calibration


def with_external_weights(graph: bytes, *, key: bytes) -> bytes:
    """Return the graph with one constant kept in another file; ``key`` is how it writes the word "location"."""
    model = onnx.load_from_string(graph)
    constant = model.graph.initializer[0]
    constant.ClearField("raw_data")
    constant.data_location = onnx.TensorProto.EXTERNAL
    constant.external_data.add(key="location", value="/etc/passwd")
    written: bytes = model.SerializeToString()
    return written.replace(b"\x0a\x08location", key)


@pytest.mark.parametrize("key", [b"\x0a\x08location", b"\x0a\x88\x80\x00location", b"\x8a\x00\x08location"])
def test_a_graph_that_reads_other_files(key: bytes, forge: Callable[..., Path], artifact: Artifact) -> None:
    path = forge(graph=with_external_weights(artifact.graph, key=key))
    assert refusal(path) == f"The graph of forged.tocsin points to files outside it, which is refused. {AGAIN}"


def test_a_graph_of_garbage(forge: Callable[..., Path]) -> None:
    assert refusal(forge(graph=b"garbage")).startswith("The graph cannot be loaded: ")


def test_a_graph_for_other_windows(forge: Callable[..., Path]) -> None:
    bare = FITTING | {"examples": np.zeros(0, np.float32)}
    path = forge(arrays=bare, edit=lambda manifest: manifest.update(window=9))
    assert refusal(path) == "The artifact's graph takes other windows than its manifest says. Train it again."


def test_examples_come_back_as_windows(forge: Callable[..., Path]) -> None:
    examples = np.arange(32, dtype=np.float32)
    found = bundle.load(forge(arrays=FITTING | {"examples": examples}))
    np.testing.assert_array_equal(found.examples, examples.reshape(2, 8, 2))
    np.testing.assert_array_equal(found.normal, found.examples)
    bare = bundle.load(forge(arrays=FITTING | {"examples": examples[:0]}))
    np.testing.assert_array_equal(bare.normal, np.broadcast_to(np.float32(TWO), (1, 8, 2)))


def test_a_file_of_the_first_version_scores_as_it_did_and_holds_no_scores_without_an_order(
    artifact: Artifact, forge: Forge
) -> None:
    arrays = {"reference": artifact.reference, "scores": np.sort(artifact.evidence.score)}
    loaded = bundle.load(forge(edit=lambda m: m.update(format=1), arrays=arrays))
    assert (len(loaded.evidence), len(loaded.band), len(loaded.examples)) == (0, 0, 0)
    readings = np.random.default_rng(1).normal([20, 50], [2, 10], (300, 2))
    np.testing.assert_array_equal(Scorer(loaded).verdicts(readings).score, Scorer(artifact).verdicts(readings).score)
    with pytest.raises(InputError, match="an earlier tocsin made it"):
        recalibrate(loaded, threshold="percentile:90")
    assert recalibrate(loaded, alarm={"raise_after": 1}).artifact.policy.raise_after == 1


def test_a_file_of_the_present_version_lacks_no_array(artifact: Artifact, forge: Forge) -> None:
    assert "cannot be read" in refusal(forge(arrays={"reference": artifact.reference}))
