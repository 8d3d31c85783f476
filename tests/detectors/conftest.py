"""What the tests of detectors with a network share: windows that a network learns in a moment."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tocsin.core.windows import Windows

Waves = Callable[..., Windows]
"""Makes windows over waves with a little noise, one wave a channel."""


@pytest.fixture(scope="session")
def waves() -> Waves:
    def made(
        rows: int = 200, *, length: int = 7, channels: int = 3, seed: int = 0, validation: Windows | None = None
    ) -> Windows:
        angle = np.arange(rows)[:, None] / 6 + np.arange(channels)
        noise = np.random.default_rng(seed).standard_normal((rows, channels))
        series = (np.sin(angle) + 0.05 * noise).astype(np.float32)
        return Windows(series, np.arange(length - 1, rows), length, validation=validation)

    return made
