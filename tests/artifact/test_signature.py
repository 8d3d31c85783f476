"""Signatures: what a trusted key has signed is read; one other byte, another key or none, and it is refused."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.artifact import bundle
from tocsin.artifact.signature import DOMAIN, check, sign, signer
from tocsin.artifact.signing_key import SigningKey
from tocsin.artifact.trust import Trust
from tocsin.core.errors import ArtifactError, InputError, SettingError


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, saved: bytes) -> Path:
    """A plant's key, a stranger's, an artifact, and the same one signed."""
    place = tmp_path_factory.mktemp("signed")
    key = SigningKey.make(place / "plant.key")
    SigningKey.make(place / "other.key")
    (place / "room.tocsin").write_bytes(saved)
    sign(place / "room.tocsin", key, place / "signed.tocsin")
    return place


@pytest.fixture(scope="module")
def trust(folder: Path) -> Trust:
    return Trust.read([folder / "plant.pub"])


def test_a_signed_artifact_is_the_same_artifact(folder: Path, trust: Trust) -> None:
    for found in (
        bundle.load(folder / "signed.tocsin"),
        bundle.load(folder / "signed.tocsin", trust=trust),
        bundle.load(folder / "signed.tocsin", trust=Trust()),
    ):
        assert found.graph == bundle.load(folder / "room.tocsin").graph
    assert bundle.is_sealed(folder / "signed.tocsin")
    assert signer(folder / "signed.tocsin") == next(iter(trust.keys))
    assert signer(folder / "room.tocsin") == ""


def test_the_signature_is_ed25519_over_all_bytes_before_it(folder: Path) -> None:
    body = (folder / "signed.tocsin").read_bytes()
    public = load_pem_public_key((folder / "plant.pub").read_bytes())
    assert isinstance(public, Ed25519PublicKey)
    public.verify(bytes.fromhex(body[-128:].decode()), DOMAIN + body[:-128])


@settings(max_examples=50, deadline=None)
@given(place=st.integers(0, 10**6), by=st.integers(1, 255))
def test_any_other_byte_is_refused(folder: Path, trust: Trust, place: int, by: int) -> None:
    body = bytearray((folder / "signed.tocsin").read_bytes())
    body[place % len(body)] ^= by
    with pytest.raises(ArtifactError) as error:
        check(bytes(body), trust, "signed.tocsin")
    assert error.value.remedy


def test_every_byte_of_the_signature_counts(folder: Path, trust: Trust) -> None:
    whole = (folder / "signed.tocsin").read_bytes()
    for place in range(len(whole) - 154, len(whole)):
        for by in (0x01, 0x20):  # 0x20 turns a small letter into a capital, which reads as the same number
            body = bytearray(whole)
            body[place] ^= by
            with pytest.raises(ArtifactError):
                check(bytes(body), trust, "signed.tocsin")


@pytest.mark.parametrize("cut", [1, 10, 128, 200])
def test_a_shorter_or_longer_file_is_refused(folder: Path, trust: Trust, tmp_path: Path, cut: int) -> None:
    whole = (folder / "signed.tocsin").read_bytes()
    for body in (whole[:-cut], whole + b"0" * cut, b"0" * cut + whole, b""):
        (tmp_path / "cut.tocsin").write_bytes(body)
        with pytest.raises(ArtifactError):
            bundle.load(tmp_path / "cut.tocsin", trust=trust)


def test_an_unsigned_and_a_strangers_artifact_are_refused_in_a_sentence(
    folder: Path, trust: Trust, tmp_path: Path
) -> None:
    with pytest.raises(ArtifactError, match=r"room\.tocsin is not signed, and signatures are required"):
        bundle.load(folder / "room.tocsin", trust=trust)
    sign(folder / "room.tocsin", SigningKey.read(folder / "other.key"), tmp_path / "other.tocsin")
    with pytest.raises(ArtifactError, match="which is not trusted"):
        bundle.load(tmp_path / "other.tocsin", trust=trust)


def test_signing_anew_replaces_the_signature(folder: Path, tmp_path: Path) -> None:
    sign(folder / "signed.tocsin", SigningKey.read(folder / "other.key"), tmp_path / "anew.tocsin")
    assert (tmp_path / "anew.tocsin").stat().st_size == (folder / "signed.tocsin").stat().st_size
    bundle.load(tmp_path / "anew.tocsin", trust=Trust.read([folder / "other.pub"]))
    assert [path.name for path in tmp_path.iterdir()] == ["anew.tocsin"]


def test_one_of_several_keys_is_enough(folder: Path) -> None:
    bundle.load(folder / "signed.tocsin", trust=Trust.read([folder / "other.pub", folder / "plant.pub"]))


def test_a_private_key_is_its_owners_and_is_never_replaced(folder: Path) -> None:
    assert stat.S_IMODE((folder / "plant.key").stat().st_mode) == 0o600
    with pytest.raises(InputError, match="never replaced"):
        SigningKey.make(folder / "plant.key")


def test_what_is_no_key_is_refused_in_a_sentence(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "no.pub").write_text("nonsense")
    for path in (tmp_path / "no.pub", folder / "plant.key", tmp_path / "absent.pub"):
        with pytest.raises(SettingError) as error:
            Trust.read([path])
        assert error.value.remedy
    for path in (tmp_path / "no.pub", folder / "plant.pub", tmp_path / "absent.key"):
        with pytest.raises(SettingError):
            SigningKey.read(path)
