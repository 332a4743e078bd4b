"""Proves that synthetic surveys are marked, complete, shaped as the codebook says, and the same bytes everywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.data.instrument import instrument_of
from llo_research.data.synthetic.questionnaire import is_asked, years_asked

# SHA-256 over the rounded columns of the file. They change when a parameter or the codebook changes, never by machine.
PINNED = {
    ("nea", 2021, "default"): "f5219c6fa6dfb7b148989e53e666969d05966b24f0a9e6a73fc4a5129022e2c2",
    ("nea", 2022, "default"): "05102ad6e49a4cdc57253b38797c5031a8a88151368843bec41727ae3b45fcaa",
    ("nea", None, "cohort"): "0846b7f07acc1c2d4834185b74a9d71eec1501fd7b84beddd2a42478b63bbdcb",
    ("zea", 2023, "default"): "750393902fa190b10db00c7aca1a6fd2fc0fc940e65215d6ea656d6966f3aa66",
    ("wea", 2021, "default"): "47390877cd7c9b8b10df4d80ff55ddb8eca1413dd4f8cb315dfd506c962e8339",
}
ROOT = Path(__file__).resolve().parents[3]
PRINT = (
    "import llo_research as llo\n"
    "wanted = [('nea', 2021, 'default'), ('nea', 2022, 'default'), ('nea', None, 'cohort'), ('zea', 2023, 'default')]\n"
    "wanted += [('wea', 2021, 'default')]\n"
    "for i, y, n in wanted:\n"
    "    print(llo.synthetic(i, years=y, n=n).source['files'][0]['sha256'])\n"
)


@pytest.fixture(scope="module")
def two_years() -> llo.Survey:
    return llo.synthetic("nea", years=[2021, 2022])


@pytest.mark.parametrize(("instrument", "year", "n"), PINNED)
def test_checksums(instrument: str, year: int | None, n: str) -> None:
    found = llo.synthetic(instrument, years=year, n=n).source["files"][0]["sha256"]
    assert found == PINNED[instrument, year, n]


@pytest.mark.parametrize(("hash_seed", "threads"), [("1", "1"), ("2", "2")])
def test_the_same_with_another_hash_seed_and_number_of_threads(hash_seed: str, threads: str) -> None:
    numbers = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), threads)
    env = {**os.environ, "PYTHONHASHSEED": hash_seed, **numbers}
    run = subprocess.run(
        [sys.executable, "-c", PRINT], capture_output=True, text=True, encoding="utf-8", cwd=ROOT, env=env, check=True
    )
    assert run.stdout.split() == list(PINNED.values())


def test_it_says_that_it_is_synthetic(two_years: llo.Survey) -> None:
    source = two_years.source
    assert source["synthetic"] is True and source["kind"] == "synthetic"
    assert source["instrument"] == "nea" and source["years"] == [2021, 2022]
    assert source["seed"] == 0 and source["scenario"] == "default"
    assert source["title"]["nl"].startswith("SYNTHETISCH") and "no real respondents" in source["credit"]["en"]
    assert (two_years.frame["synthetic"] == 1).all()
    result = llo.mean("training", two_years, by="year")
    assert result.meta["synthetic"] is True and "SYNTHETIC" in result.summary()
    assert "SYNTHETISCH" in llo.report.table(result).to_markdown()
    assert "SYNTHETIC" in str(two_years.describe())


def test_weights_add_up_to_the_population(two_years: llo.Survey) -> None:
    frame, totals = two_years.frame, llo.truth("nea").query("quantity == 'total'")
    for year in (2021, 2022):
        rows, known = frame[frame["year"] == year], totals[totals["year"] == year]
        whole = known.loc[known["group"] == "", "value"].item()
        assert rows["weight"].sum() == pytest.approx(whole, abs=1)
        assert rows["weight_proportional"].mean() == pytest.approx(1, abs=1e-6)
        for group in ("education", "sex", "age_group", "contract10", "sector", "origin", "firm_size"):
            found = rows.groupby(group, observed=True)["weight"].sum()
            expected = known[known["group"] == group].set_index("level")["value"]
            assert found.to_numpy() == pytest.approx(expected[found.index.astype(str)].to_numpy(), abs=1), group
    split = frame[frame["year"] == 2022]
    for half in (1, 2):
        inside = split["half"] == half
        assert split.loc[inside, f"weight_half{half}"].sum() == pytest.approx(split["weight"].sum(), abs=2)
        assert split.loc[~inside, f"weight_half{half}"].isna().all()


def test_halves_are_combined_as_the_library_combines_them(two_years: llo.Survey) -> None:
    split = two_years.frame.query("year == 2022").reset_index(drop=True)
    split = split.assign(own=split["weight_half1"].fillna(split["weight_half2"]))
    combined = llo.combine_parts(llo.Survey(split, weights="own"), "half", proportional_to="n")
    assert combined.weights.to_numpy() == pytest.approx(split["weight"].to_numpy(), abs=0.02)


def test_topics_halves_and_what_was_left_open(two_years: llo.Survey) -> None:
    frame, item = two_years.frame, instrument_of("nea")
    for year, rows in frame.groupby("year"):
        for column in ("autonomy1", "engagement2", "obsolescence", "learn_tasks", "training_length_code"):
            answered = rows[column].notna()
            assert answered.any() == is_asked(item, column, int(year)), (column, year)
    split = frame[frame["year"] == 2022]
    assert split.loc[split["half"] == 2, "obsolescence"].isna().all()
    assert split.loc[split["half"] == 1, "engagement1"].isna().all()
    open_rate = frame["autonomy1"].isna().mean()
    assert 0.008 < open_rate < 0.017
    assert frame.loc[frame["training"] != 1, "training_length_code"].isna().all()
    good = llo.mean("good_match", two_years.where("year == 2022")).to_frame().iloc[0]
    assert good["n"] < 0.52 * (frame["year"] == 2022).sum()


def test_young_people_are_oversampled_and_answer_less_only_to_2021(two_years: llo.Survey) -> None:
    whole = llo.truth("nea").query("quantity == 'total' and group == 'age_group' and level == 'under 25'")
    everybody = llo.truth("nea").query("quantity == 'total' and group == ''").set_index("year")["value"]
    ratio = {}
    for year, rows in two_years.frame.groupby("year"):
        share = whole.loc[whole["year"] == year, "value"].item() / everybody[year]
        ratio[year] = (rows["age_group"] == "under 25").mean() / share
    assert ratio[2021] > 1.25 * ratio[2022] and ratio[2022] < 0.8


def test_a_year_does_not_depend_on_the_others_nor_the_sample_on_the_scenario(two_years: llo.Survey) -> None:
    alone = llo.synthetic("nea", years=2022).frame
    both = two_years.frame.query("year == 2022").reset_index(drop=True)
    shared = [name for name in alone.columns if name in both.columns]
    pd.testing.assert_frame_equal(alone[shared], both[shared], check_dtype=False)
    without = llo.synthetic("nea", years=2022, scenario="no_break").frame
    assert np.array_equal(without["id"], alone["id"]) and np.array_equal(without["weight"], alone["weight"])
    assert without["training"].mean() < alone["training"].mean()
    other = llo.synthetic("nea", years=2022, seed=5).frame
    assert not np.array_equal(np.sort(other["id"])[:100], np.sort(alone["id"])[:100])


def test_the_break_is_told_with_its_size(two_years: llo.Survey) -> None:
    with pytest.raises(llo.DataError, match="straddles a series break"):
        llo.change("training", two_years, time="year", base=2021)
    pair = {"group": "education", "of": "high", "minus": "low", "time": "year", "base": 2021}
    flagged, adjusted = (
        llo.gap_change("training", two_years, **pair, breaks=how).to_frame()["estimate"].item()
        for how in ("flag", "adjust")
    )
    sizes = llo.truth("nea").query("quantity == 'break' and variable == 'training' and year == 2022")
    sizes = sizes[sizes["group"] == "education"].set_index("level")["value"]
    assert adjusted - flagged == pytest.approx(sizes["low"] - sizes["high"], abs=1e-5)
    assert not any(entry["time"] == 2022 for entry in llo.synthetic("nea", 2022, scenario="no_break").source["breaks"])
    assert (
        llo.change("autonomy", two_years, time="year", base=2021, breaks="adjust").to_frame()["estimate"].notna().all()
    )


def test_cohort() -> None:
    svy = llo.synthetic("nea", n="cohort")
    frame = svy.frame
    sizes = frame.groupby("year").size()
    assert list(sizes.index) == [2007, 2008, 2009, 2010]
    assert (sizes.diff().dropna() < 0).all() and 0.5 < sizes[2008] / sizes[2007] < 0.65
    seen = frame.pivot(index="person", columns="year", values="training").notna()
    assert frame.groupby("person")["stratum"].nunique().max() == 1
    ages = frame.groupby("person")["age"].agg(["min", "max", "size"])
    assert (ages["max"] - ages["min"] == ages["size"] - 1).all()
    assert len(seen) == sizes[2007]
    # who learns less leaves more often
    stays = frame.groupby("person")["year"].transform("max") > 2007
    first = frame["year"] == 2007
    rates = stays[first].groupby(frame.loc[first, "informal_learning"]).mean()
    assert rates[1.0] - rates[0.0] > 0.08
    assert svy.design.facts()["n_psu"] == sizes[2007]
    assert llo.mean("informal_learning", svy, by="year").to_frame()["estimate"].is_monotonic_increasing


def test_zea_education_is_raked_to_an_estimate() -> None:
    from llo_research.data.synthetic.parameters import parameters
    from llo_research.data.synthetic.weights import estimated_margin

    svy = llo.synthetic("zea", years=2021)
    margin = estimated_margin(parameters("zea"), 2021, 0)
    assert margin is not None
    name, totals, covariance = margin
    found = svy.frame.groupby("education", observed=True)["weight"].sum()
    assert name == "education" and found.to_numpy() == pytest.approx(list(totals.values()), abs=1)
    known = llo.truth("zea").query("quantity == 'total' and group == 'education' and year == 2021")["value"].to_numpy()
    error = np.sqrt(np.diag(covariance))
    miss = np.abs(found.to_numpy() - known)
    assert miss.max() > 1 and (miss < 4 * error).all()
    assert np.abs(covariance.sum(axis=1)).max() < 1e-3 * covariance.max()
    assert svy.frame["contract10"].isna().any() and (svy.frame["contract"] == "self-employed").all()


def test_columns_keep_what_is_asked_and_the_design() -> None:
    svy = llo.synthetic("nea", years=2022, columns=["training", "education"])
    assert {"training", "education", "weight", "stratum", "year", "person"} <= set(svy.frame.columns)
    assert "autonomy1" not in svy.frame.columns
    whole = llo.synthetic("nea", years=2022)
    same = [llo.mean("training", each, by="education").to_frame()["estimate"].to_numpy() for each in (svy, whole)]
    assert np.array_equal(*same)


def test_load_takes_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LLO_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    svy = llo.load("nea", years=[2019], source="synthetic")
    assert svy.source["synthetic"] is True and svy.source["years"] == [2019]
    with pytest.warns(llo.LloWarning, match="synthetic"):
        llo.load("zea", years=[2019])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"instrument": "piaac"}, "no synthetic version"),
        ({"instrument": "nea", "years": 2006}, "2006"),
        ({"instrument": "zea", "years": [2014]}, "2014"),
        ({"instrument": "nea", "years": "2014"}, "takes whole numbers"),
        ({"instrument": "nea", "years": []}, "takes whole numbers"),
        ({"instrument": "nea", "n": "half"}, "n is the size"),
        ({"instrument": "nea", "n": 100}, "n is the size"),
        ({"instrument": "nea", "n": True}, "n is the size"),
        ({"instrument": "zea", "n": "cohort"}, "no cohort"),
        ({"instrument": "nea", "n": "cohort", "years": 2012}, "of these years"),
        ({"instrument": "nea", "seed": -1}, "seed"),
        ({"instrument": "nea", "seed": 1.5}, "seed"),
        ({"instrument": "nea", "scenario": "none"}, "scenario has no option"),
    ],
)
def test_what_does_not_exist_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(llo.DataError, match=message):
        llo.synthetic(**arguments)


def test_years_in_the_words_of_the_codebook() -> None:
    assert years_asked("2014-2018, 2020, 2022-") == [(2014, 2018), (2020, 2020), (2022, 9999)]
    assert years_asked("all") == [(0, 9999)]
