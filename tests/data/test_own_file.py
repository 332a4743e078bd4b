"""Proves that llo.read_file keeps names, labels, categories and missing values, and says what it does not know."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo

ROWS = np.arange(20)
FRAME = pd.DataFrame(
    {
        "Opleiding": ROWS % 4 + 1.0,
        "mening": ROWS % 5 + 1.0,
        "tweemaal": ROWS % 3 + 1.0,
        "soort": np.array(["m", "v"])[ROWS % 2],
        "gewicht": 1 + ROWS / 10,
        "stratum": ROWS % 2 + 1.0,
    }
)
LABELS: dict[str, dict[Any, str]] = {
    "Opleiding": {1: "laag", 2: "midden", 3: "hoog", 4: "onbekend", 9: "wil niet zeggen"},
    "mening": {1: "oneens", 5: "eens"},
    "tweemaal": {1: "anders", 2: "ja", 3: "anders"},
    "soort": {"m": "man", "v": "vrouw"},
}


@pytest.fixture
def sav(tmp_path: Path) -> Path:
    """An SPSS file with labels and values declared missing."""
    pyreadstat = pytest.importorskip("pyreadstat")
    path = tmp_path / "map" / "eigen.sav"
    path.parent.mkdir()
    pyreadstat.write_sav(
        FRAME,
        str(path),
        variable_value_labels=LABELS,
        column_labels={"Opleiding": "Hoogste opleiding", "gewicht": "Weegfactor"},
        missing_ranges={"Opleiding": [4, {"lo": 8, "hi": 9}]},
    )
    return path


def test_labels_become_categories_where_each_value_has_its_own(sav: Path) -> None:
    svy = llo.read_file(sav, weights="gewicht", strata="stratum")
    frame = svy.frame
    assert frame["Opleiding"].cat.categories.tolist() == ["laag", "midden", "hoog"] and frame["Opleiding"].cat.ordered
    assert frame["Opleiding"].tolist()[:3] == ["laag", "midden", "hoog"] and frame["Opleiding"].isna().sum() == 5
    assert frame["soort"].tolist()[:2] == ["man", "vrouw"]
    assert frame["mening"].tolist() == FRAME["mening"].tolist()
    assert frame["tweemaal"].tolist() == FRAME["tweemaal"].tolist()
    assert svy.labels["Opleiding"] == {"nl": "Hoogste opleiding", "en": "Hoogste opleiding"}
    assert {code: text["nl"] for code, text in svy.labels["mening"]["values"].items()} == {1: "oneens", 5: "eens"}
    assert list(frame.columns) == list(FRAME.columns)


def test_the_source_holds_no_folder_and_says_what_is_restricted(sav: Path) -> None:
    import hashlib

    source = llo.mean("mening", llo.read_file(sav, weights="gewicht")).meta["source"]
    assert source["path"] == "eigen.sav" == source["files"][0]["path"] and "map" not in str(source)
    assert source["sha256"] == hashlib.sha256(sav.read_bytes()).hexdigest() and source["rows"] == 20
    assert (source["kind"], source["restricted"]) == ("restricted", True)
    assert source["user_missing"] == {"Opleiding": 5}
    own = llo.read_file(sav, weights="gewicht", restricted=False).source
    assert (own["kind"], own["restricted"]) == ("own", False)


def test_labels_of_a_stata_file(tmp_path: Path) -> None:
    frame = FRAME.assign(kwartiel=pd.Categorical(np.array(["q1", "q2"])[ROWS % 2], ["q2", "q1"], ordered=True))
    frame.to_stata(tmp_path / "a.dta", write_index=False, variable_labels={"mening": "Mening"})
    svy = llo.read_file(tmp_path / "a.dta", weights="gewicht")
    assert svy.frame["kwartiel"].cat.categories.tolist() == ["q2", "q1"]
    assert svy.frame["kwartiel"].astype(str).tolist() == frame["kwartiel"].astype(str).tolist()
    assert svy.labels["mening"]["nl"] == "Mening"


def test_extended_missing_values_of_stata_are_counted(tmp_path: Path) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    frame = pd.DataFrame({"y": [1, "a", 3, None, "b"], "w": [1.0] * 5})
    pyreadstat.write_dta(frame, str(tmp_path / "a.dta"), missing_user_values={"y": ["a", "b"]})
    svy = llo.read_file(tmp_path / "a.dta", weights="w")
    assert svy.frame["y"].isna().tolist() == [False, True, False, True, True]
    assert svy.source["user_missing"] == {"y": 2}


def test_columns_that_are_asked_for_and_those_of_the_design(sav: Path) -> None:
    svy = llo.read_file(sav, columns=["men*"], weights="gewicht", strata=["stratum"])
    assert list(svy.frame.columns) == ["mening", "gewicht", "stratum"]
    with pytest.raises(llo.DataError, match=r"no column 'meening'(.|\n)*mening"):
        llo.read_file(sav, columns="meening", weights="gewicht")


def test_replicate_weights_are_read_by_their_pattern_and_stay_numbers(tmp_path: Path) -> None:
    frame = FRAME.assign(**{f"r{k}": FRAME["gewicht"] * (0.5 + (k == ROWS % 4)) for k in range(4)}, other=1)
    frame.to_csv(tmp_path / "a.csv", index=False)
    svy = llo.read_file(
        tmp_path / "a.csv", columns="mening", weights="gewicht", replicate_weights="r[0-3]", replicate_method="jk1"
    )
    assert list(svy.frame.columns) == ["mening", "gewicht", "r0", "r1", "r2", "r3"]


def test_arguments_that_a_survey_does_not_have(sav: Path) -> None:
    with pytest.raises(llo.DataError, match=r"no argument 'weight'(.|\n)*weights, strata, psu"):
        llo.read_file(sav, weight="gewicht")
    with pytest.raises(llo.DataError, match="restricted is True or False"):
        llo.read_file(sav, restricted="nee")  # type: ignore[arg-type]  # what is tested
    with pytest.raises(llo.LloError, match="gewichten"):
        llo.read_file(sav, weights="gewichten")


def test_without_weights_the_columns_that_may_be_them_are_named(sav: Path) -> None:
    with pytest.warns(llo.LloWarning, match=r"every row counts the same.*look like weights: gewicht") as said:
        svy = llo.read_file(sav)
    assert len(said) == 1 and svy.weights.eq(1).all()


def test_an_own_source_and_labels_win(sav: Path) -> None:
    svy = llo.read_file(sav, weights="gewicht", labels={"mening": "Mening"}, source={"title": "Eigen onderzoek"})
    assert svy.labels["mening"] == "Mening" and svy.source["title"] == "Eigen onderzoek"
    assert svy.source["kind"] == "restricted"


def test_a_design_that_a_file_seems_to_have_is_proposed_and_not_used(sav: Path) -> None:
    with pytest.warns(llo.LloWarning, match=r"llo.read_file\(\.\.\., weights='gewicht', strata='stratum'\)"):
        svy = llo.read_file(sav)
    assert svy.describe().strata == 1 and "not used: stratum (it may be strata='stratum')" in str(svy.describe())
    weighted = llo.read_file(sav, weights="gewicht").describe()
    assert weighted.strata == 1 and any("strata='stratum'" in problem for problem in weighted.problems)
    whole = llo.read_file(sav, weights="gewicht", strata="stratum").describe()
    assert not whole.problems and whole.columns == {"weights": "gewicht", "strata": "stratum"}


@pytest.mark.parametrize("name", ["Lichaamsgewicht", "overgewicht", "gewicht (kg)", "strategie", "clustering", "peilw"])
def test_names_that_only_resemble_a_design(name: str, tmp_path: Path) -> None:
    pd.DataFrame({"y": ROWS, name: ROWS % 7 + 1}).to_csv(tmp_path / "a.csv", index=False)
    with pytest.warns(llo.LloWarning, match=r"\(weight 1\)\.$"):
        assert llo.read_file(tmp_path / "a.csv").source["not_used"] == {}


def test_a_compressed_spss_file(tmp_path: Path) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    pyreadstat.write_sav(FRAME, tmp_path / "a.zsav", compress=True, variable_value_labels=LABELS)
    assert llo.read_file(tmp_path / "a.zsav", weights="gewicht").frame["soort"].tolist()[:2] == ["man", "vrouw"]


@pytest.mark.parametrize("encoding", ["latin-1", "windows-1252", "cp1252"])
def test_an_old_spss_file_that_does_not_say_its_encoding(encoding: str, tmp_path: Path) -> None:
    """A record of subtype 20 names the encoding of an SPSS file; files of before 2009 have none."""
    pyreadstat = pytest.importorskip("pyreadstat")
    path = tmp_path / "a.sav"
    pyreadstat.write_sav(FRAME.assign(soort="e~n"), path, compress=False)
    raw = path.read_bytes().replace(b"e~n", b"\xe9\xe9n")
    at = raw.index(struct.pack("<ii", 7, 20))
    size, count = struct.unpack("<ii", raw[at + 8 : at + 16])
    raw = raw[:at] + raw[at + 16 + size * count :]
    told = raw.index(struct.pack("<ii", 7, 3)) + 16 + 28
    path.write_bytes(raw[:told] + struct.pack("<i", 2) + raw[told + 4 :])
    assert llo.read_file(path, weights="gewicht", encoding=encoding).frame["soort"].eq("één").all()
    assert llo.read_file(path, weights="gewicht").frame["soort"].eq("één").all()


@pytest.mark.parametrize(
    ("name", "todo"),
    [
        ("a.por", "SAVE OUTFILE"),
        ("a.xlsx", "read_excel"),
        ("a.sas7bdat", "read_sas"),
        ("a.tsv", "call it .csv"),
        ("a.rds", "Export the data as one of these"),
    ],
)
def test_a_kind_that_is_not_read_says_how_to_go_on(name: str, todo: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"anything")
    with pytest.raises(llo.DataError, match=f"of a kind that is not read(.|\n)*{todo}"):
        llo.read_file(tmp_path / name)


def test_weights_of_mean_one_are_proportional_unless_told(tmp_path: Path) -> None:
    """Taken as numbers of people they would give totals of as many people as there are rows."""
    rng = np.random.default_rng(3)
    weights = rng.uniform(0.4, 1.6, 400)
    pd.DataFrame({"w": weights / weights.mean(), "y": rng.normal(size=400)}).to_csv(tmp_path / "own.csv", index=False)
    with pytest.warns(llo.errors.LloWarning, match="mean of 1"):
        svy = llo.read_file(tmp_path / "own.csv", weights="w", restricted=False)
    with pytest.raises(llo.errors.LloError, match="Proportional weights"):
        llo.total("y", svy)
    told = llo.read_file(tmp_path / "own.csv", weights="w", weight_kind="expansion", restricted=False)
    assert np.isfinite(llo.total("y", told).estimate).all()


def test_weights_of_mean_one_are_not_mapped_as_numbers_of_people(tmp_path: Path) -> None:
    """The template names the proportional weight; mapped as the other one they are refused."""
    nea = llo.synthetic("nea", years=[2019], n=2000, seed=7).frame
    own = nea.drop(columns=[name for name in nea if name.startswith("weight")])
    weights = nea["weight"] / nea["weight"].mean()
    own.assign(GEWICHT=weights).to_parquet(tmp_path / "nea2019.parquet")
    (tmp_path / "m.toml").write_text('[columns]\n"GEWICHT" = "weight"\n', encoding="utf-8")
    with pytest.raises(llo.errors.LloError, match="mean of 1"):
        llo.read_microdata(tmp_path / "nea2019.parquet", mapping=tmp_path / "m.toml")
