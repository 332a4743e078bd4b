"""Proves that a mapping file proposes the right variable of a column, asks where labels do not tell, loses nothing."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest

import llo_research as llo
from llo_research.data.check import check_file
from llo_research.data.instrument import instrument_of
from llo_research.data.targets import targets_of
from llo_research.data.template import mapping_template
from llo_research.data.wording import bare

N = 900
LABELS = {
    "RESPNR": "Respondentnummer",
    "PEILJAAR": "Peiljaar",
    "GESL": "Geslacht",
    "LFTD": "Leeftijd in jaren",
    "OPL_3": "Opleidingsniveau in drie klassen",
    "CONTR4": "Aard dienstverband",
    "BEDR_KL": "Aantal werknemers vestiging",
    "CURS_A": "Heeft u in de afgelopen twee jaar een opleiding of cursus gevolgd voor uw werk?",
    "CURS_B": "In de afgelopen 2 jaar opleiding/cursus gevolgd voor het werk",
    "AUT_3": "Kunt u zelf uw werktempo regelen?",
    "TEVRED": "Alles bij elkaar, hoe tevreden bent u met uw werk?",
    "UREN": "Aantal uren per week",
    "WEEGF": "Ophooggewicht",
    "OPM": "Opmerking",
}
YES = {1: "Ja", 2: "Nee", 9: "Geen antwoord"}
VALUES: dict[str, dict[int, str]] = {
    "GESL": {1: "Man", 2: "Vrouw"},
    "OPL_3": {1: "Laag", 2: "Middelbaar", 3: "Hoog", 9: "Onbekend"},
    "CONTR4": {1: "Vast", 2: "Tijdelijk", 3: "Oproep/invalkracht", 4: "Uitzendkracht"},
    "BEDR_KL": {1: "1-9", 2: "10-49", 3: "50-249", 4: "250 en meer"},
    "CURS_A": YES,
    "CURS_B": YES,
    "AUT_3": {1: "Nee", 2: "Ja, soms", 3: "Ja, regelmatig", 8: "Weigert"},
    "TEVRED": {1: "Zeer ontevreden", 2: "Ontevreden", 3: "Neutraal", 4: "Tevreden", 5: "Zeer tevreden"},
}
RIGHT = {
    "RESPNR": "id",
    "PEILJAAR": "year",
    "GESL": "sex_code",
    "LFTD": "age",
    "OPL_3": "education",
    "CONTR4": "contract",
    "BEDR_KL": "firm_size_code",
    "CURS_A": "training_code",
    "AUT_3": "autonomy3",
    "UREN": "hours",
    "WEEGF": "weight",
}


def people() -> pd.DataFrame:
    """Three waves in one file."""
    rng = np.random.default_rng(3)
    year = np.repeat([2019, 2021, 2023], N // 3)
    coded = {name: rng.choice(list(codes), N).astype(float) for name, codes in VALUES.items()}
    frame = pd.DataFrame({"RESPNR": np.arange(N) + 100_001, "PEILJAAR": year, **coded})
    frame["LFTD"], frame["UREN"] = rng.integers(15, 75, N), np.round(rng.gamma(8, 4, N)).clip(1, 60)
    frame["WEEGF"], frame["OPM"] = rng.gamma(4, 250, N), "geen"
    frame["CURS_A"] = frame["CURS_A"].where(year < 2023)
    frame["CURS_B"] = frame["CURS_B"].where(year == 2023)
    return frame


def written(folder: Path, frame: pd.DataFrame, values: dict[str, dict[int, str]] = VALUES, **labels: str) -> Path:
    """The SPSS file."""
    path = folder / "leren_en_werk.sav"
    told = {name: {**LABELS, **labels}.get(name, "") for name in frame}
    coded: dict[str, Any] = {name: codes for name, codes in values.items() if name in frame}
    pyreadstat.write_sav(frame, path, column_labels=told, variable_value_labels=coded)
    return path


def test_the_day_of_a_researcher(tmp_path: Path) -> None:
    """Everything that the labels tell stands in the file as it can be used, the successor under its year."""
    path = written(tmp_path, people())
    text = mapping_template(path, instrument_of("nea"))
    told = tomllib.loads(text)
    assert told["columns"] == RIGHT
    assert told["years"] == {"2023": {"CURS_B": "training_code"}}
    assert told["values"] == {
        "education": {"1": "low", "2": "middle", "3": "high"},
        "contract": {"1": "permanent", "2": "flexible", "3": "flexible", "4": "flexible"},
    }
    assert told["missing"]["education"] == [9]
    left = text.split("Kept under their own names")[1]
    assert "TEVRED" in left and "OPM" in left, "satisfaction with work is none of our variables"
    assert len(text.splitlines()) < 40
    mapping = tmp_path / "m.toml"
    mapping.write_text(text, encoding="utf-8", newline="\n")
    assert not check_file(path, instrument="nea", mapping=mapping).problems
    with pytest.warns(llo.LloWarning):
        svy = llo.read_microdata(path, instrument="nea", mapping=mapping)
    frame = people()
    trained = frame["CURS_A"].fillna(frame["CURS_B"])
    known = trained.isin([1, 2])
    expected = np.average((trained == 1)[known], weights=frame["WEEGF"][known])
    assert llo.mean("training", svy).to_frame()["estimate"][0] == pytest.approx(expected)


def test_a_label_that_means_several_codes_is_asked(tmp_path: Path) -> None:
    """The code is left open, and the line does not count until a person has looked."""
    values = {**VALUES, "CONTR4": {1: "Vast", 2: "Anders", 3: "Oproepkracht", 4: "Uitzendkracht"}}
    text = mapping_template(written(tmp_path, people(), values), instrument_of("nea"))
    assert "CONTR4" not in tomllib.loads(text)["columns"]
    asked = [line for line in text.splitlines() if line.startswith("# contract =")]
    assert len(asked) == 1 and asked[0].endswith("# which is 2 (Anders)?")


def test_codes_of_one_label_are_asked(tmp_path: Path) -> None:
    """Two codes that are called the same are not silently taken for one."""
    text = mapping_template(written(tmp_path, people(), {**VALUES, "GESL": {1: "Man", 2: "Man"}}), instrument_of("nea"))
    assert "GESL" not in tomllib.loads(text)["columns"]
    assert "# which is 1 (Man), 2 (Man)?" in text


def test_control_characters_of_labels_leave_a_file_that_can_be_read(tmp_path: Path) -> None:
    values = {**VALUES, "CONTR4": {1: "Vast", 2: "An\x01ders", 3: "Oproepkracht", 4: "Uitzendkracht"}}
    text = mapping_template(written(tmp_path, people(), values, GESL="Geslacht\x7f\x02"), instrument_of("nea"))
    assert tomllib.loads(text)["columns"]["GESL"] == "sex_code"


def test_a_label_alone_is_not_enough(tmp_path: Path) -> None:
    """An age called year of birth, a weight that is negative, a label of another item: nothing is guessed."""
    frame = people()
    frame["LFTD"], frame["WEEGF"] = 2023 - frame["LFTD"], -frame["WEEGF"]
    text = mapping_template(written(tmp_path, frame, LFTD="Leeftijd (geboortejaar)"), instrument_of("nea"))
    told = tomllib.loads(text)["columns"]
    assert "LFTD" not in told and "WEEGF" not in told
    assert "Still needed: weight or weight_proportional" in text


def test_two_columns_that_may_be_the_same_are_asked(tmp_path: Path) -> None:
    """Two ages: neither is sure."""
    frame = people()
    frame["LFT2"] = frame["LFTD"] - 1
    text = mapping_template(written(tmp_path, frame, LFT2="Leeftijd in jaren (register)"), instrument_of("nea"))
    told = tomllib.loads(text)["columns"]
    assert {"LFTD", "LFT2"} & set(told) <= {"LFTD"}


def test_many_columns_of_which_nobody_knows_are_few_lines(tmp_path: Path) -> None:
    """1,200 columns: the answer comes in seconds, and in a page."""
    rng = np.random.default_rng(1)
    more = pd.DataFrame(rng.integers(1, 5, (N, 1_200)), columns=[f"X{i:04d}" for i in range(1_200)])
    path = written(tmp_path, pd.concat([people(), more], axis=1))
    text = mapping_template(path, instrument_of("nea"))
    assert tomllib.loads(text)["columns"] == RIGHT
    assert len(text.splitlines()) < 60


def test_texts_of_a_column_are_its_labels(tmp_path: Path) -> None:
    """A spreadsheet with "Laag" for 1: the codes are known, the question is not, so the column is asked."""
    frame = people()
    for name, codes in VALUES.items():
        frame[name] = frame[name].map(codes)
    path = tmp_path / "nea.csv"
    frame.to_csv(path, index=False, sep=";", decimal=",", encoding="cp1252")
    text = mapping_template(path, instrument_of("nea"))
    assert '# "GESL" = "sex_code"' in text and '# sex_code = { "Man" = "1", "Vrouw" = "2" }' in text
    opened = "\n".join(line.removeprefix("# ") if " = " in line else line for line in text.splitlines())
    assert tomllib.loads(opened)["values"]["education"] == {"Laag": "low", "Middelbaar": "middle", "Hoog": "high"}
    assert tomllib.loads(opened)["missing"]["education"] == ["Onbekend"]
    frame.sample(frac=1, random_state=1).to_csv(path, index=False, sep=";", decimal=",", encoding="cp1252")
    assert mapping_template(path, instrument_of("nea")) == text, "whatever the order of the rows"


def test_the_same_question_with_answers_that_have_no_labels_is_asked(tmp_path: Path) -> None:
    """1, 2 and a 9 that nothing explains: the question is ours, the answers are for a person to tell."""
    frame = people()
    frame["CURS_A"] = frame["CURS_A"].replace({9: 7})
    path = written(tmp_path, frame, {name: codes for name, codes in VALUES.items() if name != "CURS_A"})
    text = mapping_template(path, instrument_of("nea"))
    assert '# "CURS_A" = "training_code"' in text and "CURS_A" not in tomllib.loads(text)["columns"]


def test_waves_whose_labels_are_years(tmp_path: Path) -> None:
    """1, 2 and 3 that are called 2019, 2021 and 2023 are these years."""
    frame = people()
    frame["PEILJAAR"] = frame["PEILJAAR"].map({2019: 1, 2021: 2, 2023: 3})
    values = {**VALUES, "PEILJAAR": {1: "2019", 2: "2021", 3: "2023"}}
    path = written(tmp_path, frame, values, PEILJAAR="Golf")
    text = mapping_template(path, instrument_of("nea"))
    told = tomllib.loads(text)
    assert told["columns"]["PEILJAAR"] == "year" and told["values"]["year"] == {"1": "2019", "2": "2021", "3": "2023"}
    (tmp_path / "mapping.toml").write_text(text, encoding="utf-8", newline="\n")
    assert "years       2019, 2021, 2023" in str(check_file(path, instrument="nea"))
    plain = mapping_template(
        written(tmp_path, frame, {**values, "PEILJAAR": {1: "eerste", 2: "tweede"}}), instrument_of("nea")
    )
    assert "PEILJAAR" not in tomllib.loads(plain)["columns"]


def test_a_branch_is_no_size_of_the_firm(tmp_path: Path) -> None:
    frame = people()
    frame["SECT"] = np.arange(N) % 13 + 1
    text = mapping_template(written(tmp_path, frame, SECT="Sector (13)"), instrument_of("nea"))
    assert not any('"SECT"' in line and "firm_size" in line for line in text.splitlines())


@pytest.mark.parametrize("instrument", ["nea", "zea", "wea"])
def test_a_label_that_is_word_for_word_the_codebooks_means_its_code(instrument: str) -> None:
    """ "Meer dan een dag, hooguit een week" shares its words with two other codes, and is neither."""
    for target in targets_of(instrument_of(instrument)):
        for book in target.books[:1]:
            every = [bare(text) for texts in book.wordings.values() for text in dict.fromkeys(texts)]
            firsts = [texts[0] for texts in book.wordings.values()]
            for code, text in zip(book.wordings, firsts, strict=True):
                assert every.count(bare(text)) > 1 or target.meaning(text, firsts) == [code], (target.name, text)
