"""Proves that published figures say what they measure, and that figures that differ are not joined in silence."""

from __future__ import annotations

import pandas as pd
import pytest

from llo_research.data.published import published
from llo_research.errors import DataError

COUNTS = {"persons", "participants", "participants_formal", "participants_nonformal", "non_participants"}


@pytest.fixture(scope="module")
def figures() -> pd.DataFrame:
    return published()


def one(figures: pd.DataFrame, series: str, **where: object) -> float:
    """The one value of a series in the category, year or measure named."""
    rows = figures[figures["series"] == series]
    for column, value in where.items():
        rows = rows[rows[column] == value]
    return float(rows["value"].item())


def refusal(series: str | list[str]) -> str:
    """The message of the error that a selection meets."""
    with pytest.raises(DataError, match="must not be read as one series") as caught:
        published(series)
    return str(caught.value)


def test_schema(figures: pd.DataFrame) -> None:
    assert len(figures) == 576 and figures["series"].nunique() == 60
    assert figures["year"].dtype == "int64" and figures["value"].dtype == "float64"
    assert figures["break_year"].dtype == "Int64"
    for column in ("additive", "provisional", "repeated", "break_flag"):
        assert figures[column].dtype == "bool"
    text = figures.select_dtypes("string")
    assert {"instrument", "reference_period", "population", "definition", "source", "flag"} <= set(text.columns)
    assert not text.isna().any().any()
    assert not (text.drop(columns="flag") == "").any().any()


def test_every_call_gives_the_same_and_its_own_frame(figures: pd.DataFrame) -> None:
    again = published()
    pd.testing.assert_frame_equal(figures, again)
    again.loc[:, "value"] = 0.0
    again.attrs.clear()
    pd.testing.assert_frame_equal(figures, published())
    assert list(figures["series"].drop_duplicates()) == sorted(figures["series"].unique())


def test_one_row_per_figure(figures: pd.DataFrame) -> None:
    key = ["series", "population", "breakdown", "category", "measure", "year", "period"]
    once = figures[~figures["repeated"]]
    assert not once.duplicated(key).any()
    # the one figure that two editions print, with the same value
    repeated = figures[figures["repeated"]]
    assert repeated["series"].tolist() == ["WEA_75"] and repeated["source_year"].tolist() == [2025]
    both = figures.merge(repeated[key], on=key)
    assert both["value"].tolist() == [21.0, 21.0] and both["source"].nunique() == 2


def test_values_are_possible(figures: pd.DataFrame) -> None:
    shares = figures[figures["unit"] == "%"]
    assert shares["value"].between(0, 100).all() and not set(shares["measure"]) & COUNTS
    counts = figures[figures["unit"] == "x1000 persons"]
    assert (counts["value"] > 0).all() and set(counts["measure"]) <= COUNTS
    assert (figures["year"] <= figures["source_year"]).all()
    stepped = figures.dropna(subset="rounding")
    steps = stepped["value"] / stepped["rounding"]
    assert (steps - steps.round()).abs().max() < 1e-6
    unrounded = figures[figures["rounding"].isna()]
    assert set(unrounded["exactness"]) == {"read-from-text"} and not (unrounded["qualifier"] == "").any()


def test_margins_hold_their_value(figures: pd.DataFrame) -> None:
    wide = figures[figures["concept"] == "interval check"].pivot(
        index=["series", "category"], columns="measure", values="value"
    )
    assert len(wide) == 13
    assert (wide["conf_low"] < wide["share"]).all() and (wide["share"] < wide["conf_high"]).all()


def test_provenance(figures: pd.DataFrame) -> None:
    assert figures.attrs["kind"] == "published" and figures.attrs["synthetic"] is False
    assert figures.attrs["rows"] == 576 and "CC BY 4.0" in figures.attrs["credit"]
    assert published("AGO15").attrs == figures.attrs


def test_no_single_participation_rate(figures: pd.DataFrame) -> None:
    rates = {
        ("NEA", "2 years"): one(figures, "SER25_train", year=2024),
        ("ROA", "2 years"): one(figures, "ROA_course", year=2020),
        ("AES", "12 months"): one(figures, "AES_2011", category="Total", measure="share"),
        ("EBB", "4 weeks"): one(figures, "LFS4w_age_2019", category="25-64 all"),
    }
    assert list(rates.values()) == [54.0, 51.0, 45.6, 19.5]
    message = refusal(["SER25_train", "LFS4w_age_2019"])
    assert "instrument: EBB (LFS4w_age_2019); NEA (SER25_train)" in message
    assert "reference period: 2 years (SER25_train); 4 weeks (LFS4w_age_2019)" in message
    assert "breaks='flag'" in message
    assert "instrument: NEA (SER25_train); ROA (ROA_course)" in refusal(["SER25_train", "ROA_course"])
    flagged = published(["SER25_train", "LFS4w_age_2019"], breaks="flag")
    assert flagged["flag"].str.contains("instrument; reference period").all()


