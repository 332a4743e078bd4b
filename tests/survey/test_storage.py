"""Proves that a saved survey comes back without loss, and that broken files are named as such."""

from __future__ import annotations

import datetime
import decimal
import io
import json
import os
import random
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError
from tests.survey import samples


def _wide() -> pd.DataFrame:
    frame = samples.people(3)
    n = len(frame)
    gone = np.arange(n) % 7 == 3
    frame["nullable"] = pd.array(np.arange(n), dtype="Int16")
    frame["maybe"] = pd.array(np.arange(n) % 2 == 0, dtype="boolean")
    frame["float"] = pd.array(np.linspace(0, 1, n), dtype="Float32")
    for name in ("nullable", "maybe", "float"):
        frame.loc[gone, name] = pd.NA
    frame["text"] = pd.array([f"é{i}" for i in range(n)], dtype="string")
    frame["mixed"] = [None if g else ("ja" if i % 2 else "nee") for i, g in enumerate(gone)]
    frame["single"] = frame["y"].astype("float32")
    frame["small"] = np.arange(n, dtype="int8")
    frame["day"] = pd.date_range("2020-01-01", periods=n)
    frame["coded"] = pd.Categorical(np.where(gone, None, np.arange(n) % 3), categories=[2, 1, 0])
    return frame


@pytest.mark.parametrize("design", [*samples.DESIGNS, "replicates"])
def test_a_survey_comes_back_as_it_was(design: str, tmp_path: Path) -> None:
    frame = samples.with_replicates(_wide())
    options: dict[str, Any] = {"weights": "w", **samples.DESIGNS.get(design, {})}
    if design == "replicates":
        options |= {"replicate_weights": "r[1-12]", "replicate_method": "fay", "fay": 0.5, "mse": False}
    svy = llo.Survey(frame, **options, labels={"y": {"nl": "leren"}}, source={"synthetic": True, "path": "a b.csv"})
    svy = svy.where("older & nullable > 3").assign(new=1.5)
    again = llo.read_survey(svy.save(tmp_path / "folder with blanks" / "survey"))
    pd.testing.assert_frame_equal(again.frame, svy.frame)
    assert again.weights.tolist() == svy.weights.tolist()
    assert again.domain.tolist() == svy.domain.tolist()
    assert (again.labels, again.source) == (svy.labels, svy.source)
    assert str(again.describe()) == str(svy.describe())
    for call in (lambda s: llo.mean("y", s, by="education"), lambda s: llo.total("float", s)):
        one, other = call(svy), call(again)
        assert one.covariance.tolist() == other.covariance.tolist()
        assert one.meta == other.meta


