"""What published margins are worth: against intervals made here by the formulas of textbooks, and rounded."""

import numpy as np
import pytest
from scipy.stats import binom, norm

import llo_research as llo
from llo_research.numerics.printed_intervals import printed_interval


@pytest.mark.parametrize(("share", "n"), [(0.231, 42_700), (0.252, 1_250), (0.02, 900), (0.6, 3_000)])
def test_an_interval_made_on_the_logit_scale_gives_its_number_back(share: float, n: int) -> None:
    half = norm.ppf(0.975) / np.sqrt(n * share * (1 - share))
    low, high = (1 / (1 + (1 - share) / share * np.exp(-sign * half)) for sign in (-1, 1))
    assert printed_interval(share, low, high).effective == pytest.approx(n, rel=1e-9), "no rounding: the formula itself"
    told = printed_interval(round(share, 3), round(low, 3), round(high, 3))
    assert told.low <= n * 1.01 and told.high >= n * 0.99 and told.fits["logit"]


def test_a_lopsided_interval_is_no_symmetric_one() -> None:
    assert printed_interval(0.252, 0.229, 0.277).fits == {"wald": False, "logit": True, "wilson": True}
    assert printed_interval(0.252, 0.228, 0.276).fits["wald"]
    assert not any(printed_interval(0.252, 0.25, 0.30).fits.values()), "an interval of no kind"


def test_wilson_is_the_inverse_of_the_score_test() -> None:
    n, x = 400, 30
    ends = [p for p in np.linspace(0.03, 0.2, 20_001) if abs(x / n - p) <= norm.ppf(0.975) * np.sqrt(p * (1 - p) / n)]
    assert printed_interval(x / n, min(ends), max(ends)).fits["wilson"] is False, (
        "fewer respondents than the grid holds"
    )
    n, x = 4000, 300
    ends = [p for p in np.linspace(0.03, 0.2, 20_001) if abs(x / n - p) <= norm.ppf(0.975) * np.sqrt(p * (1 - p) / n)]
    assert printed_interval(x / n, min(ends), max(ends)).fits["wilson"]
    assert binom.cdf(x, n, max(ends)) < 0.03 < 0.97 < binom.cdf(x, n, min(ends))


def test_margins_of_the_survey_behind_the_monitor() -> None:
    told = llo.monitor.margins(llo.published("CI_85572"), language="nl")
    assert told.loc["Total", "what"] == "totaal" and told.loc["Total", "low"] < 42_600 < told.loc["Total", "high"]
    assert (told["logit"] == "ja").all() and (told["wilson"] == "ja").all() and "**nee**" in set(told["wald"])
    said = llo.report.sentences("{m[Total]}", m=told, language="nl")
    assert str(said) == "42.600 (33.800 tot 55.500)"
    with pytest.raises(llo.DataError, match="without margins"):
        llo.monitor.margins(llo.published("SER23_edu"))
