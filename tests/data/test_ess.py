"""Proves that files of the European Social Survey are read a country at a time, with their weights and their design.

Everything here is made up: no row is of a person.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import llo_research as llo

EXACT = 1e-12  # the same sums in another order


def made_up(
    round_: int, *, design: bool = True, n: int = 120, countries: tuple[str, ...] = ("NL", "BE")
) -> pd.DataFrame:
    """A round as the ESS writes it: one file, several countries, missing as 7/8/9, 66/77/88/99, 999."""
    i = np.arange(n)
    rng = np.random.default_rng(round_)
    frame = pd.DataFrame({"name": f"ESS{round_}e01", "essround": round_, "idno": 1 + i // len(countries)})
    frame["cntry"] = np.array(countries)[i % len(countries)]
    frame["pspwght"] = np.round(0.4 + rng.random(n), 6)
    frame["pweight"] = np.where(frame["cntry"] == "NL", 0.9, 0.5)
    frame["atncrse"] = np.where(i % 29 == 0, 8, rng.integers(1, 3, n))
    frame["wkdcorga"] = np.where(i % 17 == 0, 88, rng.integers(0, 11, n))
    frame["iorgact"] = np.where(i % 19 == 0, 66, rng.integers(0, 11, n))
    frame["pdwrk"] = (i % 5 > 0).astype(int)
    frame["emplrel"] = np.where(i % 7 == 0, 2, np.where(i % 11 == 0, 3, np.where(i % 13 == 0, 6, 1)))
    frame["wrkctra"] = np.where(i % 3 == 0, 2, np.where(i % 8 == 0, 3, np.where(i % 31 == 0, 9, 1)))
    frame["estsz"] = np.where(i % 23 == 0, 7, 1 + i % 5)
    frame["eisced"] = np.array([0, 1, 2, 3, 4, 5, 6, 7, 55, 88])[i % 10]
    frame["agea"] = np.where(i % 37 == 0, 999, 15 + i % 75)
    frame["gndr"] = np.where(i == 3, 9, 1 + i % 2)
    if design:
        frame["stratum"] = 100 * (i % len(countries)) + i // len(countries) % 3
        frame["psu"] = 1000 * frame["stratum"] + i // len(countries) // 3 % 4
    return frame


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LLO_DATA", str(tmp_path))
    (tmp_path / "ess").mkdir()
    return tmp_path / "ess"


def test_one_country_of_a_file_by_its_own_design(folder: Path) -> None:
    frame = made_up(9)
    frame.to_csv(folder / "ESS9e03_2.csv", index=False)
    svy = llo.load("ess", country="NL")
    dutch = frame[frame["cntry"] == "NL"].reset_index(drop=True)
    assert len(svy) == len(dutch) and svy.source["country"] == "nl" and svy.source["years"] == [2018]
    known = dutch["atncrse"].isin([1, 2])
    one = llo.mean("training", svy).to_frame().iloc[0]
    assert one["estimate"] == pytest.approx(
        np.average(dutch["atncrse"][known] == 1, weights=dutch["pspwght"][known]), rel=EXACT
    )
    assert one["df"] == dutch["psu"].nunique() - dutch["stratum"].nunique()
    assert svy.source["reference_period"]["training"]["en"] == "past twelve months"
    assert svy.source["design"]["level"] == "complete"


def test_the_variance_is_that_of_the_clusters(folder: Path) -> None:
    """V = sum over strata of n/(n-1) times squares of centred sums of units, by a plain loop."""
    frame = made_up(9)
    frame.to_csv(folder / "ESS9e03_2.csv", index=False)
    svy = llo.load("ess", country="NL")
    d = frame[(frame["cntry"] == "NL") & frame["atncrse"].isin([1, 2])]
    w, y = d["pspwght"] * d["pweight"], (d["atncrse"] == 1).astype(float)
    mean = np.average(y, weights=w)
    z = w * (y - mean) / w.sum()
    variance = 0.0
    for _, rows in d.groupby("stratum"):
        sums = z[rows.index].groupby(rows["psu"]).sum()
        variance += len(sums) / (len(sums) - 1) * float(((sums - sums.mean()) ** 2).sum())
    assert llo.mean("training", svy).std_error[0] == pytest.approx(np.sqrt(variance), rel=1e-10)  # two roundings


def test_over_countries_the_weight_counts_people(folder: Path) -> None:
    """anweight is pspwght times pweight where the file has none, and taken as it is where it has one."""
    frame = made_up(9)
    frame.to_csv(folder / "ESS9e03_2.csv", index=False)
    both = llo.load("ess")
    known = frame["atncrse"].isin([1, 2])
    expected = np.average(frame["atncrse"][known] == 1, weights=(frame["pspwght"] * frame["pweight"])[known])
    assert llo.mean("training", both).estimate[0] == pytest.approx(expected, rel=EXACT)
    with pytest.raises(llo.DesignError, match="total"):
        llo.total("training", both)


def test_missing_codes_and_classes(folder: Path) -> None:
    frame = made_up(9)
    frame.to_csv(folder / "ESS9e03_2.csv", index=False)
    made = llo.load("ess").frame
    for column, codes in {"wkdcorga": [66, 77, 88, 99], "iorgact": [66, 77, 88, 99], "agea": [999]}.items():
        assert made[column].isna().tolist() == frame[column].isin(codes).tolist()
    assert made["training"].isna().tolist() == frame["atncrse"].isin([7, 8, 9]).tolist()
    working = frame["pdwrk"] == 1
    assert made["autonomy"].notna().tolist() == (working & (frame["wkdcorga"] <= 10)).tolist()
    education = {1: "low", 2: "low", 3: "middle", 4: "middle", 5: "middle", 6: "high", 7: "high"}
    assert made["education"].astype(object).where(made["education"].notna(), None).tolist() == [
        education.get(code) for code in frame["eisced"]
    ]
    for own, relation, duration, work in zip(
        made["contract"].astype(object), frame["emplrel"], frame["wrkctra"], frame["pdwrk"], strict=True
    ):
        employee = {1: "permanent", 2: "flexible", 3: "flexible"}.get(duration)
        wanted = {1: employee, 2: "self-employed"}.get(relation) if work == 1 else None
        assert (None if pd.isna(own) else own) == wanted
    assert made["firm_size"].isna().tolist() == (~working | (frame["estsz"] > 5)).tolist()


def test_a_round_without_sampling_units_says_so_in_every_table(folder: Path) -> None:
    made_up(5, design=False).to_csv(folder / "ESS5e03_5.csv", index=False)
    made_up(9).to_csv(folder / "ESS9e03_2.csv", index=False)
    with pytest.warns(llo.LloWarning) as told:
        svy = llo.load("ess", country="nl")
    words = " ".join(str(one.message) for one in told)
    assert "file without strata (2010)" in words and "without sampling units (2010): margins as if" in words
    assert set(svy.source["design"]["lacks"]) == {"strata", "sampling units"} and svy.source["years"] == [2010, 2018]
    html = llo.report.table(llo.mean("training", svy, by="year"), disclosure="off", language="en").to_html()
    assert "file without sampling units (2010)" in html
    result = llo.mean("training", svy, by="year").to_frame().set_index("year")
    known = svy.frame.loc[svy.frame["year"] == 2010, "training"].notna().sum()
    assert result.loc[2010, "df"] == known - 1 and result.loc[2018, "df"] == 9


def test_a_round_that_was_left_out_lends_nothing_to_the_design(folder: Path) -> None:
    made_up(5, design=False).to_csv(folder / "ESS5e03_5.csv", index=False)
    made_up(9).to_csv(folder / "ESS9e03_2.csv", index=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error", llo.LloWarning)
        svy = llo.load("ess", country="NL", years=2018)
    assert svy.source["design"] == {"level": "complete", "lacks": {}} and svy.source["years"] == [2018]
    assert "2010" not in llo.report.table(llo.mean("training", svy), language="en").to_html()
    (folder / "ESS5e03_5.csv").unlink()
    alone, one = llo.load("ess", country="NL"), llo.mean("training", svy)
    pd.testing.assert_frame_equal(one.to_frame(), llo.mean("training", alone).to_frame())
    assert len(svy) == len(alone)


@pytest.mark.filterwarnings("ignore::llo_research.errors.LloWarning")
def test_rounds_asked_for_must_all_be_there(folder: Path) -> None:
    made_up(5, design=False).to_csv(folder / "ESS5e03_5.csv", index=False)
    made_up(9).to_csv(folder / "ESS9e03_2.csv", index=False)
    with pytest.raises(llo.DataError, match=r"no data of 2012(.|\n)*found: 2010, 2018"):
        llo.load("ess", country="NL", years=[2012, 2018])


def test_what_lacks_in_some_countries_of_a_round_is_named(folder: Path) -> None:
    frame = made_up(9)
    frame["psu"] = frame["psu"].where(frame["cntry"] == "NL")
    frame.to_csv(folder / "ESS9e03_2.csv", index=False)
    with pytest.warns(llo.LloWarning, match=r"without sampling units \(2018 BE\)"):
        llo.load("ess")
    assert llo.load("ess", country="NL").source["design"]["level"] == "complete"


def _without(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    return frame.drop(columns=list(names))


def test_what_is_refused(folder: Path, away: Path) -> None:
    frame = made_up(9)
    holes = frame.assign(psu=frame["psu"].where(frame.index != 6))
    cases = {
        "Part of the people of a sample have no psu(.|\n)*the first of 2018, NL": holes,
        "it cannot be made": _without(frame, "pweight"),
        "has no weight": _without(frame, "pspwght", "pweight").assign(dweight=1.0),
        "a value that the codebook does not know": frame.assign(atncrse=frame["atncrse"].mask(frame.index == 9, 4)),
    }
    for words, bad in cases.items():
        bad.to_csv(away / "ESS9.csv", index=False)
        with pytest.raises(llo.DataError, match=words):
            llo.read_microdata(away / "ESS9.csv", instrument="ess")


def test_a_country_that_is_not_there(folder: Path) -> None:
    made_up(9).to_csv(folder / "ESS9e03_2.csv", index=False)
    with pytest.raises(llo.DataError, match="nobody of 'fr'") as caught:
        llo.load("ess", country="FR")
    assert "BE, NL" in str(caught.value)


def test_how_to_obtain_it_and_that_it_is_not_passed_on(away: Path) -> None:
    with pytest.raises(llo.DataError, match="ESS Data Portal"):
        llo.load("ess", country="NL")
    told = llo.instruments().set_index("instrument").loc["ess"]
    assert "CC BY-NC-SA 4.0" in told["licence"] and "never in this project" in told["licence"]


def test_nothing_is_called_verified() -> None:
    book = llo.codebook("ess")
    assert not book["wording_status"].eq("verified").any()
    unknown = book[book["wording_status"] == "codes not confirmed"]["variable"].tolist()
    assert {"vrtywrk", "jbrqlrn", "hlpcowk", "mansupp", "manhlp"} <= set(unknown)
