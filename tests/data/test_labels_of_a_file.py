"""Proves that labels of a file that mean another code are seen, whatever their words, and other words are let be."""

from __future__ import annotations

import itertools
import tomllib
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.data.check import check_file
from llo_research.data.instrument import instrument_names, instrument_of
from llo_research.data.meaning import book_of_variable
from llo_research.data.wording import interval, means_missing, tokens
from tests.data import yearly

# variable, labels from code 1 on, and for each wrong code the codes that would be right; by hand
SEEN: list[tuple[str, str, dict[int, set[int]]]] = [
    ("contract_code", "Vast|Tijdelijk|Oproep/invalkracht|Uitzend", {3: {7}, 4: {8}}),
    ("contract_code", "Permanent|Temporary|On-call|Agency", {3: {7}, 4: {8}}),
    ("contract_code", "Vast|Flexibel|Zelfstandig", {3: {9, 10}}),
    ("education_code", "Laag|Midden|Hoog", {2: {4, 5, 6}, 3: {7, 8}}),
    ("education_code", "Basisonderwijs|Vmbo|Mbo|Havo/vwo|Hbo|Wo", {4: {6}, 5: {7}}),
    ("sex_code", "Vrouw|Man", {1: {2}, 2: {1}}),
    ("sex_code", "V|M", {1: {2}, 2: {1}}),
    ("sex_code", "Female|Male", {1: {2}, 2: {1}}),
    ("training_code", "nee|ja", {1: {2}, 2: {1}}),
    ("training_code", "No|Yes", {1: {2}, 2: {1}}),
    ("training_code", "Nee, geen cursus gevolgd|Ja, cursus gevolgd", {1: {2}, 2: {1}}),
    ("training_code", "Geen opleiding gevolgd|Opleiding gevolgd", {1: {2}, 2: {1}}),
    ("training_code", "ja, een|ja, meerdere|nee", {2: {1}, 3: {2}}),
    ("firm_size_code", "1-4|5-9|10-49|50-99|100-249|250+", {2: {1}, 3: {2}, 4: {3}, 5: {3}, 6: {4}}),
    ("firm_size_code", "250+|50-249|10-49|1-9", {1: {4}, 2: {3}, 3: {2}, 4: {1}}),
    ("supervisor_support1", "Zeer mee eens|Eens|Oneens|Zeer mee oneens", {1: {4}, 2: {3}, 3: {2}, 4: {1}}),
    ("supervisor_support1", "Strongly agree|Agree|Disagree|Strongly disagree", {1: {4}, 2: {3}, 3: {2}, 4: {1}}),
    ("commitment", "Helemaal mee oneens|Mee oneens|Mee eens|Helemaal mee eens", {3: {4}, 4: {5}}),
    ("variety1", "Altijd|Vaak|Soms|Nooit", {1: {4}, 2: {3}, 3: {2}, 4: {1}}),
    ("satisfaction_learning", "zeer ontevreden|ontevreden|neutraal|tevreden|zeer tevreden", {2: {1}, 4: {2}, 5: {3}}),
    ("importance_learning", "Heel belangrijk|Belangrijk|Niet belangrijk", {1: {3}, 3: {1}}),
    ("origin_code", "Niet-westers|Westers|Nederland", {1: {3}, 3: {1}}),
    ("origin_code", "Migratieachtergrond|Geen migratieachtergrond", {2: {1}}),
    (
        "contract_code",
        "Loondienst vast|Loondienst tijdelijk|Zelfstandige zonder personeel|Zelfstandige met personeel",
        {3: {9, 10}, 4: {9, 10}},
    ),
    ("contract_code", "Vaste aanstelling|Tijdelijke aanstelling|Uitzendbureau|Nulurencontract", {3: {8}, 4: {7}}),
    ("education_code", "primary|secondary|tertiary", {3: {7, 8}}),
    ("training_code", "0 keer|1 keer of vaker", {1: {2}, 2: {1}}),
    ("training_code", "onwaar|waar", {1: {2}, 2: {1}}),
    ("training_code", "1 nee|2 ja", {1: {2}, 2: {1}}),
    ("training_code", "unchecked|checked", {1: {2}, 2: {1}}),
    ("sex_code", "meisje|jongen", {1: {2}, 2: {1}}),
    ("sex_code", "dames|heren", {1: {2}, 2: {1}}),
    ("firm_size_code", "Groot|Middel|Klein", {1: {3, 4}, 3: {1, 2}}),
    ("autonomy1", "altijd|soms|nooit", {3: {1}}),
]
LET_BE = [
    (
        "contract_code",
        "Vast dienstverband|Tijdelijk met uitzicht op vast|Tijdelijk, 1 jaar of langer|Tijdelijk, korter dan 1 "
        "jaar|Vast, geen vaste uren|Tijdelijk, geen vaste uren|Oproepkracht|Uitzendkracht",
    ),
    (
        "education_code",
        "Basisonderwijs|Vmbo-b/k, mbo1|Vmbo-g/t, havo-, vwo-onderbouw|Mbo2 en mbo3|Mbo4|Havo, vwo|Hbo-, "
        "wo-bachelor|Hbo-, wo-master, doctor",
    ),
    ("education_code", "Lager onderwijs|Lbo, mavo, vmbo|mbo 1|mbo 2/3|mbo 4|Havo/vwo|Hbo|Universiteit"),
    (
        "education_code",
        "Primary|Lower secondary|Vocational 1|Vocational 2-3|Vocational 4|Upper secondary|Bachelor|Master",
    ),
    ("sex_code", "mannelijk|vrouwelijk"),
    ("training_code", "Ja|Nee|Weet niet|Geen antwoord"),
    ("training_code", "Opleiding gevolgd|Geen opleiding gevolgd"),
    ("firm_size_code", "1 t/m 9 werknemers|10 t/m 49 werknemers|50 t/m 249 werknemers|250 of meer werknemers"),
    ("firm_size_code", "Klein|Middel|Groot"),
    ("supervisor_support1", "Helemaal niet mee eens|Niet mee eens|Mee eens|Helemaal mee eens"),
    ("commitment", "Zeer oneens|Oneens|Neutraal|Eens|Zeer eens"),
    ("variety1", "(Bijna) nooit|Soms|Vaak|(Bijna) altijd"),
    ("autonomy1", "Nee|Soms|Regelmatig"),
    ("origin_code", "Autochtoon|Westerse allochtoon|Niet-westerse allochtoon"),
    ("obsolescence", "Helemaal niet|In beperkte mate|Enigszins|In sterke mate|In zeer sterke mate"),
    (
        "engagement1",
        "Nooit|Sporadisch (een paar keer per jaar of minder)|Af en toe (eens per maand of minder)|Regelmatig (een "
        "paar keer per maand)|Dikwijls (eens per week)|Zeer dikwijls (een paar keer per week)|Altijd (dagelijks)",
    ),
    (
        "training_length_code",
        "Korter dan 1 dag|1 dag tot 1 week|1 week tot 1 maand|1 tot 6 maanden|Langer dan 6 maanden",
    ),
]


