"""Break sizes that undo a change: taking a break of exactly that size off leaves p = 1 - level, zero, or a reversal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import llo_research as llo
from llo_research.errors import DataError
from tests.estimation.rotating import BREAK, replicated, survey

TIMES: dict[str, Any] = {"time": "year", "base": 2014}
GROUPS: dict[str, Any] = {"group": "education", "of": "high", "minus": "low"}
SIZES = {"size_not_significant": 0.05, "size_zero": 1.0, "size_reversed": 0.05}
HOURS = {**BREAK, "series": ["hours"], "known_size": "a pilot found about 0.2"}


def _flagged(**keywords: Any) -> llo.estimation.Result:
    return llo.change("hours", survey(breaks=[HOURS]), breaks="flag", **TIMES, **keywords)


@pytest.mark.parametrize("make", [survey, replicated])
@pytest.mark.parametrize(("size", "p_value"), SIZES.items())
def test_a_break_of_that_size_does_what_it_says(make: Any, size: str, p_value: float) -> None:
    flagged = llo.change("hours", make(breaks=[HOURS]), breaks="flag", **TIMES)
    needed = llo.break_robustness(flagged).to_frame()[size].iloc[1]
    known = {**HOURS, "shift": float(needed), "shift_se": 0.0}
    left = llo.change("hours", make(breaks=[known]), breaks="adjust", **TIMES).to_frame().iloc[1]
    assert left["p_value"] == pytest.approx(p_value, rel=1e-7)
    if size == "size_zero":
        assert left["estimate"] == pytest.approx(0, abs=1e-12)
    else:
        towards = np.sign(flagged.estimate[1]) * (1 if size == "size_not_significant" else -1)
        assert np.sign(left["estimate"]) == towards


def test_levels_and_scales() -> None:
    at_90 = llo.break_robustness(_flagged(level=0.9)).to_frame()
    at_95 = llo.break_robustness(_flagged()).to_frame()
    assert (at_90["size_not_significant"] > at_95["size_not_significant"]).all()
    ratio = _flagged(scale="ratio")
    sizes = llo.break_robustness(ratio).to_frame()
    assert sizes["size_zero"].tolist() == pytest.approx(ratio.estimate.tolist(), rel=1e-12)
    assert sizes["size_not_significant"].tolist() == pytest.approx(ratio.to_frame()["conf_low"].tolist(), rel=1e-9)


def test_rows_that_straddle_no_break_say_so() -> None:
    found = llo.break_robustness(_flagged())
    shown = found.to_frame()
    assert shown["breaks"].tolist() == ["", "2022"]
    assert shown["verdict"].iloc[0].startswith("no known break between the times")
    assert shown["verdict"].iloc[1].startswith("the size of the break is not known")
    assert "new questionnaire" in str(found) and "a pilot found about 0.2" in str(found)
    nothing = llo.break_robustness(llo.change("hours", survey(), **TIMES))
    assert "no known series break" in str(nothing)


def test_what_is_known_stands_beside_it() -> None:
    known = {**HOURS, "shift": 0.3, "shift_se": 0.05}
    flagged = llo.change("hours", survey(breaks=[known]), breaks="flag", **TIMES)
    adjusted = llo.change("hours", survey(breaks=[known]), breaks="adjust", **TIMES)
    row = llo.break_robustness(flagged).to_frame().iloc[1]
    wanted = adjusted.to_frame().iloc[1]
    assert [row["known_shift"], row["known_shift_se"]] == [0.3, 0.05]
    assert row["net_of_shift"] == pytest.approx(wanted["estimate"], rel=1e-12)
    assert [row["net_low"], row["net_high"]] == pytest.approx([wanted["conf_low"], wanted["conf_high"]], rel=1e-9)
    assert row["verdict"].startswith("stands after the known shift")
    beyond = llo.break_robustness(adjusted)
    assert "beyond the shift" in beyond.note
    assert beyond.to_frame()["size_zero"].iloc[1] == pytest.approx(wanted["estimate"], rel=1e-12)
    without = {**HOURS, "shift": 0.3}
    row = llo.break_robustness(llo.change("hours", survey(breaks=[without]), breaks="flag", **TIMES)).to_frame().iloc[1]
    assert row["known_shift"] == 0.3 and np.isnan(row["known_shift_se"]) and np.isnan(row["net_low"])
    assert "without standard error" in row["verdict"]


def test_a_change_that_is_not_significant_needs_no_break() -> None:
    svy = survey(breaks=[BREAK])
    found = llo.gap_change("trained", svy, breaks="flag", **GROUPS, **TIMES)
    shown = llo.break_robustness(found).to_frame()
    not_significant = found.to_frame()["p_value"] > 0.05
    assert not_significant.any()
    assert (shown["size_not_significant"][not_significant] == 0).all()
    assert shown["verdict"][not_significant].str.endswith("not significant to begin with").all()


def test_a_change_that_was_saved_serves_as_well(tmp_path: Path) -> None:
    flagged = _flagged()
    flagged.save(tmp_path / "flagged")
    there, back = (llo.break_robustness(r).to_frame() for r in (flagged, llo.read_result(tmp_path / "flagged")))
    assert back.columns.tolist() == there.columns.tolist()
    assert back["size_reversed"].tolist() == pytest.approx(there["size_reversed"].tolist(), rel=1e-12)
    assert back["verdict"].tolist() == there["verdict"].tolist()


def test_an_empty_row_has_no_sizes() -> None:
    svy = survey(breaks=[BREAK])
    data = svy.frame
    data = data[~((data["sex"] == "m") & (data["year"] == 2014))]
    found = llo.change("trained", survey(data, breaks=[BREAK]), by="sex", breaks="flag", **TIMES)
    shown = llo.break_robustness(found).to_frame().set_index("sex")
    assert shown.loc["m", "size_zero"].isna().all()
    assert set(shown.loc["m", "verdict"]) == {"no change can be estimated"}


@pytest.mark.parametrize("what", ["mean", "contrast", "frame"])
def test_something_else_than_a_change_is_refused(what: str) -> None:
    given: Any = {
        "mean": llo.mean("hours", survey(), by="year"),
        "contrast": _flagged().contrast({"2022": 1, "2018": -1}),
        "frame": _flagged().to_frame(),
    }[what]
    with pytest.raises(DataError, match="that of a change"):
        llo.break_robustness(given)
