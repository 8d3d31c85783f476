"""What several test files share: where real data lies, and one small series to learn from."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with real labelled data: ``$TOCSIN_DATA``, else beside the project."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("TOCSIN_DATA", beside))
    if not folder.is_dir():
        pytest.skip(f"the real data sets are not here: set TOCSIN_DATA, or put them into {beside}")
    return folder
