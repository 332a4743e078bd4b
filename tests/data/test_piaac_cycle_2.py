"""Proves that a file of cycle 2 gives the drivers of its crosswalk, says what is not known, and is never one series."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research import cli
from llo_research.data.instrument import instrument_of
from tests.piaac_cycles import CYCLE_2, NEW, made_up, write_as_oecd


@pytest.fixture
def belgium(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of data with a made-up Belgium of both cycles."""
    folder = tmp_path / "piaac"
    write_as_oecd(made_up(1), folder, "prgbelp1.csv")
    write_as_oecd(made_up(2), folder, "prgbelp2.csv")
    monkeypatch.setenv("LLO_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return folder


def test_the_header_is_written_as_the_oecd_writes_it(belgium: Path) -> None:
    first = (belgium / "prgbelp2.csv").read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith('"CNTRYID";"SEQID";"AGE_R"') and '"H2_Q17"' in first


def test_drivers_by_hand(belgium: Path) -> None:
    raw, svy = made_up(2), llo.load("piaac", country="bel", cycle=2)
    at_work = raw["C2_D05"].eq(1)
    expected = {
        "autonomy": raw[[f"H2_Q08{k}" for k in "abcd"]].mean(axis=1),
        "variety": 6 - raw["H2_Q17"],
        "supervisor_support": raw["H2_Q13b"],
        "coworker_support": raw["H2_Q13c"],
        "helps_coworkers_learn": raw["H2_Q10"],
        "say_in_work": raw["H2_Q14a"],
        "own_ideas": raw["H2_Q14b"],
        "informal_learning": raw[["H2_Q09b", "H2_Q09c"]].max(axis=1).ge(4),
        "learn_item_a": raw["H2_Q09a"].ge(4),
        "learning_at_work": raw[["H2_Q09a", "H2_Q09b", "H2_Q09c"]].mean(axis=1),
    }
    for name, values in expected.items():
        np.testing.assert_allclose(svy.frame[name], values.where(at_work).astype(float), err_msg=name)
    np.testing.assert_array_equal(svy.frame["training"], raw[["FE12C2", "NFE12C2"]].max(axis=1))
    assert (
        svy.frame["skills_match"].dropna().unique().tolist()
        and svy.frame["skills_match"].isna().sum() == (~at_work).sum()
    )
    assert set(svy.frame["skills_match"].dropna()) == {"code 1", "code 2", "code 3"}
    assert svy.frame["contract"].notna().sum() == at_work.sum() and svy.frame["firm_size"].notna().any()
    assert svy.frame["cycle"].eq(2).all() and svy.frame["country"].eq("bel").all()
    assert "cycle 2" in svy.source["not_carried"]["learn_from_others"]


def test_training_by_its_parts_is_training_in_cycle_1(belgium: Path) -> None:
    first = llo.load("piaac", country="bel").frame
    made = first[["FE12", "NFE12"]].max(axis=1)
    np.testing.assert_array_equal(first["training"], made)


def test_training_by_its_parts_is_training_in_the_dutch_file(data_dir: Path) -> None:
    frame = llo.read_microdata(data_dir / "piaac" / "nld.csv.gz", instrument="piaac").frame
    formal, other, inside = frame["FE12"], frame["NFE12"], frame["AETPOP"] == 1
    made = pd.Series(np.nan, index=frame.index).mask(inside & (formal == 0) & (other == 0), 0.0)
    made = made.mask(inside & ((formal == 1) | (other == 1)), 1.0)
    np.testing.assert_array_equal(frame["training"], made)
    assert made.notna().sum() == 4482  # people of the population of adult education in the Dutch file


def test_the_design_is_read_from_the_file(belgium: Path) -> None:
    raw = made_up(2)
    svy = llo.load("piaac", country="bel", cycle=2)
    w, y = raw["SPFWT0"].to_numpy(), raw[["FE12C2", "NFE12C2"]].max(axis=1).to_numpy()
    full = (w * y).sum() / w.sum()
    replicates = [(raw[f"SPFWT{r}"] * y).sum() / raw[f"SPFWT{r}"].sum() for r in range(1, 21)]
    found = llo.mean("training", svy)
    assert found.estimate[0] == pytest.approx(full, rel=1e-12)
    assert found.std_error[0] == pytest.approx(np.sqrt(sum((t - full) ** 2 for t in replicates)), rel=1e-10)
    one = write_as_oecd(raw.assign(VEMETHODN=1), belgium / "other", "prgbelp2.csv")
    factor = np.sqrt(19 / 20)  # JK1: (G - 1) / G
    jk1 = llo.mean("training", llo.read_microdata(one, instrument="piaac"))
    assert jk1.std_error[0] == pytest.approx(found.std_error[0] * factor, rel=1e-10)
    lacking = write_as_oecd(raw.drop(columns=["VEMETHODN"]), belgium / "third", "prgbelp2.csv")
    with pytest.raises(llo.DataError, match="how its replicate weights were made"):
        llo.read_microdata(lacking, instrument="piaac")


@pytest.mark.parametrize("name", NEW)
def test_a_scale_that_the_file_does_not_show_makes_nothing(name: str, belgium: Path) -> None:
    raw = made_up(2)
    raw[name] = 1 + raw[name] % 2  # yes and no, say: reversed they would say the contrary
    path = write_as_oecd(raw, belgium / "other", "prgbelp2.csv")
    with pytest.warns(llo.LloWarning, match=f"{name} does not show the scale from 1 to 5"):
        svy = llo.read_microdata(path, instrument="piaac")
    made = {"H2_Q17": "variety", "H2_Q13b": "supervisor_support", "H2_Q14b": "own_ideas"}.get(name)
    assert made is None or (made not in svy.frame and name in svy.source["not_carried"][made])
    assert svy.frame[name].tolist() == raw[name].tolist()


def test_the_codebook_shows_both_cycles() -> None:
    book = llo.codebook("piaac").set_index("variable")
    for ours, theirs in CYCLE_2.items():
        if ours != "D_Q13a":  # another question in cycle 2
            assert book.loc[ours, "cycle1"] == ours and book.loc[ours, "cycle2"] == theirs
    assert book.loc["autonomy", "cycle2"] == "H2_Q08a, H2_Q08b, H2_Q08c, H2_Q08d"
    assert book.loc["autonomy", "cycle2_status"] == "inferred" and book.loc["D_Q11c", "cycle2_status"] == "verified"
    assert book.loc["D_Q13a", "cycle2"] == "" and book.loc["H2_Q09a", "cycle1"] == ""
    for name in ("learn_item_a", "learning_at_work", "training", "variety"):
        assert str(book.loc[name, "comparable"]).startswith("no, a break: "), name
    assert book.loc["informal_learning", "comparable"] == "no break known"
    assert (
        book.loc["supervisor_support", "cycle1"] == ""
        and book.loc["supervisor_support", "wording_status"] == "unverified"
    )
    assert "cycle2" not in llo.codebook("gss")


def test_names_and_status_are_those_of_the_crosswalk(data_dir: Path) -> None:
    if not (data_dir / "piaac" / "crosswalk_cycles.csv").is_file():
        pytest.skip("the crosswalk is not in LLO_DATA")
    cross = pd.read_csv(data_dir / "piaac" / "crosswalk_cycles.csv", dtype=str, keep_default_na=False)
    item = instrument_of("piaac")
    words, compared = {"B": "verified", "inferred": "inferred", "G": "name only", "E": "unverified"}, 0
    for _, row in cross.iterrows():
        one, two = row["cycle1"].split(" ")[0], row["cycle2"].split(" ")[0].split("-")[0]
        entry = item.raw["variables"].get(one if "cycle2" in item.raw["variables"].get(one, {}) else two)
        if entry is None or one in ("REG_TL2", "D_Q09", "FNFAET12"):
            continue
        assert entry["cycle2_status"] == words[row["seen_in"]], row["topic"]
        if "cycle2" in entry:
            assert entry["cycle2"] == two, row["topic"]
        compared += 1
    assert compared > 30


def test_check_reads_a_file_of_cycle_2_to_the_end(belgium: Path, capsys: Any) -> None:
    assert cli.main(["check", str(belgium / "prgbelp2.csv")]) == 0
    out = " ".join(capsys.readouterr().out.split())
    for words in (
        "cycle 2",
        "country bel",
        "20 replicate weights, jk2",
        "not verified (see llo.codebook): ",
        "supervisor_support",
    ):
        assert words in out
    assert "not carried: learn_from_others" in out


def test_the_netherlands_have_no_cycle_2_and_why(belgium: Path) -> None:
    with pytest.raises(llo.DataError) as caught:
        llo.load("piaac", country="nld", cycle=2)
    for words in ("pending national authorisation", "cycle=1", "Flanders", "llo.published('PIAAC23_part')"):
        assert words in str(caught.value)


@pytest.mark.parametrize(("language", "said"), [("en", "Codes not verified"), ("nl", "Codes niet nagegaan")])
def test_a_table_and_a_figure_say_that_the_codes_of_a_scale_were_not_seen(
    belgium: Path, language: str, said: str
) -> None:
    first, second = (llo.load("piaac", country="bel", cycle=cycle) for cycle in (1, 2))
    both = second.assign(much="supervisor_support >= 4")
    measured, model = llo.mean("supervisor_support", both), llo.glm("training ~ supervisor_support", both)
    for result in (measured, model, llo.mean("much", both), llo.mean("autonomy", both, by="sex")):
        assert said in str(llo.report.table(result, language=language)), result.meta["call"]
    assert said in " ".join(llo.report.figure(llo.mean("autonomy", both, by="sex"), language=language).notes)
    for result in (llo.mean("autonomy", first), llo.mean("training", both)):
        assert said not in str(llo.report.table(result, language=language)), result.meta["call"]


def test_the_contract_of_cycle_2_says_that_its_classes_are_assumed(belgium: Path) -> None:
    told = llo.load("piaac", country="bel", cycle=2).source["definition"]["contract"]
    assert "collapsed question (D2_Q10_C), whose codes nobody has seen" in told and "are assumed" in told
