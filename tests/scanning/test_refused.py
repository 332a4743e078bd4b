"""What a scan refuses, with the sentence each gets and the file it names."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo

FRAME = pd.DataFrame(
    {
        "year": [2014, 2014, 2015, 2015, 2016, 2016],
        "hours": [1.5, 2.0, np.nan, 4.0, 0.5, 3.0],
        "contract": ["a", "b", "a", None, "b", "a"],
        "region": [1, 1, 2, 2, 1, 2],
        "person": [1, 2, 3, 4, 5, 6],
        "w": [1.0, 2.0, 1.0, 3.0, 2.0, 1.0],
    }
)


def _whole(folder: Path) -> str:
    FRAME.to_parquet(folder / "a.parquet")
    return str(folder / "a.parquet")


def _beside(folder: Path, other: pd.DataFrame) -> str:
    _whole(folder)
    other.to_parquet(folder / "b.parquet")
    return str(folder / "*.parquet")


def _cut(folder: Path) -> str:
    path = Path(_whole(folder))
    path.write_bytes(path.read_bytes()[:-200])
    return str(path)


def _holed(folder: Path) -> str:
    """A file whose end is there and whose pages are not."""
    rng = np.random.default_rng(1)
    pd.DataFrame({"w": rng.random(5000), "hours": rng.random(5000)}).to_parquet(folder / "a.parquet")
    content = bytearray((folder / "a.parquet").read_bytes())
    content[4:2000] = bytes(1996)
    (folder / "a.parquet").write_bytes(content)
    return str(folder / "a.parquet")


def _file(folder: Path, name: str, content: bytes) -> str:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)
    return str(folder / name)


def _csv(folder: Path, one: str, other: str) -> str:
    (folder / "a.csv").write_text(one, "utf-8")
    (folder / "b.csv").write_text(other, "utf-8")
    return str(folder / "*.csv")


def _ordered(folder: Path) -> str:
    for name, levels in (("a", ["low", "high"]), ("b", ["high", "low"])):
        own = pd.Categorical(["low", "high"], categories=levels, ordered=True)
        pd.DataFrame({"education": own, "w": 1.0}).to_parquet(folder / f"{name}.parquet")
    return str(folder / "*.parquet")


FILES: dict[str, tuple[Callable[[Path], Any], str, str]] = {
    "no such file": (lambda f: str(f / "a.parquet"), "There is no such file.", "a.parquet"),
    "empty glob": (lambda f: str(f / "*.parquet"), "No file fits the glob.", "*.parquet"),
    "a folder": (lambda f: (_whole(f), str(f))[1], "A scan reads files, not a folder.", ""),
    "a folder of folders": (
        lambda f: (_file(f / "year=2014", "a.csv", b"w,x\n1,1\n"), str(f))[1],
        "A scan reads files, not a folder.",
        "",
    ),
    "an address": (lambda f: "s3://bucket/*.parquet", "A scan reads files of this machine.", "s3://bucket/*.parquet"),
    "named twice": (
        lambda f: [_whole(f), str(f / "*.parquet")],
        "A file is named twice; its rows would count twice.",
        "a.parquet",
    ),
    "of another kind": (lambda f: _file(f, "a.sav", b"x"), "A scan reads Parquet and CSV.", "a.sav"),
    "of two kinds": (
        lambda f: [_whole(f), _file(f, "a.csv", b"x\n1\n")],
        "The files are of several kinds.",
        "a.parquet",
    ),
    "no file at all": (lambda f: 3, "A scan reads files, or a table of an engine.", "first argument"),
    "a frame": (lambda f: FRAME, "A scan reads files, or a table of an engine.", "first argument"),
    "cut off": (_cut, "The file is no Parquet file, or was cut off.", "a.parquet"),
    "no Parquet": (
        lambda f: _file(f, "a.parquet", b"year,hours\n1,2\n"),
        "The file is no Parquet file, or was cut off.",
        "a.parquet",
    ),
    "of no bytes": (lambda f: _file(f, "a.parquet", b""), "The file is empty.", "a.parquet"),
    "of no rows": (lambda f: _beside_nothing(f), "The files hold no rows.", "a.parquet"),
    "another type": (
        lambda f: _beside(f, FRAME.assign(hours="x")),
        "The column 'hours' is of another type in one of the files.",
        "b.parquet",
    ),
    "whole beside fractions": (
        lambda f: _beside(f, FRAME.assign(person=FRAME["person"] + 0.5)),
        "The column 'person' is of another type in one of the files.",
        "b.parquet",
    ),
    "a column lacking": (
        lambda f: _beside(f, FRAME.drop(columns="contract")),
        "A file lacks the column 'contract'.",
        "b.parquet",
    ),
    "a column too many": (lambda f: _beside(f, FRAME.assign(extra=1)), "A file lacks the column 'extra'.", "a.parquet"),
    "ordered otherwise": (_ordered, "The ordered categories of 'education' differ between files.", "b.parquet"),
    "CSV of another type": (
        lambda f: _csv(f, "w,x\n1,2\n", "w,x\n1,abc\n"),
        "The column 'x' is of another type in one of the files.",
        "b.csv",
    ),
    "CSV cut off": (
        lambda f: _file(f, "a.csv.gz", gzip.compress(b"w,x\n" + b"1,2\n" * 9000)[:60]),
        "A file is damaged, or was cut off.",
        "a.csv.gz",
    ),
}


def _beside_nothing(folder: Path) -> str:
    FRAME[:0].to_parquet(folder / "a.parquet")
    return str(folder / "a.parquet")


@pytest.mark.parametrize("case", FILES)
def test_files_that_cannot_be_scanned(tmp_path: Path, case: str) -> None:
    made, what, where = FILES[case]
    with pytest.raises(llo.DataError) as error:
        llo.mean("x", llo.scan(made(tmp_path), weights="w"))
    assert error.value.what == what
    assert where in str(error.value.where)
    assert error.value.todo or error.value.expected


def test_a_file_with_a_hole_is_refused_when_it_is_read(tmp_path: Path) -> None:
    big = llo.scan(_holed(tmp_path), weights="w")
    with pytest.raises(llo.DataError, match=r"A file is damaged, or was cut off.") as error:
        llo.mean("hours", big)
    assert "a.parquet" in str(error.value.where)


DESIGN: dict[str, tuple[dict[str, Any], dict[str, Any], type[llo.LloError], str]] = {
    "a weight missing": ({"w": [1, 2, None, 1, 1, 1.0]}, {}, llo.DesignError, "1 weights are missing."),
    "a weight negative": ({"w": [1, 2, -1, 1, 1, 1.0]}, {}, llo.DesignError, "1 weights are negative."),
    "a weight infinite": ({"w": [1, 2, np.inf, 1, 1, 1.0]}, {}, llo.DesignError, "1 weights are infinite."),
    "all weights zero": ({"w": 0.0}, {}, llo.DesignError, "All weights are zero."),
    "weights of text": ({"w": "1"}, {}, llo.DesignError, "The weights are not numbers."),
    "a stratum missing": (
        {"region": [1, 1, 2, 2, None, 2]},
        {"strata": "region"},
        llo.DesignError,
        "The column of the strata has missing values.",
    ),
    "a psu missing": (
        {"person": [1, 1, 2, 2, None, 2]},
        {"psu": "person"},
        llo.DesignError,
        "The column of the psu has missing values.",
    ),
    "a unit missing": (
        {"person": [1, 1, 2, 2, None, 2]},
        {"unit": "person"},
        llo.DesignError,
        "The column of the unit has missing values.",
    ),
    "a unit in two strata": (
        {"person": [1, 2, 1, 2, 3, 3]},
        {"unit": "person", "strata": "region"},
        llo.DesignError,
        "Units occur in more than one stratum.",
    ),
    "a unit in two strata of a wave": (
        {"person": [1, 1, 2, 3, 4, 5], "region": [1, 2, 1, 1, 1, 1]},
        {"unit": "person", "strata": ["year", "region"], "time": "year"},
        llo.DesignError,
        "Units occur in more than one stratum of a wave.",
    ),
    "no such column": ({}, {"strata": "regoin"}, llo.DataError, "There is no column 'regoin' in the data."),
    "two stages": ({}, {"psu": ["region", "person"]}, llo.DesignError, "A scan has sampling units of one stage."),
    "no such rule": ({}, {"lonely_psu": "drop"}, llo.DesignError, "lonely_psu has no option 'drop'."),
    "no such kind": ({}, {"weight_kind": "frequency"}, llo.DesignError, "weight_kind has no option 'frequency'."),
    "no such engine": ({}, {"engine": "spark"}, llo.DataError, "engine is what adds up."),
}


@pytest.mark.parametrize("case", DESIGN)
def test_designs_that_contradict_themselves(tmp_path: Path, case: str) -> None:
    changed, design, kind, what = DESIGN[case]
    FRAME.assign(**changed).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(kind) as error:
        llo.mean("contract", llo.scan(tmp_path / "a.parquet", weights="w", **design))
    assert error.value.what == what


CALLS: dict[str, tuple[Callable[[Any], object], str]] = {
    "a Series": (lambda s: s.where(FRAME["hours"] > 1), "A condition on a scan is text."),
    "a list": (lambda s: s.assign(x=[1, 2]), "A condition on a scan is text."),
    "a column of the design": (lambda s: s.assign(w="hours > 1"), "'w' makes the design and cannot be replaced."),
    "a column of the weights": (
        lambda s: llo.calibrate(s, {"region": {1: 500, 2: 500}}).assign(region="hours > 1"),
        "'region' makes the weights and cannot be replaced.",
    ),
    "an empty domain": (lambda s: llo.mean("contract", s.where("hours > 100")), "The domain is empty."),
    "no such variable": (lambda s: llo.mean("contrat", s), "There is no column 'contrat' in the data."),
    "groups of fractions": (
        lambda s: llo.mean("contract", s, by="hours"),
        "'hours' has too many values to make groups of.",
    ),
    "sums of text": (lambda s: s.collapse(["year"], numbers=["contract"]), "'contract' holds no numbers."),
    "a domain calibrated": (
        lambda s: llo.calibrate(s.where("hours > 1"), {"region": {1: 5, 2: 6}}),
        "A domain cannot be weighted by itself; weights belong to the whole survey.",
    ),
    "totals of no level": (
        lambda s: llo.calibrate(s, {"region": {1: 5}}),
        "People in the survey have a level that the totals do not know.",
    ),
    "trimming": (lambda s: llo.trim(s, upper=2.0), "A scan is not taken here."),
    "a variance": (lambda s: llo.weight_report(s), "A scan is not taken here."),
    "infinite numbers": (lambda s: llo.mean("far", s), "There are infinite values."),
}


@pytest.mark.parametrize("case", CALLS)
def test_calls_that_a_scan_refuses(tmp_path: Path, case: str) -> None:
    call, what = CALLS[case]
    FRAME.assign(far=[0.5, np.inf, 1.0, 2.0, 3.0, 4.0]).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(llo.LloError) as error:
        call(llo.scan(tmp_path / "a.parquet", weights="w"))
    assert error.value.what == what


def test_what_a_survey_has_and_a_scan_has_not_says_where_it_is(tmp_path: Path) -> None:
    big = llo.scan(_whole(tmp_path), weights="w")
    with pytest.raises(AttributeError, match=r"A scan has no 'frame'. What to do: scan.collapse"):
        _ = big.frame
    with pytest.raises(AttributeError, match=r"A scan has no 'fram'.$"):
        _ = big.fram


def test_without_the_packages_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llo_research.packages.find_spec", lambda name: None)
    with pytest.raises(llo.DataError, match="A scan needs the package ibis") as error:
        llo.scan(tmp_path / "a.parquet", weights="w")
    assert 'pip install "llo-research[scale]"' in str(error.value.todo)