def test_nea_breaks_in_2022() -> None:
    assert "break 2022: NEA breaks in 2022 and the figures run from 2020 to 2024" in refusal("SER25_train")
    flagged = published("SER25_train", breaks="flag").set_index("year")
    assert flagged["break_flag"].to_dict() == {2020: False, 2024: True}
    assert flagged["flag"].to_dict() == {2020: "", 2024: "break 2022"}
    assert flagged["break_year"].to_dict() == {2020: 2014, 2024: 2022}
    assert "split-half" in flagged.loc[2024, "break_what"]
    # two series, one on each side
    assert "break 2022" in refusal(["CBS21_flex61", "SER25_train_agri"])
    for series in ("SER23_match", "SER23_obsol", "SER_engage", "SER_commit", "SER25_train_agri"):
        assert "break 2022" in refusal(series)
    assert "break 2014" in refusal("SER23_match")


def test_host_of_the_roa_survey_changes_between_2013_and_2017() -> None:
    assert "ROA breaks in 2017 and the figures run from 2010 to 2020" in refusal("ROA_informal_share")
    flagged = published("ROA_informal_share", breaks="flag").set_index("year")
    assert flagged["break_flag"].to_dict() == {2010: False, 2013: False, 2020: True}
    assert flagged["value"].to_dict() == {2010: 93.0, 2013: 94.0, 2020: 91.0}
    assert not published("ROA_course")["break_flag"].any()


def test_labour_force_survey_was_redesigned() -> None:
    for name in ("LFS4w_edu", "LFS4w_pos"):
        message = refusal(name)
        assert "break 2010" in message and "break 2013" in message
    assert "break 2021" in refusal(["LFS4w_age_2019", "LFS_pop_2023"])
    late = published(["LFS4w_age_2019", "LFS_pop_2023"], breaks="flag").query("break_flag")
    assert set(late["series"]) == {"LFS_pop_2023"} and set(late["break_year"]) == {2021}


def test_one_series_may_mix_instruments(figures: pd.DataFrame) -> None:
    flex = figures[figures["series"] == "CBS21_flex61"].set_index("category")["instrument"]
    assert flex["Employee, permanent"] == "NEA" and flex["Zzp products (note 1)"] == "ZEA"
    assert flex.value_counts().to_dict() == {"NEA": 8, "ZEA": 2}
    assert "NEA (CBS21_flex61); ZEA (CBS21_flex61)" in refusal("CBS21_flex61")
    total = figures[figures["series"] == "LFS4w_total"].groupby("instrument", observed=True)["category"].unique()
    assert list(total["EBB"]) == ["Netherlands"] and list(total["EU-LFS"]) == ["EU-28"]


def test_reference_period_of_60_and_37_is_unclear(figures: pd.DataFrame) -> None:
    rows = figures[figures["series"] == "SER23_edu"]
    assert sorted(rows["value"]) == [37.0, 60.0] and set(rows["reference_period"]) == {"unclear"}
    for words in ("past two years", "past year", "past three years"):
        assert rows["reference_note"].str.contains(words).all()
    assert set(rows["category"]) == {"hbo/wo", "without startkwalificatie"}
    assert "unclear in SER23_edu" in refusal(["SER23_edu", "SER25_train"])


def test_informal_learning_is_not_one_definition(figures: pd.DataFrame) -> None:
    rows = figures[figures["series"].isin(["SER23_informal", "SER25_informal"])].set_index("series")
    assert rows["value"].to_dict() == {"SER23_informal": 90.0, "SER25_informal": 87.0}
    assert rows.loc["SER23_informal", "qualifier"] == "more than"
    assert rows["definition"].nunique() == 2
    assert "definition: informal learning" in refusal(["SER23_informal", "SER25_informal"])


def test_aes_counts_are_rounded_and_its_sectors_are_nested(figures: pd.DataFrame) -> None:
    aes = figures[figures["series"].str.startswith("AES_") & (figures["unit"] == "x1000 persons")]
    assert set(aes["rounding"]) == {5.0}
    sectors = aes[aes["series"] == "AES_2011_sector"]
    assert not sectors["additive"].any()
    people = sectors[sectors["measure"] == "persons"].set_index("category")["value"]
    assert people.sum() - people["A-U Total"] > 1.5 * people["A-U Total"]  # what summing the column would do
    assert not figures[(figures["series"] == "LFS_sector_emp_2022")]["additive"].any()
    assert "definition" in refusal(["AES_2011", "AES_2011_sector"])
    assert "break 2011" in refusal(["AES_2007_sector", "AES_2011_sector_old"])


