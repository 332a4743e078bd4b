"""Proves that a notebook's picture is small, always the same, legible on light and dark paper, and of its own."""

from __future__ import annotations

import io
import itertools
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.report.figures.bundle import MIME, call_told
from llo_research.report.figures.raster import raster
from llo_research.report.figures.saving import png, svg
from llo_research.report.figures.style import COLOURS, GREY, INK, LIGHT, PALETTE, PAPER, TEXTS, TITLE, width_of

SVG = "{http://www.w3.org/2000/svg}"
MOST_BYTES = 40_000  # of a figure in a notebook, wide and narrow and its rows; a chapter has up to eighteen
GRAPHICS, LETTERS = 3.0, 4.5  # WCAG 2.2, 1.4.11 and 1.4.3
APART = 16.0  # of CIE 1976: the two colours of Okabe and Ito that are nearest for tritanopes
FAR, EDGES = 60, 0.002  # of 255, and the part of the dots: coordinates of the SVG are rounded, colours are few
# Machado, Oliveira and Fernandes (2009), A physiologically-based model, severity 1.0
BLINDNESS = {
    "none": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def linear(colour: str) -> np.ndarray:
    parts = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    low, high = sorted(float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(light: np.ndarray) -> np.ndarray:
    matrix = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    x, y, z = (np.cbrt(v) if v > 0.008856 else 7.787 * v + 16 / 116 for v in matrix @ light / [0.95047, 1.0, 1.08883])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.fixture(scope="module")
def lines() -> llo.report.Figure:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"a": rng.integers(0, 2, 900), "g": rng.integers(0, 7, 900), "w": 1.0})
    frame["year"] = rng.integers(2020, 2023, 900)
    return llo.report.figure(llo.mean("a", llo.Survey(frame, weights="w"), by=["g", "year"]), language="en")


@pytest.mark.parametrize("paper", ["light", "dark"])
def test_colours_stand_out_from_the_paper(paper: str) -> None:
    shade = {name: name if paper == "light" else PALETTE[name].dark for name in PALETTE}
    for colour in COLOURS:
        assert contrast(shade[colour], shade[PAPER]) >= GRAPHICS, colour
    for colour in (*TEXTS, INK, GREY):
        assert contrast(shade[colour], shade[PAPER]) >= LETTERS, colour


@pytest.mark.parametrize("paper", ["light", "dark"])
@pytest.mark.parametrize("eyes", BLINDNESS)
def test_colours_of_lines_are_apart_for_all_eyes(paper: str, eyes: str) -> None:
    seen = [lab(np.clip(BLINDNESS[eyes] @ linear(c if paper == "light" else PALETTE[c].dark), 0, 1)) for c in COLOURS]
    assert min(np.linalg.norm(one - other) for one, other in itertools.combinations(seen, 2)) >= APART


def test_every_colour_drawn_has_a_dark_one(lines: llo.report.Figure) -> None:
    tree = ElementTree.fromstring(svg(lines))
    for element in tree.iter():
        classes = (element.get("class") or "").split()
        for role in ("fill", "stroke"):
            colour = element.get(role)
            if colour not in (None, "none"):
                assert role[0] + PALETTE[colour].letter in classes
    assert {element.get("fill") for element in tree.iter(f"{SVG}text")} >= {INK, GREY, *TEXTS}
    assert len({shade.letter for shade in PALETTE.values()}) == len(PALETTE) and {LIGHT, PAPER} <= set(PALETTE)


def test_a_notebook_gets_few_bytes_and_always_the_same(lines: llo.report.Figure) -> None:
    first, second = (lines._repr_mimebundle_() for _ in range(2))
    assert first == second
    data, about = first
    assert sum(len(str(value)) for value in data.values()) < MOST_BYTES
    assert data["text/plain"] == lines.alt_text == about["image/svg+xml"]["alt"]
    told = data[MIME]
    rows = pd.read_csv(io.StringIO(told["rows"]), dtype={"Survey year": str})
    assert rows["estimate"].to_numpy() == pytest.approx(lines.frame["estimate"].to_numpy(), abs=1e-6)
    assert told["call"] == "mean(variables=['a'], by=['g', 'year'], missing='omit')"
    assert told["title"] == lines.title and told["notes"] == list(lines.notes)


