"""Proves that the NEA's scales follow CBS, its halves carry their weights, and its breaks and design stand."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.data.expand import expand
from llo_research.data.instrument import instrument_of
from tests.data import yearly


def read(folder: Path, frame: pd.DataFrame, **options: object) -> llo.Survey:
    """A frame of one year as a file, read back."""
    path = folder / f"nea{int(frame['year'].iloc[0])}.csv"
    frame.to_csv(path, index=False, lineterminator="\n")
    return llo.read_microdata(path, instrument="nea", **options)  # type: ignore[arg-type]  # options of a test


def test_autonomy_is_that_of_cbs_for_all_243_answers(tmp_path: Path) -> None:
    answers = np.array(list(itertools.product([1.0, 2.0, 3.0], repeat=5)))
    frame = yearly.small_nea(2019, rows=len(answers))
    frame[yearly.ITEMS] = answers
    made = read(tmp_path, frame).frame
    assert made["autonomy"].to_numpy() == pytest.approx(answers.sum(axis=1) / 5, abs=1e-15)
    assert made["low_autonomy"].tolist() == (answers.sum(axis=1) / 5 < 2.5).astype(float).tolist()
    assert (made["low_autonomy"] + made["high_autonomy"]).eq(1).all()


def test_an_unanswered_item_and_the_minimum(tmp_path: Path) -> None:
    frame = yearly.small_nea(2019)
    frame[yearly.ITEMS] = [3.0, 3.0, 2.0, 2.0, np.nan]
    assert read(tmp_path, frame).frame[["autonomy", "low_autonomy"]].isna().all(axis=None)
    (tmp_path / "map.toml").write_text("[minimum]\nautonomy = 4\n", encoding="utf-8")
    svy = read(tmp_path, frame, mapping=tmp_path / "map.toml")
    assert svy.frame["autonomy"].eq(2.5).all() and svy.frame["low_autonomy"].eq(0).all()  # 2.5 itself is not below
    assert svy.source["choices"] == {"minimum": {"autonomy": 4}}


def test_job_demands_of_two_and_a_half_are_high(tmp_path: Path) -> None:
    frame = yearly.small_nea(2019).assign(demands1=2, demands2=3, demands3=3)
    frame.loc[0, "demands1"] = 1
    made = read(tmp_path, frame).frame
    assert made["high_demands"].tolist() == [0.0] + [1.0] * 239  # 7/3 is not, 8/3 is
    assert made["job_demands"][1] == pytest.approx(8 / 3)


def test_a_cut_is_a_parameter_and_says_who_chose_it(tmp_path: Path) -> None:
    frame = yearly.small_nea(2019).assign(variety1=3, variety2=3, variety3=2)
    assert read(tmp_path, frame).frame["high_variety"].eq(0).all()
    (tmp_path / "map.toml").write_text("[cuts]\nhigh_variety = 2.5\n", encoding="utf-8")
    svy = read(tmp_path, frame, mapping=tmp_path / "map.toml")
    assert svy.frame["high_variety"].eq(1).all()
    assert svy.source["definition"]["high_variety"] == "1 when variety at or above 2.5, else 0"
    assert "high_variety" in svy.source["unverified"]


def test_contracts_in_the_order_of_cbs_and_three_classes_from_them(tmp_path: Path) -> None:
    frame = yearly.small_nea(2019)
    made = read(tmp_path, frame).frame
    ten = list(made["contract10"].cat.categories)
    assert (
        len(ten) == 10 and ten[0] == "permanent" and ten[6:] == ["on-call", "agency", "zzp own labour", "zzp products"]
    )
    assert made["contract10"].cat.codes.tolist() == (frame["contract_code"] - 1).tolist()
    assert (made["contract"] == "permanent").tolist() == (frame["contract_code"] == 1).tolist()
    assert made["contract"].isin(["permanent", "flexible"]).all()


def test_startkwalificatie_begins_at_mbo_2(tmp_path: Path) -> None:
    frame = yearly.small_nea(2019)
    made = read(tmp_path, frame).frame
    assert made["startkwalificatie"].tolist() == (frame["education_code"] >= 4).astype(float).tolist()
    assert made["hbo_wo"].tolist() == (made["education"] == "high").astype(float).tolist()


def test_item_weights_of_the_halves(tmp_path: Path) -> None:
    paths = []
    for year in (2019, 2022):
        paths.append(tmp_path / f"nea{year}.csv")
        yearly.small_nea(year).to_csv(paths[-1], index=False)
    svy = llo.read_microdata(paths, instrument="nea")
    result = llo.mean("good_match", svy, by="year")
    assert result.meta["weight"] == "weight_half1"
    for year, row in result.to_frame().set_index("year").iterrows():
        frame = yearly.small_nea(int(str(year)))
        asked = frame["skills_match_code"].notna()
        expected = np.average(frame["skills_match_code"][asked] == 2, weights=frame["weight"][asked])
        assert row["estimate"] == pytest.approx(expected, abs=1e-12) and row["n"] == (240 if year == 2019 else 120)
    assert llo.total("good_match", svy, by="year").to_frame()["sum_weights"].tolist() == pytest.approx(
        [yearly.small_nea(2019)["weight"].sum(), 2 * yearly.small_nea(2022)["weight"][::2].sum()]
    )
    assert llo.mean("training", svy, by="year").meta["weight"] == "weight"
    with pytest.raises(llo.DesignError, match="different weights"):
        llo.mean(["training", "good_match"], svy)


def test_without_half_weights_the_weight_of_all_and_a_warning(tmp_path: Path) -> None:
    frame = yearly.small_nea(2022).drop(columns=["weight_half1", "weight_half2"])
    with pytest.warns(llo.LloWarning, match="file without weights of the halves"):
        svy = read(tmp_path, frame)
    assert llo.mean("good_match", svy).meta["weight"] == "weight"
    assert svy.source["design"]["level"] == "without half weights"
    both = [tmp_path / "nea2022.csv", tmp_path / "nea2023.csv"]
    yearly.small_nea(2023).to_csv(both[1], index=False)
    with pytest.raises(llo.DataError, match="files of 2022 lack the weights of the halves"):
        llo.read_microdata(both, instrument="nea")


def test_half_weights_that_do_not_add_up_are_told(tmp_path: Path) -> None:
    frame = yearly.small_nea(2022)
    frame["weight_half1"] = frame["weight_half1"] / 2
    with pytest.warns(llo.LloWarning, match="weights of half 1 add up to 50% of the population"):
        svy = read(tmp_path, frame)
    assert svy.source["design"]["level"] == "without weights of half 1 that add up"


def test_proportional_weights_alone_give_no_totals(tmp_path: Path) -> None:
    frame = yearly.small_nea(2019).rename(columns={"weight": "weight_proportional"})
    with pytest.warns(llo.LloWarning, match="proportional weights only"):
        svy = read(tmp_path, frame)
    assert svy.weight_kind == "proportional"
    with pytest.raises(llo.LloError, match="Proportional"):
        llo.total("training", svy)
    other = tmp_path / "nea2020.csv"
    yearly.small_nea(2020).to_csv(other, index=False)
    with pytest.raises(llo.DataError, match="different kinds of weights"):
        llo.read_microdata([tmp_path / "nea2019.csv", other], instrument="nea")


def test_a_cohort_is_one_person_over_the_years(tmp_path: Path) -> None:
    frames = [yearly.small_nea(year).assign(cohort_id=lambda d: d["id"]) for year in (2007, 2008)]
    pd.concat(frames).to_csv(tmp_path / "nea_cohort.csv", index=False)
    svy = llo.read_microdata(tmp_path / "nea_cohort.csv", instrument="nea")
    assert svy.frame["person"].nunique() == 240 and len(svy) == 480
    change = llo.change("training", svy, time="year", base=2007).to_frame()
    assert change["estimate"][0] == pytest.approx(0) and change["std_error"][0] == pytest.approx(0, abs=1e-12)


def test_a_comparison_over_2022_is_refused(tmp_path: Path) -> None:
    paths = [tmp_path / f"nea{year}.csv" for year in (2021, 2022)]
    for path, year in zip(paths, (2021, 2022), strict=True):
        yearly.small_nea(year).to_csv(path, index=False)
    svy = llo.read_microdata(paths, instrument="nea")
    with pytest.raises(llo.DataError, match="2022"):
        llo.change("training", svy, time="year", base=2021)
    assert [item["time"] for item in svy.source["breaks"]] == [2014, 2022]


def test_strata_may_be_labels_and_keys_of_persons_keep_their_zeros(tmp_path: Path) -> None:
    frame = yearly.small_nea(2019).assign(RINPERSOON=[f"{k:09d}" for k in range(240)])
    frame["stratum"] = [f"SBI{k % 6:02d}" for k in range(240)]
    svy = read(tmp_path, frame)
    assert svy.frame["rinpersoon"].iloc[7] == "000000007" and "6 strata" in str(svy.describe())
    register = pd.DataFrame({"rinpersoon": [f"{k:09d}" for k in range(300)], "wage": range(300)})
    assert svy.join(register, on="rinpersoon", validate="m:1").frame["wage"].tolist() == list(range(240))


def test_a_topic_absent_in_a_year_is_missing_in_that_year(tmp_path: Path) -> None:
    one, two = yearly.small_nea(2018).drop(columns="education_code"), yearly.small_nea(2019)
    paths = [tmp_path / "nea2018.csv", tmp_path / "nea2019.csv"]
    for path, frame in zip(paths, (one, two), strict=True):
        frame.to_csv(path, index=False)
    made = llo.read_microdata(paths, instrument="nea").frame
    assert list(made["education"].cat.categories) == ["low", "middle", "high"]
    assert made["education"].notna().groupby(made["year"]).sum().to_dict() == {2018: 0, 2019: 240}


@pytest.mark.parametrize("name", ["nea", "zea"])
def test_every_statement_has_a_status_and_verified_ones_a_source(name: str) -> None:
    book = llo.codebook(name)
    asked = book[book["wording_status"] != "not asked"]
    assert set(asked["wording_status"]) <= {"verified", "unverified"}
    items = asked[(asked["kind"] == "own") & (asked["wording_status"] == "verified")]
    assert (items["source"] != "").all()
    assert asked["variable"].is_unique and (asked[["label_nl", "label_en", "years_asked", "group"]] != "").all(
        axis=None
    )
    for values in asked["values"]:
        assert all(set(label) == {"nl", "en"} for label in values.values())


def test_what_is_verified_of_the_nea() -> None:
    book = llo.codebook("nea").set_index("variable")
    verified = set(book.index[book["wording_status"] == "verified"])
    scales = {"autonomy", "low_autonomy", "job_demands", "high_demands"}
    assert {*yearly.ITEMS, "demands1", "demands2", "demands3", *scales, "contract10"} <= verified
    assert not verified & {"variety", "high_variety", "supervisor_support", "high_support", "informal_learning"}
    assert book.loc["good_match", "weight"] == "weight_half1" and book.loc["engaged", "weight"] == "weight_half2"
    assert book.loc["training", "years_published"] == "2019, 2020, 2022, 2024"
    assert book.loc["autonomy5", "question"] == "Kunt u verlof opnemen wanneer u dat wilt?"


@pytest.mark.parametrize("name", ["nea", "zea", "wea", "roa", "ewcts", "liss", "ess"])
def test_rules_name_known_columns_and_one_half(name: str) -> None:
    item = instrument_of(name)
    for variable, entry in item.harmonised.items():
        sources = {source for source in item.sources_of(variable) if source != "constant"}
        universe = set(entry.get("universe", {}))
        assert sources | universe <= set(item.raw["variables"]), variable
        assert len({item.half_of(source) for source in sources}) <= 1, variable
        assert {item.half_of(source) for source in universe} <= {0, item.half_of(variable)}, variable
        for rule in entry["rules"]:
            if "recode" in rule:
                allowed = item.variable(rule["recode"])
                used = [code for key, codes in rule.items() if key != "recode" for code in codes]
                assert allowed is not None and sorted(used) == sorted(map(int, allowed.values)), variable
                assert set(rule) - {"recode"} <= set(item.categories(variable)), variable


def test_scales_are_written_out_and_what_is_inherited_keeps_its_codes() -> None:
    raw = {"scales": {"s": {"nl": "S", "en": "S", "items": ["a", "b"], "minimum": 1, "cuts": []}}}
    assert expand(raw)["harmonised"]["s"]["rules"] == [{"mean": ["a", "b"], "minimum": 1}]
    nea, zea = instrument_of("nea"), instrument_of("zea")
    for shared in ("training", "education", "autonomy", "low_autonomy", "contract10", "contract", "sector"):
        assert nea.categories(shared) == zea.categories(shared), shared
    assert zea.half_of("skills_match") == 0 and nea.half_of("skills_match") == 1
    assert zea.harmonised["low_autonomy"]["wording"] == "unverified"


@pytest.mark.slow
def test_eighteen_years_of_realistic_size(tmp_path: Path) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    random = np.random.default_rng(7)
    paths = []
    for year in range(2007, 2025):
        frame = yearly.small_nea(year, rows=60_000)
        more = random.integers(1, 6, size=(len(frame), 120 - frame.shape[1])).astype(float)
        frame = pd.concat([frame, pd.DataFrame(more).add_prefix("v")], axis=1)
        paths.append(tmp_path / f"nea{year}.sav")
        pyreadstat.write_sav(frame, str(paths[-1]), row_compress=True)
    start = time.perf_counter()
    svy = llo.read_microdata(paths, instrument="nea", columns=["training", "low_autonomy", "education", "good_match"])
    few = time.perf_counter() - start
    start = time.perf_counter()
    whole = llo.read_microdata(paths, instrument="nea")
    every = time.perf_counter() - start
    print(f"\n18 files of 60,000 x 120: {few:.1f} s for four variables, {every:.1f} s for all")
    assert len(svy) == len(whole) == 18 * 60_000 and whole.frame.shape[1] > 120
    estimates = [llo.mean("training", each, by="year").to_frame()["estimate"] for each in (svy, whole)]
    assert np.array_equal(*estimates)
    assert few < 120 and every < 240  # seconds on two shared cores; a tenth of it is usual