def test_what_may_be_summed_adds_up(figures: pd.DataFrame) -> None:
    aes = figures[(figures["series"] == "AES_2011") & (figures["unit"] == "x1000 persons")]
    parts = aes[aes["additive"]].groupby(["breakdown", "measure"])["value"].agg(["sum", "size"])
    assert set(parts.index.get_level_values(0)) == {"sex", "age", "education", "contract", "hours", "tenure"}
    total = aes[aes["breakdown"] == "total"].set_index("measure")["value"]
    for (breakdown, measure), part in parts.iterrows():
        if breakdown == "tenure":  # of employees: unknown tenure is missing, the self-employed are not in it
            continue
        assert abs(part["sum"] - total[measure]) <= 2.5 * (part["size"] + 1)


def test_shares_follow_from_their_counts(figures: pd.DataFrame) -> None:
    aes = figures[figures["series"].str.startswith("AES_")]
    wide = aes.pivot(index=["series", "breakdown", "category"], columns="measure", values="value")
    wide = wide.dropna(subset=["persons", "participants"])
    assert len(wide) == 51
    low = 100 * (wide["participants"] - 2.5) / (wide["persons"] + 2.5) - 0.05
    high = 100 * (wide["participants"] + 2.5) / (wide["persons"] - 2.5) + 0.05
    assert wide["share"].between(low, high).all()


def test_unknown_names_get_the_nearest() -> None:
    with pytest.raises(DataError, match="nearest names: LFS4w_edu"):
        published("LFS4w_educ")
    with pytest.raises(DataError, match="nearest names: NEA"):
        published(["WEA_75", "nea"])
    with pytest.raises(DataError, match="No series was asked for"):
        published([])


@pytest.mark.parametrize("series", [5, 2.5, True, [2022], [["SER25_train"]], ["SER25_train", None]])
def test_what_is_no_name_is_refused_with_what_is_allowed(series: object) -> None:
    with pytest.raises(DataError, match="takes a name, or a list of names") as caught:
        published(series)  # type: ignore[arg-type]  # what a careless caller may pass
    assert repr(series) in str(caught.value) and "SER25_train" in str(caught.value) and "NEA" in str(caught.value)


@pytest.mark.parametrize("breaks", ["adjust", "", None, True])
def test_breaks_are_refused_or_flagged(breaks: object) -> None:
    with pytest.raises(DataError, match="'refuse' or 'flag'"):
        published(breaks=breaks)  # type: ignore[arg-type]  # what a careless caller may pass


def test_selections(figures: pd.DataFrame) -> None:
    assert set(published("CODI")["series"]) == {"TNO_CODI"}
    assert set(published("CVTS")["series"]) == {"CVTS"}  # an identifier goes before the instrument of that name
    assert len(published(["AGO15", "AGO15"])) == len(published("AGO15")) == 2
    assert set(published("ZEA")["category"]) == {"Zzp own labour (note 1)", "Zzp products (note 1)"}
    fine = set(figures["series"]) - set(figures.loc[figures["flag"] != "", "series"])
    assert len(fine) == 46
    for name in sorted(fine):
        assert set(published(name)["flag"]) == {""}
    for name in sorted(set(figures["series"]) - fine):
        refusal(name)


def test_flags_of_everything_are_those_of_each_series_alone(figures: pd.DataFrame) -> None:
    for name in ("LFS4w_sex", "SER_commit", "CBS21_flex61", "WEA_75"):
        alone = published(name, breaks="flag")
        within = figures[figures["series"] == name].reset_index(drop=True)
        pd.testing.assert_frame_equal(alone, within)


def test_cycle_2_of_piaac_is_of_other_countries_and_continues_nothing(figures: pd.DataFrame) -> None:
    rows = figures[figures["instrument"] == "PIAAC"]
    assert len(rows) == 9 and len(published("PIAAC23_part")) == 4
    taken = rows[rows["series"] == "PIAAC23_part"].set_index("category")["value"]
    assert taken.to_dict() == {"OECD average (around)": 40.0, "Finland": 58.0, "Norway": 58.0, "Korea": 13.0}
    assert not rows["category"].str.contains("Netherlands").any()
    assert rows["break_year"].eq(2023).all() and rows["break_what"].str.contains("redesigned").all()