def elsewhere(instrument: str, name: str, labels: dict[Any, str]) -> dict[Any, set[Any]]:
    """The codes of a file whose labels mean other codes."""
    item = instrument_of(instrument)
    variable = item.variable(name)
    assert variable is not None
    book = book_of_variable(item, variable)
    found = {code: set(book.elsewhere(text, code, list(labels.values()))) for code, text in labels.items()}
    return {code: others for code, others in found.items() if others}


@pytest.mark.parametrize(("name", "labels", "right"), SEEN)
def test_labels_that_mean_another_code_are_seen(name: str, labels: str, right: dict[int, set[int]]) -> None:
    assert elsewhere("nea", name, dict(enumerate(labels.split("|"), 1))) == right


@pytest.mark.parametrize(("name", "labels"), LET_BE)
def test_other_words_for_the_same_are_let_be(name: str, labels: str) -> None:
    assert elsewhere("nea", name, dict(enumerate(labels.split("|"), 1))) == {}


@pytest.mark.parametrize("instrument", instrument_names())
def test_labels_of_every_codebook_fit_their_own_codes_and_swapped_ones_are_seen(instrument: str) -> None:
    item = instrument_of(instrument)
    for name in item.raw["variables"]:
        variable = None if "*" in name else item.variable(name)
        for language in ("nl", "en") if variable is not None and variable.values else ():
            labels = {code: label[language] for code, label in variable.values.items()}
            assert elsewhere(instrument, name, labels) == {}, (name, language)
            ends = {next(iter(labels)), list(labels)[-1]}
            swapped = dict(zip(labels, reversed(labels.values()), strict=True))
            if len(set(labels.values())) == len(labels) > 1:
                assert ends <= set(elsewhere(instrument, name, swapped)), (name, language)


