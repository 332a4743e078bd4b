"""Shares of a gap that is not told from 0 say so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

import llo_research as llo
from tests.decomposition.every_estimator import frame, moved, oaxaca, survey

UNSTABLE = "unstable_share"


def hit(made: llo.Result) -> list[bool]:
    """Which rows are flagged."""
    return [UNSTABLE in flag.split() for flag in made.flags]


def shifted(distance: float) -> llo.Survey:
    """A gap of so many standard errors."""
    data = frame()
    made = oaxaca("y ~ x")(survey(data))
    gap, error = made.estimate[2], made.std_error[2]
    data["y"] += np.where(data["g"] == "a", distance * error - gap, 0.0)
    return survey(data)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
@pytest.mark.parametrize("near", [-0.01, 0.01])
def test_flagged_from_where_fiellers_interval_has_no_ends(level: float, near: float) -> None:
    """Fieller's denominator is gap^2 - t^2 var(gap): at or below 0 the interval of a ratio to the gap is unbounded."""
    for sign in (1, -1):
        df = oaxaca("y ~ x")(shifted(1.0)).df[2]
        svy = shifted(sign * (student.ppf(0.5 + level / 2, df) + near))
        made = oaxaca("y ~ x", level=level)(svy)
        unbounded = made.estimate[2] ** 2 <= student.ppf(0.5 + level / 2, df) ** 2 * made.covariance[2, 2]
        assert unbounded == (near < 0)
        # neither the means, nor the gap itself, whose share is 1
        assert hit(made) == [False] * 3 + [unbounded] * (len(made.estimate) - 3)
        assert hit(made.shares()) == [False] + [unbounded] * (len(made.estimate) - 3)
        assert [UNSTABLE in flag.split() for flag in made.to_frame()["flag"]] == hit(made)


def test_other_flags_stay_and_a_closed_gap_has_no_share_to_doubt() -> None:
    data = frame()
    twins = data[data["g"] == "a"]
    made = oaxaca("y ~ x")(survey(pd.concat([twins, twins.assign(g="b")], ignore_index=True)))
    assert np.isnan(made.share_of_gap).all()
    assert not any(hit(made))
    assert "zero_se" in made.flags[2].split()


def test_a_saved_result_tells_the_same(tmp_path: Path) -> None:
    made = oaxaca("y ~ x")(shifted(0.5))
    again = llo.read_result(made.save(tmp_path / "parts"))
    assert again.flags == made.flags
    assert any(hit(again))


def test_changes_and_their_tables_tell_it() -> None:
    data = frame()
    by = moved("y ~ x")(survey(data)).estimate[0] - 0.01
    data["y"] -= np.where((data["g"] == "a") & (data["year"] == 2018), by, 0.0)
    made = moved("y ~ x")(survey(data))
    low, high = made.ends
    assert low[0] < 0 < high[0]
    assert hit(made) == [False] + [True] * (len(made.estimate) - 1)
    assert "aandeel daarvan is zo onzeker" in llo.report.table(made, language="nl").to_markdown()
    assert "share of it is so uncertain" in llo.report.table(made.shares(), language="en").to_markdown()


def test_plausible_values_tell_it_of_their_combined_gap() -> None:
    data = shifted(0.5).frame.copy()
    for number in (1, 2, 3):
        data[f"PV{number}"] = data["y"] + 0.4 * np.random.default_rng(number).normal(size=len(data))
    made = oaxaca("PV* ~ x", plausible=True)(survey(data))
    low, high = made.ends
    assert low[2] < 0 < high[2]
    assert hit(made) == [False] * 3 + [True] * (len(made.estimate) - 3)
    assert hit(made.shares()) == [False] + [True] * (len(made.estimate) - 3)
