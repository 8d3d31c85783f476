"""Artifacts as files: a zip of manifest, graph and arrays, each with its checksum, and a reader that trusts nobody."""

from __future__ import annotations

import hashlib
import io
import os
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tocsin.artifact.artifact import Artifact
from tocsin.artifact.manifest import Manifest, Member, describe, parse
from tocsin.artifact.signature import check, comment_of
from tocsin.artifact.trust import Trust
from tocsin.core.errors import ArtifactError
from tocsin.core.reference import Reference
from tocsin.core.schema import Schema

MANIFEST, GRAPH, ARRAYS = "manifest.json", "graph.onnx", "arrays.npz"
LARGEST = {MANIFEST: 16 << 20, GRAPH: 512 << 20, ARRAYS: 256 << 20}
"""Bytes that a member may have, unpacked."""

_KINDS: dict[str, type[np.generic]] = {
    "reference": np.float64,
    "scores": np.float64,
    "band": np.float64,
    "examples": np.float32,
    "sample": np.float32,
    "score_time": np.int64,
    "score_device": np.int64,
}
"""The arrays, and what they consist of."""

_EPOCH = (1980, 1, 1, 0, 0, 0)
_EXTERNAL = re.compile(rb"(?:\x0a|\x8a\x80*\x00)(?:\x08|\x88\x80*\x00)location")
"""How a graph that points to files outside itself begins to say so, also with numbers written longer than needed."""
_AGAIN = "Get the file again, or train it again with: tocsin fit"


