"""Proves that labels of Stata files are found by the name of their set, and that what pandas writes is read."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import llo_research as llo
from tests.data import yearly

pytestmark = pytest.mark.filterwarnings("ignore:No weights")
LABELS = {"v": {1: "een", 2: "twee"}, "w": {1: "ja", 2: "nee"}}
_NAME = 129  # bytes of a name of a set of labels in version 118


def named_otherwise(path: Path, order: list[int]) -> Path:
    """A Stata file with columns v, w, x that use the sets v, w and none in this order."""
    frame = pd.DataFrame({"v": [1, 2, 2], "w": [2, 1, 1], "x": [1, 2, 1]})
    frame.to_stata(path, write_index=False, value_labels=LABELS, version=118)
    raw = path.read_bytes()
    start = raw.index(b"<value_label_names>") + len(b"<value_label_names>")
    names = [raw[start + k * _NAME : start + (k + 1) * _NAME] for k in range(3)]
    assert [name.split(b"\0")[0] for name in names] == [b"v", b"w", b""]
    path.write_bytes(raw[:start] + b"".join(names[k] for k in order) + raw[start + 3 * _NAME :])
    return path


@pytest.mark.parametrize("order", [[0, 1, 2], [1, 0, 2], [0, 0, 1], [2, 2, 0], [2, 2, 2]])
def test_a_column_has_the_labels_of_the_set_that_it_names(order: list[int], tmp_path: Path) -> None:
    frame = llo.read_file(named_otherwise(tmp_path / "a.dta", order), restricted=False).frame
    codes = {"v": [1, 2, 2], "w": [2, 1, 1], "x": [1, 2, 1]}
    for (column, values), place in zip(codes.items(), order, strict=True):
        labels = {**LABELS, "none": {}}[("v", "w", "none")[place]]
        assert frame[column].tolist() == [labels.get(value, value) for value in values]


def test_labels_of_a_stata_file_that_names_its_sets_by_number_are_held_against_the_codebook(tmp_path: Path) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    frame = yearly.small_nea(2019, rows=48)
    frame["contract_code"] = 1 + frame["id"] % 4
    labels = {"contract_code": {1: "Vast", 2: "Tijdelijk", 3: "Oproep", 4: "Uitzend"}}
    path = tmp_path / "nea2019.dta"
    pyreadstat.write_dta(frame.astype(float), str(path), variable_value_labels=labels)
    with pytest.raises(llo.DataError, match="The codes of contract_code mean something else in this file"):
        llo.read_microdata(path, "nea")


def test_missing_values_that_are_none_of_statas_do_not_make_a_file_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "a.dta"
    frame = pd.DataFrame({"a": pd.array([1, None, 2**40], dtype="Int64"), "b": [1.0, None, 3.0]})
    frame.to_stata(path, write_index=False)
    svy = llo.read_file(path, restricted=False)
    assert svy.frame["a"].isna().tolist() == [False, True, False]
    assert svy.frame["a"].dropna().tolist() == [1, 2**40]
    assert svy.source["user_missing"] == {}


def test_labels_of_extended_missing_values_are_no_categories(tmp_path: Path) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    path = tmp_path / "a.dta"
    frame = pd.DataFrame({"a": [1, "a", 2]}, dtype=object)
    labels = {"a": {1: "ja", 2: "nee", "a": "weigert"}}
    pyreadstat.write_dta(frame, str(path), missing_user_values={"a": ["a"]}, variable_value_labels=labels)
    svy = llo.read_file(path, restricted=False)
    assert svy.frame["a"].cat.categories.tolist() == ["ja", "nee"]
    assert svy.frame["a"].tolist()[::2] == ["ja", "nee"]
    assert svy.source["user_missing"] == {"a": 1}
