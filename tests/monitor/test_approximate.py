"""Proves that approximate intervals of published shares follow from n by hand, and that none is made up without n."""

from __future__ import annotations

import math

import pytest

import llo_research as llo
from llo_research.monitor.approximate import effect, sample_of, worth
from llo_research.monitor.site.risen import effective

LAST_BIT = 1e-9
HALF_OF_2022 = 30501  # respondents in the smaller half, as CBS prints it


@pytest.fixture(scope="module")
def found():
    return llo.monitor.approximate_intervals(llo.published())


def test_the_interval_is_that_of_the_log_odds_of_so_many_answers_and_of_the_rounding(found) -> None:
    row = found[(found["series"] == "SER_engage") & (found["year"] == 2022)].squeeze()
    n = row["effective"]
    assert row["value"] == 56 and n == int(0.5 * 61075 / 1.5 / 100) * 100

    def end(share: float, side: int) -> float:
        odds = math.log(share / (1 - share)) + side * 1.959963984540054 / math.sqrt(n * share * (1 - share))
        return 100 / (1 + math.exp(-odds))

    assert row["low"] == pytest.approx(end(0.555, -1), abs=LAST_BIT)
    assert row["high"] == pytest.approx(end(0.565, 1), abs=LAST_BIT)


def test_without_a_published_number_of_respondents_there_is_none(found) -> None:
    own = found.set_index("series")
    assert set(own.loc["AES_2011", "why"]) == {"unknown"} and own.loc["WEA_75", "low"].isna().all()
    assert set(own.loc["SER23_edu", "why"]) == {"group"} and own.loc["SER25_train_agri", "high"].isna().all()
    assert set(own.loc["CI_85572", "why"]) == {"published"}
    assert own.loc["SER23_informal", "why"] == "bound"  # more than 90 %
    assert found.loc[found["why"] != "approximate", ["low", "high", "n"]].isna().all(axis=None)
    assert found.loc[found["why"] == "approximate", "low"].notna().all() and (found["why"] == "approximate").sum() >= 15


def test_what_is_assumed_is_on_the_wide_side() -> None:
    assert worth() == llo.monitor.margins(llo.published("CI_85572"))["effective"]["Total"]
    assert effect() >= sample_of("NEA", 2023).n / worth() >= sample_of("NEA", 2022).n / worth()
    assert effective(2022) <= HALF_OF_2022 / effect() < effective(2020) < 58000


def test_the_index_does_not_matter_and_stays(found) -> None:
    rows = llo.published("SER25_train", breaks="flag").iloc[::-1]
    told = llo.monitor.approximate_intervals(rows)
    assert list(told.index) == list(rows.index) and told["year"].tolist() == [2024, 2020]
    assert (told["low"] < told["value"]).all() and (told["value"] < told["high"]).all()