def test_calls_say_what_was_given() -> None:
    assert call_told({}) == ""
    call = {"function": "gap", "variable": ["y"], "of": "high", "by": None, "plausible": False}
    assert call_told({"call": call}) == "gap(variable=['y'], of='high')"
    both = {"function": "joint", "results": {"a": {"function": "mean", "variables": ["y"]}, "b": {}}}
    assert call_told({"call": both}) == "joint({'a': mean(variables=['y']), 'b': ...})"


def test_identifiers_are_those_of_this_drawing(lines: llo.report.Figure) -> None:
    narrow = lines._repr_mimebundle_()[0][MIME]["narrow"]
    found = [set(re.findall(r' id="([^"]+)"', text)) for text in (svg(lines), narrow, svg(lines.narrow()))]
    assert all(found) and not set.intersection(*found[:2]) and not set.intersection(*found[1:])
    cut = svg(
        llo.report.figure(pd.DataFrame({"year": [2021, 2022], "estimate": [0.1, 0.9]}), kind="lines", limits=(0, 0.5))
    )
    (name,) = re.findall(r'clip-path="url\(#([^)]+)\)', cut)
    assert f'<clipPath id="{name}">' in cut


def test_the_drawing_is_what_is_left_without_the_words(lines: llo.report.Figure) -> None:
    tree = ElementTree.fromstring(svg(lines))
    _, top, _, height = map(float, tree.get("data-drawing", "").split())
    for element in tree.iter(f"{SVG}text"):
        y, place = float(element.get("y", "")), (element.get("class") or "").split()
        inside = top <= y <= top + height
        assert inside is not bool({"head", "foot"} & set(place)), element.text
    narrow = ElementTree.fromstring(lines._repr_mimebundle_()[0][MIME]["narrow"])
    assert not [e for e in narrow.iter(f"{SVG}text") if {"head", "foot"} & set((e.get("class") or "").split())]


def test_a_number_is_where_it_was_drawn(tmp_path: Path) -> None:
    frame = pd.DataFrame({"g": ["a", "b", "c"], "estimate": [10.0, 20.0, 40.0]})
    drawn = ElementTree.fromstring(svg(llo.report.figure(frame, language="en", limits=(0, 50))))
    x = [float(circle.get("cx", "")) for circle in drawn.iter(f"{SVG}circle")]
    assert (x[2] - x[1]) == pytest.approx(2 * (x[1] - x[0]), abs=0.02)
    ticks = {t.text: float(t.get("x", "")) for t in drawn.iter(f"{SVG}text") if t.get("text-anchor") == "middle"}
    assert x == pytest.approx([ticks[text] for text in ("10", "20", "40")], abs=0.02)


@pytest.mark.parametrize("dpi", [100, 110, 120, 200])
def test_text_is_as_wide_as_it_was_measured(dpi: int, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Tired in the morning, employees, NEA 2024: not a learning figure"
    frame = pd.DataFrame({"estimate": [1.0], "conf_low": [0.5], "conf_high": [1.5]})
    monkeypatch.setattr("llo_research.report.figures.saving._DPI", dpi)
    seen: dict[str, Any] = {}
    for title in (text, "."):
        drawn = pixels(png(llo.report.figure(frame, language="en", title=title, subtitle="")))
        head = drawn[: int(25 / 72 * dpi)]  # the first line
        seen[title] = np.flatnonzero((head.min(axis=2) < 200).any(axis=0)).max()
    wide = (seen[text] - seen["."]) / dpi * 72
    assert wide == pytest.approx(width_of(text, TITLE, "bold") - width_of(".", TITLE, "bold"), abs=3.0)


def pixels(picture: bytes) -> np.ndarray:
    from PIL import Image

    with Image.open(io.BytesIO(picture)) as opened:
        return np.asarray(opened.convert("RGB")).astype(int)


@pytest.mark.parametrize("limits", [None, (20.0, 55.0)])
def test_the_drawing_in_dots_is_the_one_that_matplotlib_makes(
    lines: llo.report.Figure, limits: tuple[float, float] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llo_research.report.figures.saving._DPI", 160)
    shown = replace(lines, limits=limits)
    ours, theirs = pixels(raster(svg(shown))), pixels(png(shown))
    high, wide = (min(one, other) for one, other in zip(ours.shape[:2], theirs.shape[:2], strict=True))
    ours, theirs = ours[:high, :wide], theirs[:high, :wide]
    assert (np.abs(ours - theirs).max(axis=2) > FAR).mean() < EDGES
    assert (np.abs(255 - theirs).max(axis=2) > FAR).mean() > 2 * EDGES, "the limit tells a drawing from none"