def test_words_numbers_and_no_answer() -> None:
    assert tokens("Helemaal niet mee eens") == tokens("zeer mee oneens") == tokens("Strongly disagree")
    assert tokens("niet mee eens, niet mee oneens") == tokens("Neutraal") != tokens("mee eens")
    assert tokens("niet-westers") != tokens("westers") and tokens("eens per week") != tokens("mee eens")
    assert [interval(text) for text in ("1.000-1.999", "< 10", "250 of meer", "t/m 9", "soms")] == [
        (1000, 1999),
        (0, 9),
        (250, np.inf),
        (0, 9),
        None,
    ]
    assert all(map(means_missing, ("Weet niet", "geen antwoord", "N.v.t.", "Don't know", "Niet van toepassing", "NA")))
    assert not any(map(means_missing, ("nee", "geen contract", "niet tevreden", "nooit", "naar wens")))


def labelled(folder: Path, labels: dict[str, dict[Any, str]], name: str = "nea2019.sav", **columns: Any) -> Path:
    """A file of 2019 with value labels."""
    frame = yearly.small_nea(2019).drop(columns="year").assign(**columns)
    path = folder / name
    if name.endswith(".dta"):
        frame.to_stata(path, write_index=False, version=118, value_labels=labels)
    else:
        pytest.importorskip("pyreadstat").write_sav(frame, str(path), variable_value_labels=labels)
    return path


def pasted(error: llo.LloError) -> str:
    """The lines of a mapping file that a message proposes."""
    lines = [line.strip() for line in str(error.todo).splitlines()]
    start = next(place for place, line in enumerate(lines) if line.startswith("["))
    return "\n".join(line for line in lines[start:] if line.startswith(("[", "#", '"')) or " = [" in line) + "\n"


@pytest.mark.parametrize("name", ["nea2019.sav", "nea2019.dta"])
def test_four_contracts_are_not_read_as_ten(name: str, tmp_path: Path) -> None:
    four = {1: "Vast", 2: "Tijdelijk", 3: "Oproep/invalkracht", 4: "Uitzend"}
    codes = 1 + np.arange(240) % 4
    path = labelled(tmp_path, {"contract_code": four}, name, contract_code=codes)
    with pytest.raises(llo.DataError, match="codes of contract_code mean something else") as caught:
        llo.read_microdata(path, "nea")
    assert {'"3" = "7"', '"4" = "8"'} <= {line.split("  #")[0] for line in pasted(caught.value).splitlines()}
    check = check_file(path)
    assert len(check.problems) == 1 and "no problems" not in str(check) and '"4" = "8"  # Uitzend' in str(check)
    (tmp_path / "m.toml").write_text(pasted(caught.value), encoding="utf-8")
    made = llo.read_microdata(path, "nea", mapping=tmp_path / "m.toml").frame["contract10"]
    right = {1: "permanent", 2: "temporary, prospect", 3: "on-call", 4: "agency"}
    assert made.tolist() == [right[code] for code in codes]
    assert check_file(path, mapping=tmp_path / "m.toml").problems == []
    (tmp_path / "m.toml").write_text('[values.contract_code]\n"3" = "7"\n', encoding="utf-8")  # half of it
    with pytest.raises(llo.DataError, match="mean something else"):
        llo.read_microdata(path, "nea", mapping=tmp_path / "m.toml")