@pytest.mark.parametrize("dtype", ["double[pyarrow]", "int64[pyarrow]", "bool[pyarrow]", "string[pyarrow]"])
def test_arrow_columns_come_back(dtype: str, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    frame = samples.people(3)
    column = frame["older"] if "bool" in dtype else frame["region"] if "string" in dtype else frame["trained"]
    frame["arrow"] = column.astype(dtype)
    frame.loc[[1, 5], "arrow"] = pd.NA
    svy = llo.Survey(frame, weights="w")
    again = llo.read_survey(svy.save(tmp_path / "arrow"))
    assert again.frame["arrow"].isna().tolist() == frame["arrow"].isna().tolist()
    assert again.frame["arrow"].dropna().tolist() == frame["arrow"].dropna().tolist()


INDEXES = {
    "text": pd.Index([f"p{i}" for i in range(72)], name="id"),
    "several": pd.MultiIndex.from_product([["a", "b", "c"], range(24)], names=["x", None]),
    "repeated": pd.Index([1] * 72),
}


@pytest.mark.parametrize("name", INDEXES)
def test_the_index_comes_back(name: str, tmp_path: Path) -> None:
    svy = llo.Survey(samples.people(3).set_axis(INDEXES[name], axis=0), weights="w")
    again = llo.read_survey(svy.save(tmp_path / "s"))
    assert again.frame.index.equals(svy.frame.index)
    assert list(again.frame.index.names) == list(svy.frame.index.names)


def test_a_part_of_a_split_sample_comes_back(tmp_path: Path) -> None:
    frame = samples.people(3)
    frame["part"] = frame["w"].where(frame["person"] % 2 == 0)
    frame["item"] = frame["y"].where(frame["person"] % 2 == 0)
    svy = llo.Survey(frame, weights="w", strata="stratum", psu="place", item_weights={"item": "part"})
    for one in (svy, svy.use_weights("part")):
        again = llo.read_survey(one.save(tmp_path / "s"))
        assert llo.mean("item", again).covariance.tolist() == llo.mean("item", one).covariance.tolist()
        assert llo.mean("item", again).meta == llo.mean("item", one).meta
        assert again.frame["part"].isna().sum() == 36


def test_results_of_a_survey_that_was_read_can_be_joined_with_each_other_only(tmp_path: Path) -> None:
    svy = samples.survey()
    again = llo.read_survey(svy.save(tmp_path / "s"))
    llo.joint({"a": llo.mean("y", again), "b": llo.mean("hours", again)})
    with pytest.raises(llo.DesignError, match="different surveys"):
        llo.joint({"a": llo.mean("y", svy), "b": llo.mean("hours", again)})


BROKEN: dict[str, bytes] = {
    "empty": b"",
    "text": b"a,b\n1,2\n",
    "binary": b"\x00\xff" * 50,
    "a zip that is none": b"PK\x03\x04" + b"garbage" * 20,
}


@pytest.mark.parametrize("name", [*BROKEN, "truncated", "an array", "other arrays", "a folder", "flipped bytes"])
def test_a_broken_file_is_named_as_such(name: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.npz"
    good = samples.survey().save(tmp_path / "good").read_bytes()
    if name in BROKEN:
        path.write_bytes(BROKEN[name])
    elif name == "truncated":
        path.write_bytes(good[: len(good) // 2])
    elif name == "flipped bytes":
        path.write_bytes(good[:2000] + bytes(255 - b for b in good[2000:2400]) + good[2400:])
    elif name == "an array":
        with path.open("wb") as stream:
            np.save(stream, np.arange(3))
    elif name == "other arrays":
        np.savez(path, a=np.arange(3))
    else:
        path.mkdir()
    with pytest.raises(DataError, match="not a saved survey"):
        llo.read_survey(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        llo.read_survey(tmp_path / "nothing")


def test_a_column_that_cannot_be_saved_is_named(tmp_path: Path) -> None:
    svy = samples.survey().assign(odd=[(1, 2)] * 72)
    with pytest.raises(DataError, match="column 'odd' cannot be saved"):
        svy.save(tmp_path / "s")


def test_names_that_are_numbers_and_the_file_s_own_entries(tmp_path: Path) -> None:
    frame = pd.DataFrame({7: [1.0, 2.0], "w": [1.0, 1.0]}, index=pd.Index(np.array([4, 9])))
    frame.columns = pd.Index([np.int64(7), "w"], dtype=object)
    path = llo.Survey(frame, weights="w").save(tmp_path / "numbers")
    with np.load(path, allow_pickle=False) as stored:
        assert "allow_pickle" not in stored.files
    again = llo.read_survey(path).frame
    assert list(again.columns) == [7, "w"] and again.index.tolist() == [4, 9]


N = 12
ROW = np.arange(N)
DAYS = pd.date_range("2020-03-28", periods=N)
KEPT: dict[str, Any] = {
    "days": [datetime.date(2020, 1, 1 + k) for k in ROW],
    "days with gaps": [None if k == 3 else datetime.date(2020, 1, 1 + k) for k in ROW],
    "seconds": DAYS.astype("M8[s]"),
    "dates with gaps": pd.Series(DAYS).where(ROW != 3),
    "a zone": DAYS.tz_localize("Europe/Amsterdam"),
    "UTC with gaps": pd.Series(DAYS.tz_localize("UTC")).where(ROW != 3),
    "a fixed zone": DAYS.tz_localize(datetime.timezone(datetime.timedelta(hours=1))),
    "spans": pd.Series(pd.to_timedelta(ROW, unit="h")).where(ROW != 3),
    "sparse": pd.arrays.SparseArray(ROW % 2),
    "sparse with gaps": pd.arrays.SparseArray(np.where(ROW % 2, np.nan, 1.5)),
    "intervals": pd.Series(pd.arrays.IntervalArray.from_arrays(ROW * 1.0, ROW + 1.0, closed="left")).where(ROW != 3),
    "bands": pd.cut(ROW, [-1, 3, 6, 20]),
    "periods": pd.Series(pd.period_range("2020Q1", periods=N, freq="Q")).where(ROW != 3),
    "categories of months": pd.Categorical(pd.period_range("2020-01", periods=N, freq="M")),
    "kinds of missing": np.array([None, np.nan, pd.NA, pd.NaT, *["a"] * 8], dtype=object),
    "text and numbers": np.array([1, "a", 2.5, True] * 3, dtype=object),
    "very large numbers": np.array([10**30] * N, dtype=object),
    "large whole numbers": pd.array([2**62 + 1, None] * 6, dtype="Int64"),
    "big endian": ROW.astype(">f8"),
}
REFUSED: dict[str, Any] = {
    "complex": ROW * 1j,
    "bytes": [b"x"] * N,
    "decimals": [decimal.Decimal("1.10")] * N,
    "lists": [[1]] * N,
    "times of day": [datetime.time(1, k) for k in ROW],
}


def _with(column: Any, name: Any = "d") -> llo.Survey:
    """A small survey with one more column."""
    frame = pd.DataFrame({"y": ROW * 1.0, "w": 1.0})
    frame[name] = column
    return llo.Survey(frame, weights="w")


@pytest.mark.parametrize("name", KEPT)
def test_columns_of_many_kinds_come_back(name: str, tmp_path: Path) -> None:
    svy = _with(KEPT[name])
    again = llo.read_survey(svy.save(tmp_path / "s"))
    pd.testing.assert_frame_equal(again.frame, svy.frame)
    if name == "kinds of missing":
        assert [type(value) for value in again.frame["d"]] == [type(value) for value in svy.frame["d"]]


@pytest.mark.parametrize("name", REFUSED)
def test_columns_that_would_not_come_back_are_refused_when_saved(name: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"The column 'd' cannot be saved(.|\n)*what to do"):
        _with(REFUSED[name]).save(tmp_path / "s")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name", [("mean", "income"), 7, np.int64(3), 1.5, None, pd.Timestamp("2020"), datetime.date(2020, 1, 1), True]
)
def test_names_of_any_kind_come_back(name: Any, tmp_path: Path) -> None:
    svy = _with(ROW, name)
    again = llo.read_survey(svy.save(tmp_path / "s"))
    pd.testing.assert_frame_equal(again.frame, svy.frame)
    assert again.frame.columns[-1] == name or name is None


def test_a_name_that_cannot_be_told_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"name Period(.|\n)*columns.map\(str\)"):
        _with(ROW, pd.Period("2020")).save(tmp_path / "s")


def test_a_name_that_occurs_twice_and_the_names_of_names(tmp_path: Path) -> None:
    frame = pd.DataFrame({"y": ROW * 1.0, "w": 1.0})
    frame.insert(2, "z", ROW)
    frame.insert(3, "z", ROW * 2, allow_duplicates=True)
    frame.columns.name = "variable"
    again = llo.read_survey(llo.Survey(frame, weights="w").save(tmp_path / "s")).frame
    pd.testing.assert_frame_equal(again, frame)


@pytest.mark.parametrize(
    "index",
    [
        pd.period_range("2020", periods=N, freq="D"),
        pd.interval_range(0, N),
        pd.CategoricalIndex(list("abcdefghijkl"), name="q"),
        pd.Index(ROW, name=("a", "b")),
        pd.MultiIndex.from_arrays([DAYS.tz_localize("UTC"), ROW], names=["a", 0]),
    ],
    ids=lambda index: type(index).__name__,
)
def test_an_index_of_any_kind_comes_back(index: pd.Index, tmp_path: Path) -> None:
    svy = llo.Survey(pd.DataFrame({"y": ROW * 1.0, "w": 1.0}, index=index), weights="w")
    pd.testing.assert_frame_equal(llo.read_survey(svy.save(tmp_path / "s")).frame, svy.frame)


def test_labels_keep_codes_that_are_numbers(tmp_path: Path) -> None:
    labels = {"y": {"nl": "leren", "values": {1: "een", 2.5: "half"}}}
    svy = llo.Survey(pd.DataFrame({"y": [1.0], "w": 1.0}), weights="w", labels=labels, source={"span": (1, 2)})
    again = llo.read_survey(svy.save(tmp_path / "s"))
    assert again.labels == labels and again.source == {"span": (1, 2)}


# what the version before this format computed from its own files
SAVED = {
    "plain": ([4.530480344517382, 4.598037633018502, 5.68251040688307], [0.8993233286725396, 0.6115096529713486]),
    "calibrated": ([4.398391476757112, 5.40558704729062, 3.901246183925264], [0.6491921758026274, 0.4130371556266799]),
    "replicates": ([4.39839147675711, 5.405587047290622, 3.901246183925262], [0.6881084548238097, 0.41278145135073674]),
}


@pytest.mark.parametrize("name", SAVED)
def test_files_of_the_version_before_are_read(name: str) -> None:
    svy = llo.read_survey(Path(__file__).parent / "saved" / f"{name}.npz")
    result = llo.mean("y", svy, by="education")
    assert result.estimate.tolist() == pytest.approx(SAVED[name][0], rel=1e-12)
    assert result.std_error[:2].tolist() == pytest.approx(SAVED[name][1], rel=1e-12)


def test_a_result_of_the_version_before_is_read() -> None:
    result = llo.read_result(Path(__file__).parent / "saved" / "result.json")
    assert result.estimate.tolist() == pytest.approx(SAVED["plain"][0], rel=1e-12)
    assert result.std_error[:2].tolist() == pytest.approx(SAVED["plain"][1], rel=1e-12)


# -- places that cannot be written, files that lie --------------------------------------------------------------------


def _places(folder: Path) -> dict[str, Path]:
    """Where nothing can be written."""
    (folder / "file").write_text("x", encoding="utf-8")
    for name in ("d.npz", "d.json"):
        (folder / name).mkdir()
    return {"below a file": folder / "file" / "s", "a folder": folder / "d", "no name": folder / "\0"}


@pytest.mark.parametrize("name", ["below a file", "a folder", "no name"])
def test_places_that_cannot_be_written(name: str, tmp_path: Path) -> None:
    svy = samples.survey()
    place = _places(tmp_path)[name]
    for thing in (svy, llo.mean("y", svy)):
        with pytest.raises(DataError, match=r"cannot be written(.|\n)*Choose another folder"):
            thing.save(place)
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="whoever may do everything may write everywhere")
def test_a_folder_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(DataError, match="cannot be written"):
        samples.survey().save(tmp_path / "s")


def test_a_full_disk_leaves_the_file_that_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    svy = samples.survey()
    path = svy.save(tmp_path / "s")
    before = path.read_bytes()

    def full(stream: Any, **arrays: Any) -> None:
        stream.write(b"half of it")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    with pytest.raises(DataError, match="No space left on device"):
        svy.where("older").save(path)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def _parts(path: Path) -> dict[str, bytes]:
    """The parts of a saved survey."""
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def _packed(parts: dict[str, bytes], path: Path) -> Path:
    """Parts as a file whose checksums are right."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return path


@pytest.mark.parametrize("claim", [b"'shape': (9999999999,", b"'shape': (-72,", b"'shape': (71,", b"'shape': (,"])
def test_an_array_that_claims_another_size(claim: bytes, tmp_path: Path) -> None:
    parts = _parts(samples.survey().save(tmp_path / "good"))
    parts["c1.npy"] = parts["c1.npy"].replace(b"'shape': (72,", claim)
    with pytest.raises(DataError, match="not a saved survey"):
        llo.read_survey(_packed(parts, tmp_path / "lies.npz"))


def test_an_array_that_unpacks_to_more_than_a_survey_has(tmp_path: Path) -> None:
    parts = _parts(samples.survey().save(tmp_path / "good"))
    stream = io.BytesIO()
    np.save(stream, np.zeros(100 << 20, dtype=np.uint8))
    parts["c1.npy"] = stream.getvalue()
    with pytest.raises(DataError, match=r"not a saved survey(.|\n)*claims an array"):
        llo.read_survey(_packed(parts, tmp_path / "bomb.npz"))


def _changed(told: Any, rng: random.Random) -> None:
    """One place of the head with something else in it."""
    places: list[tuple[Any, Any]] = []

    def walk(value: Any) -> None:
        for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
            places.append((value, key))
            walk(value[key])

    walk(told)
    holder, key = rng.choice(places)
    holder[key] = rng.choice([None, 1, -1, 0.5, float("nan"), "x", [], {}, [[1]], True, 10**30])


@pytest.mark.parametrize("name", SAVED)
def test_heads_that_lie_end_in_words(name: str, tmp_path: Path) -> None:
    rng, folder = random.Random(5), Path(__file__).parent / "saved"
    parts = _parts(folder / f"{name}.npz")
    head = json.loads(np.load(io.BytesIO(parts["head.npy"])).tobytes().decode("utf-8"))
    refused = 0
    for _ in range(60):
        told = json.loads(json.dumps(head))
        _changed(told, rng)
        stream = io.BytesIO()
        np.save(stream, np.frombuffer(json.dumps(told).encode("utf-8"), dtype=np.uint8))
        try:
            llo.mean("y", llo.read_survey(_packed({**parts, "head.npy": stream.getvalue()}, tmp_path / "x.npz")))
        except llo.LloError:
            refused += 1
    assert refused > 20


def test_results_that_lie_end_in_words(tmp_path: Path) -> None:
    rng, refused = random.Random(6), 0
    told_as = json.loads((Path(__file__).parent / "saved" / "result.json").read_text(encoding="utf-8"))
    for _ in range(120):
        told = json.loads(json.dumps(told_as))
        _changed(told, rng)
        (tmp_path / "r.json").write_text(json.dumps(told), encoding="utf-8")
        try:
            result = llo.read_result(tmp_path / "r.json")
            assert len(result.to_frame()) == 3 and result.summary()
        except llo.LloError:
            refused += 1
    assert refused > 40


def test_what_columns_were_made_of_and_kinds_of_weights_come_back(tmp_path: Path) -> None:
    frame = pd.DataFrame({"y": [1.0, 0, 1, 1], "w": [10.0, 20, 30, 40], "wp": [0.4, 0.8, 1.2, 1.6], "h": [1, 2, 1, 2]})
    frame["w1"] = frame["w"]
    svy = llo.Survey(frame, weights="w", item_weights={"y": "w1"}).assign(good="y == 1", copy=lambda d: d["y"])
    back = llo.read_survey(svy.save(tmp_path / "s"))
    for name in ("good", "copy", "y", "h"):
        assert back._sources_of(name) == svy._sources_of(name)
    assert back._sources_of("good") == ("good", "y")
    assert llo.mean("good", back).meta["weight"] == llo.mean("good", svy).meta["weight"] == "w1"
    other = llo.read_survey(svy.use_weights("wp").save(tmp_path / "p"))
    assert other.weight_kind == "proportional"
    assert other.use_weights("w").weight_kind == svy.use_weights("wp").use_weights("w").weight_kind == "expansion"
