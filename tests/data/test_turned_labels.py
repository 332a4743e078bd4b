"""Proves that a label which shares all words but one with a variable is asked, with the word that turns it round."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

import llo_research as llo
from llo_research.data.check import check_file
from llo_research.data.instrument import instrument_of
from llo_research.data.template import mapping_template
from llo_research.data.turned import turned

TRAINING = "Heeft u in de afgelopen 2 jaar een opleiding of cursus gevolgd voor uw werk?"
WELFARE = "Mijn leidinggevende heeft oog voor het welzijn van de medewerkers"
TURNED = [
    ("Heeft u de afgelopen 2 jaar geen opleiding of cursus gevolgd?", "geen"),
    ("Ik heb de afgelopen twee jaar niet deelgenomen aan een opleiding of cursus", "niet"),
    ("De afgelopen 2 jaar nooit een opleiding of cursus gevolgd voor uw werk", "nooit"),
    ("Heeft u in de afgelopen 12 maanden een opleiding of cursus gevolgd voor uw werk?", "12 months"),
    ("Heeft u in de afgelopen 4 weken een opleiding of cursus gevolgd voor uw werk?", "28 days"),
    ("Heeft u in de afgelopen 2 jaar een opleiding of cursus afgebroken?", "afgebroken"),
    ("Bent u in de afgelopen 2 jaar gestopt met een opleiding of cursus voor uw werk?", "gestopt"),
    ("Bent u de afgelopen 2 jaar van plan geweest een opleiding of cursus te volgen?", "van plan"),
    ("Zou u een opleiding of cursus willen volgen voor uw werk, zoals in de afgelopen 2 jaar?", "zou"),
    ("Followed no training or course in the past two years", "no"),
    ("Followed training or a course in the past 12 months", "12 months"),
    ("In de afgelopen 2 jaar zonder opleiding of cursus gebleven", "zonder"),
    ("Is u in de afgelopen 2 jaar een opleiding of cursus aangeboden voor uw werk?", "aangeboden"),
]


def written(folder: Path, training: str, welfare: str = WELFARE) -> Path:
    """A file of one training question and one item."""
    rng = np.random.default_rng(11)
    n = 400
    frame = pd.DataFrame({"RESPNR": np.arange(n) + 1.0, "GEWICHT": rng.gamma(4, 500, n)})
    frame["D40"], frame["C21"] = rng.integers(1, 3, n) * 1.0, rng.integers(1, 5, n) * 1.0
    path = folder / "nea2023.sav"
    labels = {"D40": training, "C21": welfare, "RESPNR": "Respondentnummer", "GEWICHT": "Ophooggewicht"}
    agree = {1: "Helemaal mee oneens", 2: "Mee oneens", 3: "Mee eens", 4: "Helemaal mee eens"}
    coded = {"D40": {1: "Ja", 2: "Nee"}, "C21": agree}
    pyreadstat.write_sav(frame, path, column_labels=labels, variable_value_labels=coded)
    return path


@pytest.mark.parametrize(("label", "word"), TURNED)
def test_a_turned_question_is_asked_with_its_reason(tmp_path: Path, label: str, word: str) -> None:
    """The line does not count, and the word that makes the difference stands beneath it."""
    text = mapping_template(written(tmp_path, label), instrument_of("nea"))
    assert "D40" not in tomllib.loads(text)["columns"]
    reasons = [line for line in text.splitlines() if line.startswith("#   but")]
    assert any(word in line for line in reasons) or "Kept under their own names, like no variable of ours: D40" in text


@pytest.mark.parametrize(
    "label",
    [
        TRAINING,
        "Opleiding of cursus gevolgd in de afgelopen 24 maanden",
        "Cursus/opleiding gevolgd, afgelopen twee jaar",
    ],
)
def test_the_same_question_in_other_words_stays_sure(tmp_path: Path, label: str) -> None:
    """Two years, 2 jaar and 24 months are one period."""
    text = mapping_template(written(tmp_path, label), instrument_of("nea"))
    assert tomllib.loads(text)["columns"]["D40"] == "training_code"


def test_items_denied_are_asked(tmp_path: Path) -> None:
    text = mapping_template(written(tmp_path, TRAINING, WELFARE.replace("oog", "weinig oog")), instrument_of("nea"))
    assert "C21" not in tomllib.loads(text)["columns"]
    assert "little of it (weinig)" in text


@pytest.mark.filterwarnings("ignore:.*file without")
def test_a_mapping_by_hand_is_warned_of(tmp_path: Path) -> None:
    """The share of people without training is not read as that of people with it in silence."""
    path = written(tmp_path, TURNED[0][0])
    mapping = tmp_path / "m.toml"
    mapping.write_text('[columns]\n"RESPNR" = "id"\n"GEWICHT" = "weight"\n"D40" = "training_code"\n', encoding="utf-8")
    with pytest.warns(llo.LloWarning, match="D40 is mapped onto training_code and says something else"):
        llo.read_microdata(path, "nea", mapping=mapping)
    assert any("geen" in line for line in check_file(path, instrument="nea", mapping=mapping).lines)


def test_words_of_the_highest_education_turn_nothing_round() -> None:
    assert turned("Hoogst voltooide opleiding", ["Opleidingsniveau"]) == ""
    assert turned("Cursus voltooid", ["Cursus gevolgd"]) != ""
