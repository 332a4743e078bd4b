"""Proves that each kind of value comes through each file of ``svy.to_file`` as it is, or is refused by its column."""

from __future__ import annotations

import datetime
import importlib.util
import os
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError, DisclosureError, LloWarning

KINDS = ["csv", "dta", "sav", "parquet"]
BIG = 2**53 + 1
TEXTS = ["plain", "a,b", 'a "b" c', "two\\nlines", " blank before", "é", "日本", "☺", "x" * 2045, "y" * 5000]


def survey(**columns: Any) -> llo.Survey:
    """A survey with these columns beside its weight."""
    n = len(next(iter(columns.values())))
    return llo.Survey(pd.DataFrame({**columns, "w": np.arange(1.0, n + 1)}), weights="w")


def back(svy: llo.Survey, path: Path) -> pd.DataFrame:
    """The file as our own reader takes it; names that changed are told in a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.PossiblePrecisionLoss)
        warnings.filterwarnings("ignore", message=".*another name.*", category=LloWarning)
        written = svy.to_file(path)
    frame = llo.read_file(written, weights="w", restricted=False).frame
    assert len(frame) == len(svy)
    np.testing.assert_array_equal(frame["w"], svy.frame["w"])
    return frame


def values(column: pd.Series) -> list[Any]:
    """The values, None where they are missing."""
    return [None if gone else value for value, gone in zip(column.tolist(), column.isna(), strict=True)]


# -- what comes back as it was ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_text(kind: str, tmp_path: Path) -> None:
    texts = [*TEXTS, None, "plain"]
    for sort in ("object", "string", "string[pyarrow]"):
        made = pd.Series(texts, dtype=sort)
        assert values(back(survey(t=made), tmp_path / f"own.{kind}")["t"]) == texts


@pytest.mark.parametrize("kind", KINDS)
def test_one_column_with_gaps_keeps_its_rows(kind: str, tmp_path: Path) -> None:
    """An empty line would be no row to R."""
    frame = pd.DataFrame({"fpc": [4.0, 4.0, 4.0], "y": [1.0, None, 2.0]})
    svy = llo.Survey(frame.rename(columns={"fpc": "N"}), fpc="N")
    written = svy.to_file(tmp_path / f"own.{kind}")
    assert len(llo.read_file(written, fpc="N", restricted=False)) == 3
    from llo_research.survey import file_columns, file_formats

    alone = file_columns.column_of(frame["y"], "y")
    with (tmp_path / "alone.csv").open("wb") as stream:
        file_formats.write_csv(stream, [alone], {"y": "y"}, "")
    assert (tmp_path / "alone.csv").read_text("utf-8") == 'y\n1\n""\n2\n'


@pytest.mark.parametrize("kind", KINDS)
def test_numbers(kind: str, tmp_path: Path) -> None:
    numbers = [0.1, 1 / 3, -1e-300, 1e300, 2.0**53, 0.0, np.nan, 5e-324, 123456789.123456789]
    whole = [1, -5, 2**31, 2**53, -(2**53), 0, 7, 8, 9]
    frame = back(
        survey(
            x=numbers,
            single=np.array(numbers).clip(-1, 1).astype("float32"),
            i=whole,
            small=np.arange(9, dtype="int8"),
            unsigned=np.arange(9, dtype="uint64"),
            nullable=pd.array([*whole[:8], None], dtype="Int64"),
            nullable_float=pd.array([*whole[:8], None], dtype="Float64"),
            arrow=pd.array([*whole[:8], None], dtype="int64[pyarrow]"),
            objects=np.array([1, 2.5, None, np.float64(3), np.int8(4), 5, 6, 7, 8], dtype=object),
            nothing=[np.nan] * 9,
            none=np.array([None] * 9, dtype=object),
            no_text=pd.array([None] * 9, dtype="string"),
        ),
        tmp_path / f"own.{kind}",
    )
    np.testing.assert_array_equal(frame["x"].to_numpy(float), numbers)
    np.testing.assert_array_equal(
        frame["single"].to_numpy(float), np.array(numbers).clip(-1, 1).astype("float32").astype(float)
    )
    np.testing.assert_array_equal(frame["i"].astype("int64"), whole)
    for name in ("small", "unsigned"):
        np.testing.assert_array_equal(frame[name].astype("int64"), np.arange(9))
    for name in ("nullable", "nullable_float", "arrow"):
        assert values(frame[name]) == [*whole[:8], None], name
    assert values(frame["objects"]) == [1, 2.5, None, 3, 4, 5, 6, 7, 8]
    assert frame[["nothing", "none", "no_text"]].isna().all(axis=None)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_large_whole_numbers_keep_their_digits(kind: str, tmp_path: Path) -> None:
    for made in ([BIG, 1], np.array([BIG, 2**64 - 1], dtype="uint64"), pd.array([BIG, None], dtype="Int64")):
        svy = survey(code=made)
        if kind == "csv":
            with pytest.warns(LloWarning, match="code hold whole numbers above"):
                svy.to_file(tmp_path / "own.csv")
            text = (tmp_path / "own.csv").read_text("utf-8").splitlines()[1:]
            assert [line.split(",")[0] for line in text] == ["" if pd.isna(v) else str(int(v)) for v in made]
        else:
            frame = pd.read_parquet(svy.to_file(tmp_path / "own.parquet"), dtype_backend="numpy_nullable")
            assert values(frame["code"]) == [None if pd.isna(v) else int(v) for v in made]


@pytest.mark.parametrize("kind", KINDS)
def test_switches(kind: str, tmp_path: Path) -> None:
    frame = back(
        survey(
            plain=[True, False, True],
            nullable=pd.array([True, None, False], dtype="boolean"),
            objects=np.array([True, None, False], dtype=object),
            categories=pd.Categorical([False, None, True], categories=[True, False]),
        ),
        tmp_path / f"own.{kind}",
    )
    wanted = {"nullable": [1, None, 0], "objects": [1, None, 0], "categories": [0, None, 1], "plain": [1, 0, 1]}
    for name, expected in wanted.items():
        got = [None if v is None else {"TRUE": 1, "FALSE": 0}.get(v, v) for v in values(frame[name])]
        assert got == expected, name
    if kind == "csv":
        assert (tmp_path / "own.csv").read_text("utf-8").splitlines()[1] == "TRUE,TRUE,TRUE,FALSE,1"


@pytest.mark.parametrize("kind", KINDS)
def test_categories(kind: str, tmp_path: Path) -> None:
    cut = pd.cut([1.0, 5.0, np.nan, 9.0], [0, 4, 8, 12])
    svy = survey(
        text=pd.Categorical(["low", None, "high", "low"], categories=["unused", "low", "high"], ordered=True),
        numbers=pd.Categorical([3, None, 1, 3], categories=[3, 2, 1], ordered=True),
        halves=pd.Categorical([0.5, None, 1.5, 0.5], categories=[1.5, 0.5]),
        mixed=pd.Categorical([1, None, "a", 1], categories=["a", 1]),
        cut=cut,
        days=pd.Categorical(pd.to_datetime(["2020-01-01", None, "2021-01-01", "2020-01-01"])),
    )
    frame = back(svy, tmp_path / f"own.{kind}")
    assert values(frame["text"]) == ["low", None, "high", "low"]
    assert values(frame["numbers"]) == [3, None, 1, 3]
    assert values(frame["halves"]) == [0.5, None, 1.5, 0.5]
    assert [None if v is None else str(v) for v in values(frame["mixed"])] == ["1", None, "a", "1"]
    assert values(frame["cut"]) == ["(0, 4]", "(4, 8]", None, "(8, 12]"]
    assert values(frame["days"]) == ["2020-01-01", None, "2021-01-01", "2020-01-01"]
    if kind != "csv":  # the order, with what does not occur
        assert list(frame["text"].cat.categories) == ["unused", "low", "high"]


def test_codes_of_categories_are_their_places_in_the_declared_order(tmp_path: Path) -> None:
    svy = survey(
        text=pd.Categorical(["low", None, "high"], categories=["unused", "low", "high"]),
        numbers=pd.Categorical([30, None, 10], categories=[30, 20, 10]),
    ).label(text="Level")
    frame = pd.read_stata(svy.to_file(tmp_path / "own.dta"), convert_categoricals=False)
    assert values(frame["text"]) == [2, None, 3]
    assert values(frame["numbers"]) == [30, None, 10]
    with pd.io.stata.StataReader(tmp_path / "own.dta") as reader:
        assert reader.value_labels() == {"text": {1: "unused", 2: "low", 3: "high"}}
        assert reader.variable_labels() == {"text": "Level", "numbers": "", "w": ""}
    import pyreadstat

    data, about = pyreadstat.read_sav(svy.to_file(tmp_path / "own.sav"), apply_value_formats=False)
    assert values(data["text"]) == [2, None, 3]
    assert about.variable_value_labels == {"text": {1: "unused", 2: "low", 3: "high"}}
    assert about.column_names_to_labels["text"] == "Level"


def test_labels_are_english_and_cut_where_the_program_has_no_room(tmp_path: Path) -> None:
    import pyreadstat

    frame = pd.DataFrame(
        {"q": [1, 2, 9], "level": pd.Categorical(["a", "b", "a"]), "alike": pd.Categorical(["a", "b", "a"]), "w": 1.0}
    )
    labels = {
        "q": {"nl": "vraag", "en": "é" * 300, "values": {1: {"nl": "ja", "en": "yes"}, 2: "no", 9: "n" * 200}},
        "level": {"nl": "niveau", "en": "level", "values": {"b": {"nl": "hoog", "en": "high"}}},
        "alike": {"nl": "x", "en": "x", "values": {"a": "same", "b": "same"}},
    }
    svy = llo.Survey(frame, weights="w", labels=labels, weight_kind="proportional", source={"synthetic": True})
    with pd.io.stata.StataReader(svy.to_file(tmp_path / "own.dta")) as reader:
        told, sets = reader.variable_labels(), reader.value_labels()
        assert reader.data_label == "Synthetic data"
    assert told["q"] == "é" * 77 + "..." and told["level"] == "level"
    assert sets["q"] == {1: "yes", 2: "no", 9: "n" * 200}
    assert sets["level"] == {1: "a", 2: "high"} and sets["alike"] == {1: "a", 2: "b"}
    _, about = pyreadstat.read_sav(svy.to_file(tmp_path / "own.sav"))
    assert about.column_names_to_labels["q"] == "é" * 126 + "..."  # 256 bytes
    assert about.variable_value_labels["q"] == {1: "yes", 2: "no", 9: "n" * 117 + "..."}
    assert about.file_label == "Synthetic data"


@pytest.mark.parametrize("kind", KINDS)
def test_dates_and_times(kind: str, tmp_path: Path) -> None:
    moments = pd.Series(pd.to_datetime(["2020-02-29 23:59:59.125", None, "1900-01-01 00:00:01"], format="mixed"))
    days = pd.Series(pd.to_datetime(["2020-02-29", None, "1800-01-01"]))
    svy = survey(
        moment=moments,
        day=days,
        date=np.array([datetime.date(2020, 2, 29), None, datetime.date(1700, 1, 1)], dtype=object),
        clock=np.array([datetime.time(13, 45), None, datetime.time(0, 0, 1, 500_000)], dtype=object),
        span=pd.to_timedelta(["1 days 00:00:01.5", None, "-2 hours"]),
        period=pd.PeriodIndex(["2020-01", None, "2021-03"], freq="M"),
    )
    frame = back(svy, tmp_path / f"own.{kind}")
    assert values(frame["period"]) == ["2020-01", None, "2021-03"]
    if kind == "csv":
        assert (tmp_path / "own.csv").read_text("utf-8").splitlines() == [
            "moment,day,date,clock,span,period,w",
            "2020-02-29T23:59:59.125,2020-02-29,2020-02-29,13:45:00,86401.5,2020-01,1",
            ",,,,,,2",
            "1900-01-01T00:00:01,1800-01-01,1700-01-01,00:00:01.5,-7200,2021-03,3",
        ]
        return
    assert values(frame["moment"]) == values(moments)
    assert values(frame["day"]) == values(days)
    assert values(frame["date"]) == [pd.Timestamp("2020-02-29"), None, pd.Timestamp("1700-01-01")]
    seconds = [None if v is None else getattr(v, "total_seconds", lambda v=v: v)() for v in values(frame["span"])]
    assert seconds == [86401.5, None, -7200]
    clock = [None if v is None else getattr(v, "total_seconds", lambda v=v: v)() for v in values(frame["clock"])]
    assert clock == [49500, None, 1.5]


def test_moments_in_a_time_zone_are_written_in_utc_or_refused(tmp_path: Path) -> None:
    svy = survey(t=pd.to_datetime(["2020-07-01 12:00", "2020-01-01 12:00"]).tz_localize("Europe/Amsterdam"))
    text = svy.to_file(tmp_path / "own.csv").read_text("utf-8")
    assert text == "t,w\n2020-07-01T10:00:00Z,1\n2020-01-01T11:00:00Z,2\n"
    frame = back(svy, tmp_path / "own.parquet")
    assert (frame["t"] == svy.frame["t"]).all()
    for kind in ("dta", "sav"):
        with pytest.raises(DataError, match="'t' has a time zone"):
            svy.to_file(tmp_path / f"own.{kind}")


@pytest.mark.parametrize("kind", KINDS)
def test_an_index_of_any_kind_is_left_out(kind: str, tmp_path: Path) -> None:
    frame = pd.DataFrame({"y": [3.0, 1.0, 2.0], "w": [1.0, 2.0, 3.0]})
    for index in ([5, 5, -1], pd.MultiIndex.from_tuples([("a", 1), ("a", 1), ("b", 2)]), ["x", None, "y"]):
        svy = llo.Survey(frame.set_axis(index, axis=0), weights="w")
        got = back(svy, tmp_path / f"own.{kind}")
        assert list(got.columns) == ["y", "w"] and got["y"].tolist() == [3.0, 1.0, 2.0]


@pytest.mark.parametrize("kind", ["sav", "dta"])
def test_values_that_a_file_declared_missing_stay_missing(kind: str, tmp_path: Path) -> None:
    import pyreadstat

    data = pd.DataFrame({"q": [1.0, 2.0, 9.0], "w": [1.0, 2.0, 3.0]})
    pyreadstat.write_sav(
        data, tmp_path / "in.sav", missing_ranges={"q": [9]}, variable_value_labels={"q": {1: "a", 2: "b", 9: "none"}}
    )
    svy = llo.read_file(tmp_path / "in.sav", weights="w", restricted=False)
    assert values(back(svy, tmp_path / f"out.{kind}")["q"]) == ["a", "b", None]


# -- names --------------------------------------------------------------------------------------------------------

NAMES = ["two words", "dots.in.it", "één", "x" * 70, "if", "with", "_n", "2014", "a-b", "A", "q\nr", "日本", "Über"]


@pytest.mark.parametrize("kind", KINDS)
def test_odd_names(kind: str, tmp_path: Path) -> None:
    svy = survey(**{name: [float(i), 2.0] for i, name in enumerate(NAMES)})
    if kind in ("csv", "parquet"):
        frame = pd.read_csv(svy.to_file(tmp_path / "o.csv")) if kind == "csv" else back(svy, tmp_path / "o.parquet")
        assert list(frame.columns) == [*NAMES, "w"]
        return
    with pytest.warns(LloWarning, match=r"have another name in the file: .*'two words' is two_words_"):
        svy.to_file(tmp_path / f"own.{kind}")
    got = llo.read_file(tmp_path / f"own.{kind}", weights="w", restricted=False)
    assert got.frame.iloc[0].tolist() == [*range(len(NAMES)), 1]
    for name, old in zip(got.frame.columns, NAMES, strict=False):
        if name != old:
            assert got.labels[name]["en"] == f"[{old}]"
    assert {"A", "één", "Über"} <= set(got.frame.columns)


def test_a_name_stays_readable_beside_a_long_label(tmp_path: Path) -> None:
    svy = survey(**{"two words": [1.0, 2.0]}).label(**{"two words": "t" * 200})
    with pytest.warns(LloWarning, match="another name"):
        path = svy.to_file(tmp_path / "own.dta")
    with pd.io.stata.StataReader(path) as reader:
        label = next(iter(reader.variable_labels().values()))
    assert label == "t" * 65 + "... [two words]"


def test_names_that_differ_by_case(tmp_path: Path) -> None:
    svy = survey(A=[1.0, 2.0], a=[3.0, 4.0])
    for kind in ("csv", "dta", "parquet"):
        assert back(svy, tmp_path / f"own.{kind}")[["A", "a"]].iloc[0].tolist() == [1.0, 3.0]
    with pytest.raises(DataError, match=r"(?s)'A' and 'a' differ by case only"):
        svy.to_file(tmp_path / "own.sav")
    assert back(llo.Survey(svy.frame, weights="w"), tmp_path / "own.dta").shape == (2, 3)
    svy.to_file(tmp_path / "own.sav", columns="A")


def test_names_that_become_one(tmp_path: Path) -> None:
    from llo_research.program_names import legal

    svy = survey(**{"a b": [1.0, 2.0], legal("a b", "stata"): [3.0, 4.0]})
    with pytest.raises(DataError, match=r"(?s)'a b' and 'a_b_c8687a08' would be one"):
        svy.to_file(tmp_path / "own.dta")
    frame = pd.DataFrame([[1.0, 2.0, 3.0]], columns=["2014", 2014, "w"])
    with pytest.raises(DataError, match="'2014' and '2014' would be one"):
        llo.Survey(frame, weights="w").to_file(tmp_path / "own.csv")
    frame = pd.DataFrame([[1.0, 2.0]], columns=pd.Index([("a", "b"), "w"], tupleize_cols=False))
    with pytest.raises(DataError, match="no name that a file could give it"):
        llo.Survey(frame, weights="w").to_file(tmp_path / "own.csv")


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("in_domain", lambda svy: svy.where("y > 1")),
        ("final_weight", lambda svy: llo.trim(svy, upper=2.5)),
        ("replicate_2", lambda svy: llo.replicate(svy, "jk1")),
    ],
)
def test_names_that_the_file_needs(name: str, make: Any, tmp_path: Path) -> None:
    svy = survey(y=[1.0, 2.0, 3.0], **{name: [1.0, 2.0, 3.0]})
    assert name in pd.read_csv(svy.to_file(tmp_path / "own.csv"))
    with pytest.raises(DataError, match=f"have a column '{name}', which is a name that the file needs"):
        make(svy).to_file(tmp_path / "own.csv")
    assert name in pd.read_csv(make(svy).to_file(tmp_path / "own.csv", columns="y"))


# -- what is refused ----------------------------------------------------------------------------------------------

REFUSED = [
    ("csv dta sav parquet", [1.0, np.inf, 2.0], r"'x' holds an infinite number(?s:.*)row 1"),
    ("csv dta sav parquet", pd.array([1.0, 2.0, -np.inf], dtype="Float64"), r"infinite number(?s:.*)row 2"),
    ("csv dta sav parquet", pd.Categorical([1.0, np.inf, None]), "an infinite number among its categories"),
    ("csv dta sav parquet", np.array([1, "a", None], dtype=object), r"of several types(?s:.*)row 1(?s:.*)int, str"),
    ("csv dta sav parquet", np.array([True, 2, None], dtype=object), "bool, int"),
    ("csv dta sav parquet", np.array([{1}, None, None], dtype=object), "set"),
    ("csv dta sav parquet", np.array([1j, 2, 3]), "complex"),
    ("csv dta sav parquet", np.array([b"a", None, None], dtype=object), "bytes"),
    ("csv dta sav parquet", pd.Series(["\ud800", "a", "b"], dtype=object), "no Unicode"),
    ("csv dta sav", ["a", "", "b"], r"'x' holds an empty text(?s:.*)row 1"),
    ("sav", ["a", "  ", "b"], "an empty text"),
    ("csv dta sav", pd.Categorical(["a", "", "b"]), r"an empty text(?s:.*)category ''"),
    ("csv dta sav", ["a", "a\0b", "b"], r"a null character(?s:.*)row 1"),
    ("sav", ["a", "a ", "b"], r"differ by blanks(?s:.*)row 1"),
    ("csv", ["a\nb", "a\r\nb", "b"], r"differ by the marks at the ends of their lines(?s:.*)row 1"),
    ("sav", ["a", "x" * 32_768, "b"], r"too long for SPSS(?s:.*)32,768 bytes"),
    ("dta sav", [1, BIG, 2], r"whole numbers above 2\*\*53(?s:.*)row 1(?s:.*)9007199254740993"),
    ("dta sav", pd.array([None, 1, -BIG], dtype="Int64"), r"whole numbers above 2\*\*53(?s:.*)row 2"),
    ("dta", [1.0, 9e307, 2.0], r"a number that is missing to Stata(?s:.*)row 1"),
    ("dta sav", pd.to_datetime(["2020-01-01", None, "2020-01-01 00:00:00.000001"], format="mixed"), "row 2"),
    ("dta", pd.Categorical([f"{i}{'x' * 11_000}" for i in range(3)]), "more text in its labels"),
    ("sav", pd.Categorical(["x" * 130 + "a", "x" * 130 + "b", None]), "differ after 120 bytes"),
    ("csv dta sav parquet", pd.Categorical(["1", 1, None]), "two categories that are written alike"),
]


@pytest.mark.parametrize(("kinds", "column", "message"), REFUSED)
def test_what_a_file_cannot_hold_is_refused_by_column_and_row(
    kinds: str, column: Any, message: str, tmp_path: Path
) -> None:
    svy = survey(x=column)
    for kind in KINDS:
        path = tmp_path / f"own.{kind}"
        if kind in kinds.split():
            with pytest.raises(DataError, match=message):
                svy.to_file(path)
            svy.to_file(path, columns="w")
        else:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", message=".*whole numbers above.*", category=LloWarning)
                assert svy.to_file(path).exists()
    assert not list(tmp_path.glob("*.part"))


def test_a_column_of_the_frame_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no column 'z'"):
        survey(y=[1.0, 2.0]).to_file(tmp_path / "own.csv", columns=["y", "z"])


@pytest.mark.parametrize("name", ["own", "own.xlsx", "own.csv.gz", ".csv", "folder/"])
def test_an_ending_that_says_no_kind(name: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)does not say which kind.*\.csv, \.dta, \.sav, \.parquet"):
        survey(y=[1.0, 2.0]).to_file(tmp_path / name)
    assert survey(y=[1.0, 2.0]).to_file(str(tmp_path / "OWN.CSV")).exists()


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_in_which_nobody_writes(kind: str, tmp_path: Path) -> None:
    svy = survey(y=[1.0, 2.0])
    (tmp_path / "a file").write_text("text")
    with pytest.raises(DataError, match="cannot be written"):
        svy.to_file(tmp_path / "a file" / f"own.{kind}")
    (tmp_path / f"own.{kind}").mkdir()
    with pytest.raises(DataError, match="cannot be written"):
        svy.to_file(tmp_path / f"own.{kind}")
    if os.name == "posix" and os.geteuid() != 0:
        (tmp_path / "closed").mkdir(mode=0o500)
        with pytest.raises(DataError, match="cannot be written"):
            svy.to_file(tmp_path / "closed" / f"own.{kind}")
    assert not list(tmp_path.rglob("*.part"))


def test_a_file_that_was_there_stays_when_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pyreadstat

    svy = survey(y=[1.0, 2.0])
    before = svy.to_file(tmp_path / "own.sav").read_bytes()

    def broken(frame: pd.DataFrame, path: str, **options: Any) -> None:
        Path(path).write_bytes(b"half")
        raise pyreadstat.ReadstatError("no room")

    monkeypatch.setattr(pyreadstat, "write_sav", broken)
    with pytest.raises(DataError, match=r"(?s)cannot be written as a \.sav file.*no room"):
        svy.to_file(tmp_path / "own.sav")
    assert (tmp_path / "own.sav").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["own.sav"]


@pytest.mark.parametrize(
    ("kind", "package", "extra"), [("sav", "pyreadstat", "spss"), ("parquet", "pyarrow", "parquet")]
)
def test_a_package_that_is_not_there(
    kind: str, package: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec
    module = sys.modules["llo_research.survey.to_file"]
    monkeypatch.setattr(module, "find_spec", lambda name: None if name == package else found(name))
    with pytest.raises(DataError, match=rf"(?s){package}, which is not installed.*llo-research\[{extra}\]"):
        survey(y=[1.0, 2.0]).to_file(tmp_path / f"own.{kind}")
    survey(y=[1.0, 2.0]).to_file(tmp_path / "own.dta")


# -- restricted data ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", [{"kind": "restricted"}, {"kind": "registered"}, {"restricted": True}])
def test_restricted_data_only_on_request_and_never_in_build(source: dict[str, Any], tmp_path: Path) -> None:
    svy = llo.Survey(pd.DataFrame({"y": [1.0, 2.0], "w": [1.0, 2.0]}), weights="w", source=source)
    with pytest.raises(DisclosureError, match="only when that is asked for"):
        svy.to_file(tmp_path / "own.csv")
    assert svy.to_file(tmp_path / "own.csv", restricted=True).exists()
    assert svy.to_file(tmp_path / "build.csv", restricted=True).exists()
    for folder in ("build", "Build/deeper", "build/restricted"):
        with pytest.raises(DisclosureError, match="never written below a folder 'build'"):
            svy.to_file(tmp_path / folder / "own.csv", restricted=True)
    assert not (tmp_path / "build").exists()


def test_a_way_round_is_no_way_into_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    svy = llo.Survey(pd.DataFrame({"y": [1.0], "w": [1.0]}), weights="w", source={"kind": "restricted"})
    (tmp_path / "build" / "in").mkdir(parents=True)
    if os.name == "posix":
        (tmp_path / "link").symlink_to(tmp_path / "build" / "in")
        with pytest.raises(DisclosureError, match="never written"):
            svy.to_file(tmp_path / "link" / "own.csv", restricted=True)
    monkeypatch.chdir(tmp_path / "build" / "in")
    with pytest.raises(DisclosureError, match="never written"):
        svy.to_file("own.csv", restricted=True)
    assert svy.to_file("../../own.csv", restricted=True).exists()


def test_open_data_may_stand_in_build_and_restricted_is_yes_or_no(tmp_path: Path) -> None:
    svy = survey(y=[1.0, 2.0])
    assert svy.to_file(tmp_path / "build" / "own.csv").exists()
    with pytest.raises(DataError, match="True or False"):
        svy.to_file(tmp_path / "own.csv", restricted="no")


def test_a_stack_is_as_restricted_as_its_surveys(tmp_path: Path) -> None:
    frame = pd.DataFrame({"y": [1.0, 2.0], "w": [1.0, 2.0]})
    one = llo.Survey(frame, weights="w", source={"kind": "restricted"})
    two = llo.Survey(frame + 1, weights="w", source={"kind": "public"})
    with pytest.raises(DisclosureError):
        llo.stack({"one": one, "two": two}).to_file(tmp_path / "own.csv")


def test_words_of_other_programs_lead_here() -> None:
    with pytest.raises(AttributeError, match=r"svy\.to_file\('data\.sav'\) writes the data"):
        survey(y=[1.0, 2.0]).to_stata("own.dta")  # type: ignore[operator]  # no such method, which is the point


def test_a_survey_has_rows() -> None:
    with pytest.raises(DataError, match="no rows"):
        survey(y=[])
