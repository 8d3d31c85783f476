"""Manifests that somebody else wrote: sealed with checksums that fit, and still refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tocsin.artifact import bundle
from tocsin.core.errors import ArtifactError

Edit = Callable[[dict[str, Any]], object]

NEWER = (
    "forged.tocsin has format version {}; this tocsin reads versions 1 to 2. "
    "Install the tocsin it was made with, or train it again."
)
NOT_VALID = "The manifest of forged.tocsin is not valid: {}"

CASES: dict[str, tuple[Edit, str]] = {
    "a future format": (lambda m: m.update(format=3), NEWER.format(3)),
    "no format": (lambda m: m.pop("format"), NEWER.format(None)),
    "a part missing": (lambda m: m.pop("policy"), NOT_VALID.format("policy: Field required.")),
    "a part nobody knows": (lambda m: m.update(run="x"), NOT_VALID.format("run: Extra inputs are not permitted.")),
    "a negative window": (lambda m: m.update(window=-1), NOT_VALID.format("window: Input should be greater than")),
    "a huge window": (lambda m: m.update(window=10**9), NOT_VALID.format("window: Input should be less than")),
    "a limit that is no number": (
        lambda m: m["calibration"]["limits"].update(limit=float("nan")),
        NOT_VALID.format("it holds a number that is not finite."),
    ),
    "a limit that is no number, in words": (
        lambda m: m["calibration"]["limits"].update(limit="nan"),
        NOT_VALID.format("it holds a number that is not finite."),
    ),
    "an infinite limit": (
        lambda m: m["calibration"]["limits"].update(limit=float("inf")),
        NOT_VALID.format("it holds a number that is not finite."),
    ),
    "no limit": (lambda m: m["calibration"].update(limits={}), NOT_VALID.format("limit: Field required.")),
    "a threshold nobody knows": (
        lambda m: m["calibration"].update(threshold="magic:1"),
        NOT_VALID.format("There is no 'magic' among the thresholds. Choose one of: "),
    ),
    "a threshold from elsewhere": (
        lambda m: m["calibration"].update(threshold="../../evil:1"),
        NOT_VALID.format("There is no '../../evil' among the thresholds."),
    ),
    "a private threshold": (
        lambda m: m["calibration"].update(threshold="_constant:1"),
        NOT_VALID.format("There is no '_constant' among the thresholds."),
    ),
    "a policy that cannot be": (
        lambda m: m["policy"].update(release_below=7),
        NOT_VALID.format("release_below is a share of the limit"),
    ),
    "quiet hours that are none": (
        lambda m: m["policy"].update(quiet=["always"]),
        NOT_VALID.format("'always' are no quiet hours"),
    ),
    "an intent about a channel that is not there": (
        lambda m: m["policy"].update(intents=[{"channel": 9}]),
        NOT_VALID.format("The policy speaks of other channels than there are."),
    ),
    "a device's factor that silences it": (
        lambda m: m["policy"].update(devices=[{"pattern": "*", "limit_factor": 0}]),
        NOT_VALID.format("limit_factor of * is 0.0."),
    ),
    "usual values of other channels": (
        lambda m: m["policy"].update(usual=[1.0]),
        NOT_VALID.format("The policy speaks of other channels than there are."),
    ),
    "a kind nobody knows": (lambda m: m.update(kinds=["real", "metre"]), NOT_VALID.format("kinds.1: Input should be")),
    "kinds of other channels": (
        lambda m: m.update(kinds=["counter"]),
        NOT_VALID.format("it tells the kinds of other channels than it has."),
    ),
    "a time beyond 64 bits": (
        lambda m: m["provenance"].update(end=10**30),
        NOT_VALID.format("it holds a number that is too large."),
    ),
    "a count beyond 64 bits": (
        lambda m: m["policy"].update(cooldown=10**30),
        NOT_VALID.format("it holds a number that is too large."),
    ),
    "parts of different width": (
        lambda m: m["impute"].update(channels=3),
        NOT_VALID.format("its parts disagree about the number of channels."),
    ),
    "relations of other channels": (
        lambda m: m.update(relations=[[0, 1], [1]]),
        NOT_VALID.format("it tells relations of other channels than it has."),
    ),
    "channels of the same name": (
        lambda m: m.update(channels=[m["channels"][0]] * 2),
        NOT_VALID.format("Channel names must differ, but these occur more than once: temperature."),
    ),
    "channels in another order": (
        lambda m: m["layout"]["channels"].reverse(),
        NOT_VALID.format("its parts disagree about the names of channels."),
    ),
    "a clock that stands still": (
        lambda m: m["clock"].update(period_ns=0),
        NOT_VALID.format("its clock runs backwards."),
    ),
    "a clock that never closes": (
        lambda m: m["clock"].update(lateness_ns=10**18),
        NOT_VALID.format("its clock would keep too many bins open."),
    ),
    "a clock that never forgets": (
        lambda m: m["clock"].update(restart=10**12),
        NOT_VALID.format("its clock would fill too many empty bins."),
    ),
    "a checksum that is none": (
        lambda m: m["members"]["graph.onnx"].update(sha256="f00"),
        NOT_VALID.format("members.graph.onnx.sha256: String should match pattern"),
    ),
    "a member without checksum": (
        lambda m: m["members"].pop("graph.onnx"),
        "graph.onnx in forged.tocsin does not match its checksum.",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_refused(case: str, forge: Callable[..., Path]) -> None:
    edit, message = CASES[case]
    with pytest.raises(ArtifactError) as error:
        bundle.load(forge(edit=edit))
    assert str(error.value).startswith(message)
    assert error.value.remedy
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b"[" * 5_000, b"\xff"])
def test_no_manifest_at_all(text: bytes) -> None:
    from tocsin.artifact.manifest import parse

    with pytest.raises(ArtifactError, match=r"^The manifest of x\.tocsin is not valid: "):
        parse(text, "x.tocsin")


def test_an_older_policy_gets_defaults(forge: Callable[..., Path]) -> None:
    known = {"channels", "raise_after", "release_below", "release_after", "cooldown"}

    def older(manifest: dict[str, Any]) -> None:
        manifest["policy"] = {name: value for name, value in manifest["policy"].items() if name in known}

    policy = bundle.load(forge(edit=older)).policy
    assert (policy.merge_within_ns, policy.quiet, policy.intents, policy.grades) == (0, (), (), (1.5, 3.0))
