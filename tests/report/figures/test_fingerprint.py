"""Proves that a picture holds the hash of its rows, which rounding noise leaves and a changed number does not."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.report.figures.fingerprint import fingerprint, mark_in, marked_png, marked_svg


@pytest.fixture(scope="module")
def shown() -> object:
    frame = pd.DataFrame({"contract": ["vast", "vast", "flex", "zzp"] * 25, "w": np.arange(100) % 7 + 1.0})
    return llo.report.figure(llo.share("contract", llo.Survey(frame, weights="w")), language="en")


def test_the_picture_its_metadata_and_its_files_say_the_same(shown: object, tmp_path: Path) -> None:
    data, about = shown._repr_mimebundle_()
    mark = about["llo"]["numbers"]
    assert mark == fingerprint(shown.frame) and len(mark) == 16 and int(mark, 16)
    assert mark_in(data["image/svg+xml"]) == mark == data["application/vnd.llo.figure+json"]["numbers"]
    files = shown.save(tmp_path)
    assert mark_in(files["png"].read_bytes()) == mark_in(files["svg"].read_text(encoding="utf-8")) == mark
    assert mark_in(files["svg"].read_bytes()) == mark
    assert mark_in(shown.narrow()._repr_mimebundle_()[0]["image/svg+xml"]) == mark, "the same numbers, drawn otherwise"
    json.dumps(about)


def test_the_dots_stay(shown: object, tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    marked = shown.save(tmp_path)["png"].read_bytes()
    again = marked_png(marked, "0" * 16)
    with image.open(io.BytesIO(marked)) as one, image.open(io.BytesIO(again)) as other:
        assert one.tobytes() == other.tobytes() and one.text["llo-numbers"] == mark_in(marked)


CHANGES: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "a number in its fifth figure": lambda f: f.assign(estimate=f["estimate"] * (1 + 3e-5)),
    "an end of an interval": lambda f: f.assign(conf_low=f["conf_low"] - 0.01),
    "n": lambda f: f.assign(n=f["n"] + 1),
    "a number that goes": lambda f: f.assign(estimate=[np.nan, *f["estimate"][1:]]),
    "a label": lambda f: f.replace("vast", "vaste"),
    "the order": lambda f: f[::-1],
    "two rows whose labels are swapped": lambda f: f.assign(**{f.columns[0]: f[f.columns[0]].tolist()[::-1]}),
    "a unit": lambda f: f.assign(unit="points"),
    "the name of a column": lambda f: f.rename(columns={f.columns[0]: "Other"}),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_shown_changes_the_hash(shown: object, change: str) -> None:
    changed = CHANGES[change](shown.frame)
    assert fingerprint(changed) != fingerprint(shown.frame)


def test_rounding_noise_does_not(shown: object) -> None:
    noise = shown.frame.assign(estimate=shown.frame["estimate"] * (1 + 1e-13), conf_low=shown.frame["conf_low"] + 1e-13)
    assert fingerprint(noise) == fingerprint(shown.frame)
    zeros = [pd.DataFrame({"estimate": [value]}) for value in (0.0, -0.0, 3e-17, -2e-12)]
    assert len({fingerprint(frame) for frame in zeros}) == 1
    whole = [pd.DataFrame({"n": pd.Series([2], dtype=kind)}) for kind in ("int64", "float64", "Int64")]
    assert len({fingerprint(frame) for frame in whole}) == 1
    gone = [pd.DataFrame({"n": column}) for column in (pd.array([None], "Int64"), [np.nan])]
    assert len({fingerprint(frame) for frame in gone}) == 1


def test_a_picture_without_one() -> None:
    assert mark_in("<svg><title>a</title></svg>") is None
    assert mark_in(b"\x89PNG\r\n\x1a\n" + bytes(4) + b"IEND" + bytes(4)) is None
    assert mark_in(b"no picture") is None
    assert marked_svg("<svg>\n<title>a</title></svg>\n", "0" * 16).startswith("<svg>\n<title>"), "a title stands first"
