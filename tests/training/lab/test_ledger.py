from __future__ import annotations

from pathlib import Path

import pytest

from tocsin.training.lab.ledger import Ledger

KEY = {"detector": "rolling_zscore", "window": (3, 4), "seed": 0}


def test_what_was_put_is_found_again(tmp_path: Path) -> None:
    Ledger(tmp_path).put(KEY, {"f1": 0.25})
    assert Ledger(tmp_path).get(dict(reversed(KEY.items()))) == {"f1": 0.25}
    assert Ledger(tmp_path).get(KEY | {"seed": 1}) is None


@pytest.mark.parametrize("damage", [b"", b"{", b'{"key": {}, "result": {"f1": 1}}', b"[1]", b"\xff\xfe"])
def test_a_damaged_file_counts_as_none(tmp_path: Path, damage: bytes) -> None:
    Ledger(tmp_path).put(KEY, {"f1": 0.25})
    (path,) = tmp_path.glob("*.json")
    path.write_bytes(damage)
    assert Ledger(tmp_path).get(KEY) is None


def test_another_version_has_other_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Ledger(tmp_path).put(KEY, {"f1": 0.25})
    monkeypatch.setattr("tocsin.training.lab.ledger.__version__", "99")
    assert Ledger(tmp_path).get(KEY) is None


def test_no_draft_is_left(tmp_path: Path) -> None:
    Ledger(tmp_path / "new").put(KEY, {})
    assert [path.suffix for path in (tmp_path / "new").iterdir()] == [".json"]