@pytest.mark.parametrize(
    ("column", "labels", "turned"),
    [
        ("training_code", {1: "Nee", 2: "Ja"}, {1: 2, 2: 1}),
        ("training_code", {0: "nee", 1: "ja"}, {0: 2, 1: 1}),
        ("sex_code", {1: "Vrouw", 2: "Man"}, {1: 2, 2: 1}),
        ("autonomy1", {1: "Ja, regelmatig", 2: "Ja, soms", 3: "Nee"}, {1: 3, 2: 2, 3: 1}),
        (
            "supervisor_support1",
            {1: "Helemaal mee eens", 2: "Eens", 3: "Oneens", 4: "Helemaal oneens"},
            {1: 4, 2: 3, 3: 2, 4: 1},
        ),
        ("engagement1", dict(enumerate(LET_BE[-2][1].split("|"))), {k: k + 1 for k in range(7)}),
    ],
)
def test_the_block_of_the_message_makes_a_turned_scale_right(
    column: str, labels: dict[int, str], turned: dict[int, int], tmp_path: Path
) -> None:
    codes = np.array([*labels])[np.arange(240) % len(labels)]
    path = labelled(tmp_path, {column: labels}, **{column: codes})
    with pytest.raises(llo.DataError, match=f"codes of {column} mean something else") as caught:
        llo.read_microdata(path, "nea")
    assert tomllib.loads(pasted(caught.value))["values"][column]
    (tmp_path / "m.toml").write_text(pasted(caught.value), encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = llo.read_microdata(path, "nea", mapping=tmp_path / "m.toml").frame[column]
    assert made.tolist() == [turned[code] for code in codes]


def test_an_answer_between_that_the_codebook_lacks_is_not_left_at_its_code(tmp_path: Path) -> None:
    five = ["Helemaal mee oneens", "Mee oneens", "Niet eens, niet oneens", "Mee eens", "Helemaal mee eens"]
    codes = 1 + np.arange(240) % 5
    path = labelled(tmp_path, {"supervisor_support1": dict(enumerate(five, 1))}, supervisor_support1=codes)
    problem = check_file(path).problems[0]
    assert '# "3" = "..."  # Niet eens, niet oneens' in str(problem) and '"5" = "4"' in str(problem)
    (tmp_path / "m.toml").write_text('[values.supervisor_support1]\n"4" = "3"\n"5" = "4"\n', encoding="utf-8")
    with pytest.raises(llo.DataError, match="mean something else"):
        llo.read_microdata(path, "nea", mapping=tmp_path / "m.toml")
    with (tmp_path / "m.toml").open("a", encoding="utf-8") as stream:
        stream.write("[missing]\nsupervisor_support1 = [3]\n")
    made = llo.read_microdata(path, "nea", mapping=tmp_path / "m.toml").frame["supervisor_support1"]
    assert made.isna().tolist() == (codes == 3).tolist()


def test_no_answer_at_the_code_of_an_answer(tmp_path: Path) -> None:
    path = labelled(tmp_path, {"autonomy1": {1: "Nee", 2: "Ja", 3: "Weet niet"}})
    with pytest.raises(llo.DataError, match="A code of autonomy1 is no answer in this file") as caught:
        llo.read_microdata(path, "nea")
    (tmp_path / "m.toml").write_text(pasted(caught.value), encoding="utf-8")
    made = llo.read_microdata(path, "nea", mapping=tmp_path / "m.toml").frame["autonomy1"]
    assert made.isna().sum() == (yearly.small_nea(2019)["autonomy1"] == 3).sum()


def test_what_the_user_says_of_a_code_wins_with_a_word(tmp_path: Path) -> None:
    path = labelled(tmp_path, {"training_code": {1: "nee", 2: "ja"}})
    (tmp_path / "m.toml").write_text('[values.training_code]\n"1" = "1"\n"2" = "2"\n', encoding="utf-8")
    with pytest.warns(llo.LloWarning, match="another meaning than their labels in the file"):
        made = llo.read_microdata(path, "nea", mapping=tmp_path / "m.toml").frame
    assert made["training_code"].tolist() == yearly.small_nea(2019)["training_code"].tolist()


def test_classes_are_mapped_onto_the_variable_that_has_them(tmp_path: Path) -> None:
    codes = 1.0 + np.arange(240) % 3
    path = labelled(tmp_path, {"OPL3": {1: "Laag", 2: "Midden", 3: "Hoog"}}, OPL3=codes)
    frame = pd.DataFrame(yearly.small_nea(2019))
    assert "education_code" in frame
    with pytest.raises(llo.DataError, match="mapped onto education") as caught:
        llo.read_microdata(path, "nea", mapping={"OPL3": "education", "education_code": "opl8"})
    assert "'2' in 80 rows" in str(caught.value) and '"3" = "high"  # Hoog' in str(caught.value)
    text = '[columns]\nOPL3 = "education"\neducation_code = "opl8"\n' + pasted(caught.value)
    (tmp_path / "m.toml").write_text(text, encoding="utf-8")
    made = llo.read_microdata(path, "nea", mapping=tmp_path / "m.toml").frame["education"]
    assert made.tolist() == [["low", "middle", "high"][int(code) - 1] for code in codes]
    wrong = labelled(tmp_path, {"education_code": {1: "Laag", 2: "Midden", 3: "Hoog"}}, education_code=codes)
    report = str(check_file(wrong))
    assert "Or map its classes onto education:" in report and '"2" = "middle"  # Midden' in report


def test_text_that_is_the_label_itself_gets_a_block(tmp_path: Path) -> None:
    names = ["Vast", "Oproepkracht", "Uitzendkracht"]
    frame = yearly.small_nea(2019).assign(contract_code=[names[k % 3] for k in range(240)])
    frame.to_csv(tmp_path / "nea2019.csv", index=False)
    with pytest.raises(llo.DataError, match="contract_code holds values") as caught:
        llo.read_microdata(tmp_path / "nea2019.csv", "nea")
    (tmp_path / "m.toml").write_text(pasted(caught.value), encoding="utf-8")
    made = llo.read_microdata(tmp_path / "nea2019.csv", "nea", mapping=tmp_path / "m.toml").frame["contract10"]
    assert made.tolist() == list(itertools.islice(itertools.cycle(["permanent", "on-call", "agency"]), 240))
