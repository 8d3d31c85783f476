"""``tocsin detectors``."""

from __future__ import annotations

import json
from collections.abc import Callable

Shell = Callable[..., tuple[int, str, str]]


def test_one_line_each(shell: Shell) -> None:
    code, out, err = shell("detectors")
    assert (code, err) == (0, "")
    lines = dict(line.split(maxsplit=1) for line in out.splitlines())
    assert {"isolation_forest", "lstm_autoencoder", "rolling_zscore"} <= set(lines)
    assert lines["rolling_zscore"].startswith("Rolling z-score: ")


def test_json_says_the_same(shell: Shell) -> None:
    told = json.loads(shell("detectors", "--json")[1])
    assert told == dict(line.split(maxsplit=1) for line in shell("detectors")[1].splitlines())


def test_settings_of_one_with_those_of_its_family(shell: Shell) -> None:
    code, out, err = shell("detectors", "lstm_autoencoder")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith("LSTM autoencoder: ")
    named = [line for line in lines[1:] if not line.startswith(" ")]
    assert named[0] == "hidden=64,32"
    assert {"loss=squared", "epochs=50", "augment_faults=0.0"} <= set(named)
    assert "    Units of each encoder layer; the decoder has the same in reverse." in lines


def test_every_setting_of_every_detector_is_explained(shell: Shell) -> None:
    for name in json.loads(shell("detectors", "--json")[1]):
        settings = json.loads(shell("detectors", name, "--json")[1])
        assert all(told["meaning"] for told in settings.values()), name


def test_a_name_that_is_none_is_refused(shell: Shell) -> None:
    code, _, err = shell("detectors", "oracle")
    assert code == 2
    assert "There is no 'oracle'" in err
