"""Names of readings: found in the folder, and never outside it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.service.azure.errors import CodedError
from tocsin.service.azure.places import place_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with readings, and files beside it that are none of the clients' business."""
    (tmp_path / "data" / "plant" / "mill").mkdir(parents=True)
    for name in (
        "data/one.csv",
        "data/plant/one.csv",
        "data/plant/mill/a.csv",
        "tokens.json",
        "data-secret.csv",
        "data/.hidden.csv",
    ):
        (tmp_path / name).write_text(name, "utf-8")
    (tmp_path / "data" / "link.csv").symlink_to(tmp_path / "tokens.json")
    return tmp_path / "data"


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("one.csv", "one.csv"),
        ("plant/one.csv", "plant/one.csv"),
        ("/plant/one.csv", "plant/one.csv"),
        ("plant\\one.csv", "plant/one.csv"),
        ("https://acct.blob.core.windows.net/plant/one.csv?sv=1&sig=x", "plant/one.csv"),
        ("https://acct.blob.core.windows.net/elsewhere/one.csv", "one.csv"),
        ("https://acct.blob.core.windows.net/box/plant/mill/a%2Ecsv", "plant/mill/a.csv"),
    ],
)
def test_a_file_is_found_by_the_longest_end_of_its_path(folder: Path, name: str, found: str) -> None:
    assert place_of(name, folder, "OneTable") == folder / found


def test_a_folder_is_found(folder: Path) -> None:
    assert place_of("https://host/box/plant/mill/", folder, "MultiTable") == folder / "plant" / "mill"


@pytest.mark.parametrize(
    "name",
    [
        "../tokens.json",
        "plant/../../tokens.json",
        "https://host/..%2Ftokens.json",
        "https://host/%2e%2e/tokens.json",
        "..\\tokens.json",
        "/etc/passwd",
        "C:\\one.csv\\x",
        "link.csv",
        ".hidden.csv",
        "../data-secret.csv",
        ".",
        "/",
        "",
        "file:///etc/passwd",
        "https://[host/one.csv",
        "one.csv\x00",
        "plant",
        "x" * 5000,
    ],
)
def test_nothing_else_is_ever_found(folder: Path, name: str) -> None:
    with pytest.raises(CodedError) as told:
        place_of(name, folder, "OneTable")
    assert told.value.code == "FileNotExist"
    assert "nothing is fetched from the network" in told.value.message


def test_a_folder_is_no_table_and_the_whole_is_no_folder(folder: Path) -> None:
    for name in ("one.csv", "/", "."):
        with pytest.raises(CodedError):
            place_of(name, folder, "MultiTable")


@given(st.text(alphabet=st.sampled_from("./\\%2eE~:?#@*\x00 aone.csvtkjs-"), max_size=60))
def test_whatever_is_asked_for_lies_within(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    root = tmp_path_factory.getbasetemp() / "places"
    (root / "data").mkdir(parents=True, exist_ok=True)
    (root / "tokens.json").write_text("secret", "utf-8")
    (root / "data" / "one.csv").write_text("", "utf-8")
    try:
        found = place_of(name, root / "data", "OneTable")
    except CodedError:
        return
    assert found == (root / "data" / "one.csv").resolve()
