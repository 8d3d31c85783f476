"""The command line as a whole: verbs, help, exit codes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import tocsin

VERBS = ("demo", "simulate", "explore", "detectors", "fit", "score", "inspect", "verify", "watch", "incidents")

Shell = Callable[..., tuple[int, str, str]]


def test_help_lists_the_verbs_in_the_order_in_which_they_are_needed(shell: Shell) -> None:
    code, out, err = shell("--help")
    assert (code, err) == (0, "")
    places = [out.index(f"│ {verb} ") for verb in VERBS]
    assert places == sorted(places)
    assert "Exit codes: 0 fine, 1 a check failed, 2 the input or a setting cannot be used." in " ".join(out.split())


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_has_help(verb: str, shell: Shell) -> None:
    code, out, _ = shell(verb, "--help")
    assert code == 0
    assert f"tocsin {verb} [OPTIONS]" in out
    _, short, _ = shell(verb, "-h")
    assert short == out


def test_version(shell: Shell) -> None:
    assert shell("--version")[:2] == (0, f"tocsin {tocsin.__version__}\n")


def test_an_unknown_verb(shell: Shell) -> None:
    code, out, err = shell("scoore")
    assert (code, out) == (2, "")
    assert "No such command 'scoore'" in err


def test_exit_codes_reach_the_shell(tmp_path: Path, artifact: Path) -> None:
    ends = {}
    for name, arguments in {"fine": [artifact], "bad": [tmp_path / "none.tocsin"]}.items():
        ends[name] = subprocess.run(
            [sys.executable, "-m", "tocsin.cli", "inspect", *map(str, arguments)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert (ends["fine"].returncode, ends["fine"].stderr) == (0, "")
    assert (ends["bad"].returncode, ends["bad"].stdout) == (2, "")
    assert ends["bad"].stderr == f"error: There is no artifact at {tmp_path / 'none.tocsin'}. Check the path.\n"
