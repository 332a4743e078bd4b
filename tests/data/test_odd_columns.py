"""Proves that moved labels, parts of answers, waves beside each other and Dutch names are proposed rightly or asked."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.data.check import check_file
from llo_research.data.instrument import instrument_of
from llo_research.data.shifted import shift_of, told_idle
from llo_research.data.soi import level_of
from llo_research.data.template import mapping_template

pyreadstat = pytest.importorskip("pyreadstat")

N = 400
EXACT = 1e-12  # sums of four hundred numbers
TRAINING = "Heeft u in de afgelopen 2 jaar een opleiding of cursus gevolgd voor uw werk?"
EDUCATION = "Hoogst behaalde opleiding in drie klassen"
LABELS = {"RESPNR": "Respondentnummer", "GEWICHT": "Ophooggewicht", "OPL": EDUCATION, "D40": TRAINING}
MAPPED = '[columns]\n"RESPNR" = "id"\n"GEWICHT" = "weight"\n"OPL" = "education"\n"D40" = "training_code"\n'
YES: dict[int, str] = {1: "Ja", 2: "Nee"}
pytestmark = pytest.mark.filterwarnings("ignore:.*file without", "ignore:Rules of the mapping")


def people() -> pd.DataFrame:
    """Four hundred people with education in codes 1 to 3."""
    rng = np.random.default_rng(23)
    frame = pd.DataFrame({"RESPNR": np.arange(1.0, N + 1), "GEWICHT": rng.gamma(4, 500, N)})
    return frame.assign(OPL=rng.integers(1, 4, N) * 1.0, D40=rng.integers(1, 3, N) * 1.0)


def written(
    folder: Path, frame: pd.DataFrame, values: Mapping[str, Mapping[int, str]], labels: Mapping[str, str] = LABELS
) -> Path:
    """The SPSS file."""
    path = folder / "nea2023.sav"
    coded = {name: dict(codes) for name, codes in values.items()}
    told = {name: labels.get(name, "") for name in frame}
    pyreadstat.write_sav(frame, path, column_labels=told, variable_value_labels=coded)
    return path


def mapped(folder: Path, more: str = "") -> Path:
    """A mapping file."""
    (folder / "m.toml").write_text(MAPPED + more, encoding="utf-8", newline="\n")
    return folder / "m.toml"


def opened(text: str) -> str:
    """A template with all that it asks answered with yes."""
    lines = [
        line.removeprefix("# ") if line.startswith('# "') or " = {" in line else line for line in text.splitlines()
    ]
    return "\n".join(lines)


MOVED = {"OPL": {0: "Laag", 1: "Midden", 2: "Hoog"}, "D40": YES}


def test_moved_labels_are_asked_and_refused_without_prescribing_the_mistake(tmp_path: Path) -> None:
    """What is advised gives code 1 the label of code 0, and the reading that it gives is the true one."""
    frame = people()
    path = written(tmp_path, frame, MOVED)
    text = mapping_template(path, instrument_of("nea"))
    assert "OPL" not in tomllib.loads(text)["columns"]
    assert "are the labels one lower than the codes?" in text
    with pytest.raises(llo.DataError, match="labels of education are one lower than its codes") as refused:
        llo.read_microdata(path, "nea", mapping=mapped(tmp_path))
    advice = str(refused.value)
    assert '"1" = "low"' in advice and '"3" = "high"' in advice and '"0" = "low"' not in advice
    right = '[values.education]\n"1" = "low"\n"2" = "middle"\n"3" = "high"\n'
    svy = llo.read_microdata(path, "nea", mapping=mapped(tmp_path, right))
    shares = llo.share("education", svy).to_frame().set_index("level")["estimate"]
    for code, level in {1: "low", 2: "middle", 3: "high"}.items():
        expected = np.average(frame["OPL"] == code, weights=frame["GEWICHT"])
        assert shares[level] == pytest.approx(expected, rel=EXACT)


def test_a_mapping_that_follows_moved_labels_is_warned_of(tmp_path: Path) -> None:
    path = written(tmp_path, people(), MOVED)
    careless = '[values.education]\n"0" = "low"\n"1" = "middle"\n"2" = "high"\n"3" = "high"\n'
    with pytest.warns(llo.LloWarning, match="were they moved"):
        llo.read_microdata(path, "nea", mapping=mapped(tmp_path, careless))
    half = '[values.education]\n"0" = "low"\n"1" = "middle"\n"2" = "high"\n'
    with pytest.raises(llo.DataError, match="were they moved"):
        llo.read_microdata(path, "nea", mapping=mapped(tmp_path, half))


@pytest.mark.parametrize(
    ("labels", "codes", "step"),
    [
        ({0: "a", 1: "b", 2: "c"}, [1, 2, 3], 1),
        ({1: "a", 2: "b", 3: "c"}, [0, 1, 2], -1),
        ({1: "a", 2: "b", 3: "c"}, [1, 2], 0),  # nobody has the third
        ({1: "a", 2: "b", 9: "Weet niet"}, [1, 2, 9], 0),
        ({1: "a", 2: "b", 3: "c"}, [1, 2, 3, 4], 0),  # a code without a label, none idle
        ({1: "a", 2: "b", 3: "c"}, [1, 2, 8], 0),  # far away
    ],
)
def test_labels_are_moved_only_when_a_step_of_one_fits_all(labels: dict[int, str], codes: list[int], step: int) -> None:
    assert shift_of(labels, codes) == step
    assert ("occurs without a label" in told_idle(labels, codes)) == (step != 0 or 8 in codes)


def test_parts_of_answers_do_not_hide_the_question(tmp_path: Path) -> None:
    """Nine kinds of courses, yes or no: none is training, and the question itself is sure."""
    frame, rng = people(), np.random.default_rng(5)
    kinds = ["Veiligheid", "ICT", "Taal", "Leidinggeven", "Vaktechniek", "Communicatie", "Loopbaan", "Zorg", "Overig"]
    for number in range(1, 10):
        frame[f"cursus_{number}"] = np.where(frame["D40"] == 1, rng.integers(0, 2, N), np.nan)
    labels = {**LABELS, **{f"cursus_{k + 1}": f"Soort cursus: {kind}" for k, kind in enumerate(kinds)}}
    said = {f"cursus_{k}": {0: "Niet genoemd", 1: "Genoemd"} for k in range(1, 10)}
    path = written(tmp_path, frame, {"D40": YES, **said}, labels)
    text = mapping_template(path, instrument_of("nea"))
    assert tomllib.loads(text)["columns"]["D40"] == "training_code"
    assert not [line for line in text.splitlines() if "cursus_" in line and " = " in line]
    by_hand = MAPPED.replace('"D40"', '"cursus_2"').replace('"OPL" = "education"\n', "")
    (tmp_path / "m.toml").write_text(by_hand + '[values.training_code]\n"0" = "2"\n"1" = "1"\n', encoding="utf-8")
    with pytest.warns(llo.LloWarning, match="one answer of a question with several"):
        llo.read_microdata(path, "nea", mapping=tmp_path / "m.toml")


def test_waves_beside_each_other_are_never_mixed(tmp_path: Path) -> None:
    """Columns of the first wave are asked, those of the others not named; a mapping of two waves is warned of."""
    frame, rng = people(), np.random.default_rng(6)
    labels = {**LABELS}
    for wave in (1, 2, 3):
        frame[f"T{wave}_CURSUS"], frame[f"T{wave}_GEWICHT"] = rng.integers(1, 3, N) * 1.0, rng.gamma(4, 500, N)
        labels[f"T{wave}_CURSUS"] = f"Meting {wave}: cursus afgelopen 2 jaar"
    frame = frame.drop(columns=["D40", "GEWICHT"])
    path = written(tmp_path, frame, {f"T{wave}_CURSUS": YES for wave in (1, 2, 3)}, labels)
    text = mapping_template(path, instrument_of("nea"))
    lines = [line for line in text.splitlines() if " = " in line]
    assert [line.split('"')[1] for line in lines if '"T' in line] == ["T1_CURSUS", "T1_GEWICHT"]
    assert not any(column.startswith("T") for column in tomllib.loads(text)["columns"])
    assert "3 waves stand beside each other" in text and "wide_to_long" in text
    assert any("waves stand beside" in line for line in check_file(path, instrument="nea").lines)
    mixed = '[columns]\n"RESPNR" = "id"\n"T1_GEWICHT" = "weight"\n"T2_CURSUS" = "training_code"\n'
    (tmp_path / "m.toml").write_text(mixed, encoding="utf-8")
    with pytest.warns(llo.LloWarning, match="takes columns of 2 waves for one"):
        llo.read_microdata(path, "nea", mapping=tmp_path / "m.toml")


def test_plain_dutch_names_of_a_text_file_are_asked(tmp_path: Path) -> None:
    """Each variable that the names say, with its codes; also one that has our name and other values."""
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({"respnr": np.arange(1, N + 1), "jaar": 2023, "leeftijd": rng.integers(15, 75, N)})
    frame["geslacht"], frame["cursus"] = rng.choice(["man", "vrouw"], N), rng.choice(["ja", "nee"], N)
    frame["opleiding"] = rng.choice(["Laag", "Midden", "Hoog"], N)
    frame["contract"] = rng.choice(["Vast contract", "Tijdelijk contract", "Uitzendkracht"], N)
    frame["gewicht"] = np.round(rng.gamma(4, 500, N), 4)
    frame.to_csv(tmp_path / "nea2023.csv", sep=";", decimal=",", index=False)
    text = mapping_template(tmp_path / "nea2023.csv", instrument_of("nea"))
    asked = tomllib.loads(opened(text))
    assert asked["columns"] == {
        "respnr": "id",
        "jaar": "year",
        "leeftijd": "age",
        "geslacht": "sex_code",
        "opleiding": "education",
        "contract": "contract",
        "cursus": "training_code",
        "gewicht": "weight",
    }


SOI = {
    "low": ["Basisonderwijs gr1-2", "Praktijkonderwijs", "Vmbo-b/k", "Mbo1", "Vmbo-g/t", "Havo-, vwo-onderbouw"],
    "middle": ["Mbo2", "Mbo3", "Mbo4", "Havo-bovenbouw", "Vwo-bovenbouw", "mbo-2, 3 en 4"],
    "high": ["Hbo-associate degree", "Hbo-bachelor", "Wo-bachelor", "Hbo-master", "Wo-master", "Doctor"],
}


def test_the_classes_of_soi_are_those_of_cbs(tmp_path: Path) -> None:
    """By label, and in a file whose codes begin with the class: 1 low, 2 middle, 3 high (CBS, SOI 2021)."""
    for level, labels in SOI.items():
        assert [level_of(label) for label in labels] == [level] * len(labels)
    assert level_of("Onbekend") is None and level_of("mbo 1-4") is None
    codes = {1111: SOI["low"][0], 1211: SOI["low"][1], 1212: SOI["low"][2], 1213: SOI["low"][3], 1222: SOI["low"][5]}
    codes |= {2111 + k: label for k, label in enumerate(SOI["middle"][:5])}
    codes |= {3111 + k: label for k, label in enumerate(SOI["high"])}
    frame = people()
    frame["OPL"] = np.random.default_rng(1).choice(list(codes), N) * 1.0
    labels = {**LABELS, "OPL": "Hoogst behaald onderwijsniveau (SOI 2021)"}
    text = mapping_template(written(tmp_path, frame, {"OPL": codes, "D40": YES}, labels), instrument_of("nea"))
    asked = tomllib.loads(opened(text))
    of_class = {"1": "low", "2": "middle", "3": "high"}
    assert asked["values"]["education"] == {str(code): of_class[str(code)[0]] for code in codes}


def test_the_instrument_is_nea_when_none_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, people(), {"OPL": {1: "Laag", 2: "Midden", 3: "Hoog"}, "D40": YES})
    codes = '[values.education]\n"1" = "low"\n"2" = "middle"\n"3" = "high"\n'
    mapping = mapped(tmp_path, codes)
    pd.testing.assert_frame_equal(
        llo.read_microdata(path, mapping=mapping).frame, llo.read_microdata(path, "nea", mapping=mapping).frame
    )
