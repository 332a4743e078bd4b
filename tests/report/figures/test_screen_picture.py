"""Proves that a notebook's picture is small, always the same, and keeps the colours of the file."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.report.figures.saving import png, screen_png
from llo_research.report.figures.style import COLOURS, TITLE, width_of

_NEAR = 35  # of 255: a step between two shades of a colour is at most 51


@pytest.fixture(scope="module")
def shown() -> llo.report.Figure:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({name: rng.integers(0, 2, 400) for name in "abc"}).assign(w=1.0, g=rng.integers(0, 3, 400))
    return llo.report.figure(llo.mean(["a", "b", "c"], llo.Survey(frame, weights="w"), by="g"), language="en")


def pixels(picture: bytes) -> np.ndarray:
    from PIL import Image

    with Image.open(io.BytesIO(picture)) as opened:
        return np.asarray(opened.convert("RGB")).astype(int)


def test_it_is_small_and_always_the_same(shown: llo.report.Figure) -> None:
    assert screen_png(shown) == screen_png(shown)
    assert len(screen_png(shown)) < len(png(shown)) / 4


def test_the_colours_are_those_of_the_file() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({name: rng.integers(0, 2, 400) for name in "abc"}).assign(w=1.0)
    frame["year"] = rng.integers(2020, 2023, 400)
    lines = llo.report.figure(llo.mean(["a", "b", "c"], llo.Survey(frame, weights="w"), by="year"))
    found = {tuple(pixel) for pixel in pixels(screen_png(lines)).reshape(-1, 3)}
    for colour in COLOURS[:3]:
        assert tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5)) in found


def test_no_dot_is_far_from_what_was_drawn(shown: llo.report.Figure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llo_research.report.figures.saving._DPI", 120)
    assert np.abs(pixels(png(shown)) - pixels(screen_png(shown))).max() < _NEAR


@pytest.mark.parametrize("dpi", [100, 110, 120, 200])
def test_text_is_as_wide_as_it_was_measured(dpi: int, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Tired in the morning, employees, NEA 2024: not a learning figure"
    frame = pd.DataFrame({"estimate": [1.0], "conf_low": [0.5], "conf_high": [1.5]})
    monkeypatch.setattr("llo_research.report.figures.saving._DPI", dpi)
    seen = {}
    for title in (text, "."):
        drawn = pixels(png(llo.report.figure(frame, language="en", title=title, subtitle="")))
        head = drawn[: int(25 / 72 * dpi)]  # the first line
        seen[title] = np.flatnonzero((head.min(axis=2) < 200).any(axis=0)).max()
    wide = (seen[text] - seen["."]) / dpi * 72
    assert wide == pytest.approx(width_of(text, TITLE, "bold") - width_of(".", TITLE, "bold"), abs=3.0)
