"""``tocsin import``: from a foreign ONNX file to an artifact, and back out again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.training.adopt.foreign_models import components

from tocsin.artifact import bundle
from tocsin.sources import open_table

Shell = Callable[..., tuple[int, str, str]]
ORDER = (3, 0, 4, 1, 2)


@pytest.fixture(scope="module")
def foreign(room: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that takes the channels in an order of its own, with the schema beside it."""
    table = open_table(room)
    values = table.readings.values[:, ORDER].astype(np.float32)
    path = tmp_path_factory.mktemp("foreign") / "theirs.onnx"
    path.write_bytes(components(np.lib.stride_tricks.sliding_window_view(values, 6, axis=0).transpose(0, 2, 1)))
    names = [table.readings.schema.names[k] for k in ORDER]
    lines = ["gives = 'reconstruction'", "[channels]", *(f'{name} = "u{k}"' for k, name in enumerate(names))]
    path.with_suffix(".toml").write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_model_with_its_schema_becomes_an_artifact(shell: Shell, foreign: Path, room: Path, tmp_path: Path) -> None:
    code, out, _ = shell("import", foreign, room, "--schema", foreign.with_suffix(".toml"), "-o", "theirs.tocsin")
    assert code == 0
    assert "Imported → theirs.tocsin" in out
    found = bundle.load(tmp_path / "theirs.tocsin")
    assert {channel.unit for channel in found.schema.channels} == {f"u{k}" for k in range(5)}


@pytest.mark.slow
def test_an_import_is_an_artifact_like_any_other(shell: Shell, foreign: Path, room: Path) -> None:
    assert shell("import", foreign, room, "--schema", foreign.with_suffix(".toml"), "-o", "theirs.tocsin")[0] == 0
    assert shell("verify", "theirs.tocsin", room, "--rows", "100")[0] == 0
    assert shell("export", "theirs.tocsin", "-o", "edge.onnx")[0] == 0


@pytest.mark.slow
def test_flags_say_the_same_and_overrule_the_schema(shell: Shell, foreign: Path, room: Path, tmp_path: Path) -> None:
    names = open_table(room).readings.schema.names
    channels = ",".join(names[k] for k in ORDER)
    code, out, _ = shell(
        *("import", foreign, room, "--channels", channels, "--score", "last", "--threshold", "fixed:2"),
        *("-o", "theirs.tocsin", "--json"),
    )
    told = json.loads(out)
    assert (code, told["limit"], told["detector"]) == (0, 2.0, "imported")
    assert bundle.load(tmp_path / "theirs.tocsin").provenance.settings["score"] == "last"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--gives", "score"], "a score is one number"),
        (["--gives", "labels"], "gives is 'labels'"),
        (["--layout", "ncw"], "and 5 channels are to go in"),
        (["--schema", "none.toml"], "none.toml is no schema"),
        (["--channels", "temperature"], "and 1 channel is to go in"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_written(
    shell: Shell, foreign: Path, room: Path, tmp_path: Path, arguments: list[str], told: str
) -> None:
    code, _, err = shell("import", foreign, room, "-o", "theirs.tocsin", *arguments)
    assert code == 2
    assert told in err
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_what_is_no_model_is_said(shell: Shell, room: Path) -> None:
    assert "no ONNX model" in shell("import", room, room, "-o", "theirs.tocsin")[2]
    code, _, err = shell("import", "none.onnx", room, "-o", "theirs.tocsin")
    assert (code, "There is no model at none.onnx" in err) == (2, True)
