"""Published figures are as their sources have them."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.training.benchmark._published import published, rows_of


@pytest.mark.parametrize(("track", "series", "best"), [("multivariate", 10, "KMeansAD"), ("univariate", 4, "KShapeAD")])
def test_the_mean_is_that_of_the_series(track: str, series: int, best: str) -> None:
    channels = [row["channel"] for row in rows_of(f"smap_msl_{track}_series")]
    rows = published(f"smap_msl_{track}")
    assert len(channels) == series
    for row in rows:
        assert row.values["vus_pr"] == pytest.approx(np.mean([row.values[name] for name in channels]), abs=1e-5)
    assert max(rows, key=lambda row: row.values["vus_pr"] or 0).method == best


def test_the_best_of_the_ten_series_is_the_one_that_is_known() -> None:
    means = {row.method: row.values["vus_pr"] for row in published("smap_msl_multivariate")}
    assert means["KMeansAD"] == pytest.approx(0.364, abs=5e-4)


def test_every_row_names_its_source() -> None:
    for name in ("nab", "skab", "smap_msl_multivariate", "smap_msl_univariate"):
        assert all(row.source for row in published(name))
    assert published("") == ()
