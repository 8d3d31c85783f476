"""``tocsin export``: what it prints, what it writes, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tocsin.artifact import bundle
from tocsin.export.target import Promise
from tocsin.export.targets.onnx import Onnx

Shell = Callable[..., tuple[int, str, str]]


def test_it_prints_the_proof_and_writes_the_file(shell: Shell, artifact: Path, tmp_path: Path) -> None:
    code, out, err = shell("export", artifact, "-o", "edge.onnx", "--report", "edge.html")
    assert (code, err) == (0, "")
    for text in ("Exported", "edge.onnx", "borderline", "Promised: scores at most 1e-05", "→ edge.html"):
        assert text in out
    assert (tmp_path / "edge.html").read_text("utf-8").count("</html>") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["edge.html", "edge.onnx"]


def test_an_artifact_goes_where_an_artifact_may(shell: Shell, artifact: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.tocsin").write_text("mine")
    code, _, err = shell("export", artifact, "-o", "notes.tocsin")
    assert code == 2
    assert "would be overwritten, and is no tocsin artifact" in err
    assert shell("export", artifact, "-o", "edge.tocsin", "--set", "lean=yes")[0] == 0
    assert not len(bundle.load(tmp_path / "edge.tocsin").sample)


@pytest.mark.slow
def test_machines_get_the_whole_proof(shell: Shell, artifact: Path, room: Path) -> None:
    code, out, _ = shell("export", artifact, room, "-o", "edge.onnx", "--json")
    told = json.loads(out)
    assert code == 0
    assert told["proof"]["passed"] is True
    kinds = {kind["kind"]: kind for kind in told["proof"]["kinds"]}
    assert kinds["normal"]["windows"] > 64
    assert kinds["borderline"]["agreement"] == 1.0
    assert told["files"][0]["path"] == "edge.onnx"


@pytest.mark.parametrize("as_json", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_refused_export_is_a_failed_check_and_writes_nothing(
    shell: Shell, artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_json: bool
) -> None:
    # a promise that nothing keeps, not even the artifact itself
    monkeypatch.setattr(Onnx, "promise", Promise(apart=-1.0, margin=0.0))
    arguments = ("export", artifact, "-o", "edge.onnx", "--report", "edge.html")
    code, out, err = shell(*arguments, *(["--json"] if as_json else []))
    assert code == 1
    assert ("refused:" in err) is not as_json
    if as_json:
        told = json.loads(out)
        assert (told["files"], told["proof"]["passed"]) == ([], False)
        assert told["proof"]["failures"]
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--target", "tflite"], "There is no target 'tflite'"),
        (["--set", "fast=1"], "no setting of onnx"),
        (["-o", "nowhere/edge.onnx"], "There is no folder nowhere"),
        (["-o", "edge.txt"], "ends neither in .tocsin nor in .onnx"),
    ],
)
def test_what_cannot_be_is_said(shell: Shell, artifact: Path, tmp_path: Path, arguments: list[str], told: str) -> None:
    code, _, err = shell("export", artifact, *(["-o", "edge.onnx"] if "-o" not in arguments else []), *arguments)
    assert code == 2
    assert told in err
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_without_a_place_it_goes_beside_the_artifact(shell: Shell, artifact: Path) -> None:
    code, out, _ = shell("export", artifact, "--json")
    place = Path(json.loads(out)["files"][0]["path"])
    assert (code, place) == (0, artifact.with_suffix(".onnx"))
    place.unlink()
