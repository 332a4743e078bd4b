"""Proves that the WEA counts establishments, and that its published aggregates are at hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.data.instrument import instrument_of


def test_share_of_establishments_with_over_three_quarters_trained(tmp_path: Path) -> None:
    i = np.arange(60)
    frame = pd.DataFrame({"id": i, "stratum": 1 + i % 4, "weight": 100.0 / (1 + i % 4), "firm_size_code": 1 + i % 4})
    frame = frame.assign(id=i + 1, sector_code=1 + i % 13, trained_share_code=1 + i % 6)
    frame.to_csv(tmp_path / "wea2021.csv", index=False)
    svy = llo.read_microdata(tmp_path / "wea2021.csv", instrument="wea")
    expected = np.average(frame["trained_share_code"] >= 5, weights=frame["weight"])
    assert llo.mean("trained_over_75", svy).to_frame()["estimate"][0] == pytest.approx(expected)
    assert svy.source["population"]["en"].startswith("establishments") and "training" not in svy.frame


def test_published_aggregates_of_the_wea() -> None:
    names = instrument_of("wea").about["published"]
    for name in names:
        assert not llo.published(name).empty
    assert set(llo.published("WEA_75")["value"]) == {25.0, 21.0, 17.0}