def save(artifact: Artifact, path: str | os.PathLike[str]) -> None:
    """Write ``artifact`` to ``path``, whole or not at all."""
    contents = {GRAPH: artifact.graph, ARRAYS: _pack(_arrays(artifact))}
    members = {name: Member(bytes=len(body), sha256=_sha256(body)) for name, body in contents.items()}
    manifest = describe(artifact, members).model_dump_json(indent=1).encode()
    target = Path(path)
    part = target.with_name(f".{target.name}.part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as bundle:
            bundle.comment = f"tocsin {_sha256(manifest)}".encode()
            for name, body in {MANIFEST: manifest, **contents}.items():
                bundle.writestr(zipfile.ZipInfo(name, _EPOCH), body, zipfile.ZIP_DEFLATED)
        part.replace(target)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ArtifactError(f"{target} cannot be written: {error.strerror}.", remedy="Choose another place.") from None


def is_sealed(path: str | os.PathLike[str]) -> bool:
    """Tell at a glance whether a file says that it is an artifact; whether it is sound, only :func:`load` tells."""
    try:
        with zipfile.ZipFile(path) as bundle:
            return bundle.comment.startswith(b"tocsin ")
    except (OSError, zipfile.BadZipFile):
        return False


def load(path: str | os.PathLike[str], *, trust: Trust | None = None) -> Artifact:
    """Read an artifact. Nothing in the file is executed, and nothing outside it is read.

    Parameters
    ----------
    path
        The file.
    trust
        Whose signature it must bear, with one key at least; else any artifact will do.

    Raises
    ------
    ArtifactError
        If it is missing, truncated, altered, oversized, from a newer tocsin, or no artifact at all; where signatures
        are required, also if it is not signed, or by somebody else.
    """
    name = Path(path).name
    try:
        with zipfile.ZipFile(_checked_bytes(path, trust, name) if trust else path) as bundle:
            return _read(bundle, name)
    except FileNotFoundError:
        raise ArtifactError(f"There is no artifact at {path}.", remedy="Check the path.") from None
    except (IsADirectoryError, PermissionError) as error:
        raise ArtifactError(f"{path} cannot be read: {error.strerror}.", remedy="Check the path.") from None
    except ArtifactError:
        raise
    except Exception as error:  # on hostile bytes zipfile and its unpackers fail in many ways, with no common base
        raise ArtifactError(f"{name} is no tocsin artifact, or is truncated ({error}).", remedy=_AGAIN) from None


def _checked_bytes(path: str | os.PathLike[str], trust: Trust, name: str) -> io.BytesIO:
    """Return the bytes of a file that was signed: the same that are read, whatever happens to the file meanwhile."""
    body = Path(path).read_bytes()
    check(body, trust, name)
    return io.BytesIO(body)


def _read(bundle: zipfile.ZipFile, name: str) -> Artifact:
    _check_names(bundle, name)
    text = _member(bundle, MANIFEST, name)
    if comment_of(bundle.comment) != f"tocsin {_sha256(text)}".encode():
        raise ArtifactError(f"The manifest of {name} does not match its checksum.", remedy=_AGAIN)
    manifest, calibration, earlier = parse(text, name)
    graph, packed = (_checked(bundle, manifest, member, name) for member in (GRAPH, ARRAYS))
    if _EXTERNAL.search(graph):
        raise ArtifactError(f"The graph of {name} points to files outside it, which is refused.", remedy=_AGAIN)
    arrays = _unpack(packed, name, version=manifest.format)
    if not _fitting(arrays, window=manifest.window, channels=len(manifest.channels)):
        raise ArtifactError(f"{name} has arrays that do not fit its channels.", remedy=_AGAIN)
    return Artifact(
        schema=Schema(manifest.channels),
        layout=manifest.layout,
        window=manifest.window,
        clock=manifest.clock,
        impute=manifest.impute,
        graph=graph,
        calibration=calibration,
        policy=manifest.policy,
        reference=arrays["reference"],
        evidence=_evidence(arrays, manifest),
        provenance=manifest.provenance,
        kinds=manifest.kinds,
        relations=manifest.relations,
        band=arrays["band"],
        examples=arrays["examples"].reshape(-1, manifest.window, len(manifest.channels)),
        sample=arrays["sample"].reshape(-1, manifest.window, len(manifest.channels)),
        earlier=earlier,
    )


def _arrays(artifact: Artifact) -> dict[str, npt.NDArray[Any]]:
    held = artifact.evidence
    scores = {"scores": held.score, "score_time": held.time, "score_device": held.device}
    windows = {name: getattr(artifact, name).reshape(-1) for name in ("examples", "sample")}
    return {"reference": artifact.reference, "band": artifact.band, **windows, **scores}


def _fitting(arrays: dict[str, npt.NDArray[Any]], *, window: int, channels: int) -> bool:
    """Tell whether arrays are as long as they must be."""
    scores = {len(arrays[name]) for name in ("scores", "score_time", "score_device")}
    of_channels = len(arrays["reference"]) == channels and len(arrays["band"]) in (channels, 0)
    whole = all(len(arrays[name]) % (window * channels) == 0 for name in ("examples", "sample"))
    return of_channels and whole and len(scores) == 1


def _evidence(arrays: dict[str, npt.NDArray[Any]], manifest: Manifest) -> Reference:
    rows = manifest.provenance.row_clock
    return Reference(
        arrays["scores"],
        arrays["score_time"],
        arrays["score_device"],
        period_ns=1 if rows else manifest.clock.period_ns,
        row_clock=rows,
        raise_after=manifest.policy.raise_after,
    )


def _check_names(bundle: zipfile.ZipFile, name: str) -> None:
    held = sorted(bundle.namelist())
    if held != sorted(LARGEST):
        strange = sorted(set(held) - set(LARGEST)) or sorted(set(LARGEST) - set(held)) or held
        raise ArtifactError(
            f"{name} is no tocsin artifact: unexpected or missing member {strange[0]!r}.", remedy=_AGAIN
        )


def _member(bundle: zipfile.ZipFile, member: str, name: str) -> bytes:
    """Return a member's bytes. :mod:`zipfile` never unpacks more than the size it has been told."""
    if bundle.getinfo(member).file_size > LARGEST[member]:
        raise ArtifactError(f"{member} in {name} is larger than the {LARGEST[member] >> 20} MB allowed.", remedy=_AGAIN)
    return bundle.read(member)


def _checked(bundle: zipfile.ZipFile, manifest: Manifest, member: str, name: str) -> bytes:
    body = _member(bundle, member, name)
    promised = manifest.members.get(member)
    if promised is None or len(body) != promised.bytes or _sha256(body) != promised.sha256:
        raise ArtifactError(f"{member} in {name} does not match its checksum.", remedy=_AGAIN)
    return body


def _pack(arrays: dict[str, npt.NDArray[Any]]) -> bytes:
    """Return the arrays as an ``.npz``, the same bytes for the same arrays."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as bundle:
        for name, array in arrays.items():
            body = io.BytesIO()
            np.lib.format.write_array(body, np.ascontiguousarray(array), allow_pickle=False)
            bundle.writestr(zipfile.ZipInfo(f"{name}.npy", _EPOCH), body.getvalue())
    return packed.getvalue()


def _unpack(packed: bytes, name: str, *, version: int) -> dict[str, npt.NDArray[Any]]:
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as inner:
            if sum(entry.file_size for entry in inner.infolist()) > LARGEST[ARRAYS]:
                raise ValueError("they are larger than allowed")
        with np.load(io.BytesIO(packed), allow_pickle=False) as held:
            whole = version > 1 or "score_time" in held
            wanted = _KINDS.keys() - {"sample"} if whole else {"reference"}
            kinds = {key: kind for key, kind in _KINDS.items() if key in wanted or (whole and key in held)}
            found = {key: _series(held[key], key, kind) for key, kind in kinds.items()}
            # the first version's scores had lost their order, without which no limit can be found from them anew
            return {key: np.zeros(0, kind) for key, kind in _KINDS.items()} | found
    except Exception as error:  # as in load
        raise ArtifactError(f"The arrays of {name} cannot be read ({error}).", remedy=_AGAIN) from None


def _series(array: npt.NDArray[Any], key: str, kind: type[np.generic]) -> npt.NDArray[Any]:
    if array.dtype != kind or array.ndim != 1 or not np.isfinite(array).all():
        raise ValueError(f"{key} is no series of finite numbers")
    return array


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
