"""Proves that a European file is read through a mapping, a country at a time, with its drivers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import llo_research as llo

NAMES = {"uniqueid": "id", "Land": "country_code", "w4": "weight", "y15_Q65a": "training_employer_code"}
NAMES |= {"y15_Q54a": "order_code", "y15_Q54b": "methods_code", "y15_Q54c": "pace_code", "y15_Q61b": "manager_support"}


def small_ewcs() -> pd.DataFrame:
    """Two countries under other names than ours; 8 and 9 are do not know and refusal."""
    i = np.arange(80)
    frame = pd.DataFrame({"uniqueid": 2015000 + i, "Land": np.where(i % 2, "NL", "BE"), "w4": 0.5 + i % 3})
    for k, name in enumerate(list(NAMES)[3:7]):
        frame[name] = 1 + (i // (k + 1)) % 2
    frame["y15_Q61b"] = np.where(i == 5, 8, np.where(i == 6, 9, 1 + i % 5))
    return frame


def test_the_netherlands_in_a_file_of_countries(tmp_path: Path) -> None:
    frame = small_ewcs()
    frame.to_csv(tmp_path / "ewcs2015.csv", index=False)
    svy = llo.read_microdata(tmp_path / "ewcs2015.csv", instrument="ewcts", mapping=NAMES)
    dutch = frame["Land"] == "NL"
    one = llo.mean("training", svy.where("country == 'NL'")).to_frame().iloc[0]
    assert one["estimate"] == pytest.approx(np.average(frame["y15_Q65a"][dutch] == 1, weights=frame["w4"][dutch]))
    assert one["n"] == 40 and svy.source["kind"] == "registered" and svy.source["restricted"] is True
    assert svy.frame["supervisor_support"].iloc[0] == 5 and svy.frame["supervisor_support"].iloc[5:7].isna().all()
    choices = frame[["y15_Q54a", "y15_Q54b", "y15_Q54c"]].eq(1).sum(axis=1)
    assert svy.frame["autonomy"].tolist() == choices.tolist()


def test_how_to_obtain_it_is_said_when_it_is_not_there(away: Path) -> None:
    with pytest.raises(llo.DataError, match="European Working Conditions Survey") as caught:
        llo.load("ewcts")
    assert "UK Data Service" in str(caught.value) and "$LLO_DATA is not set" in str(caught.value)
