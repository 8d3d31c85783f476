from __future__ import annotations

import pytest

from tocsin.core.discover import names
from tocsin.testing.detector_checks import Check, detector_checks

CHECKS = [check for name in names("detectors") for check in detector_checks(name)]


@pytest.mark.parametrize("check", CHECKS, ids=[check.id for check in CHECKS])
def test_detector_conforms(check: Check) -> None:
    check()
