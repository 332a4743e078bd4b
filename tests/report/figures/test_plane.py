"""Proves the plane of two numbers: the numbers of the result at their places, names apart, and what is refused."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research import DataError
from llo_research.report.figures.label_places import Box, label_places

NAMES = ["Netherlands", "Czechia", "Spain", "Estonia", "France", "Ireland", "Italy", "South Korea", "Lithuania 2014-15"]


def result() -> llo.Result:
    """The level and the gap of nine made-up countries."""
    rng = np.random.default_rng(7)
    frame = pd.DataFrame({"country": np.repeat(NAMES, 400), "group": np.tile([0, 1], 1800), "w": 1.0})
    chance = 0.2 + 0.05 * frame["country"].map(NAMES.index) + 0.2 * frame["group"]
    frame["trained"] = (rng.random(3600) < chance).astype(float)
    frame["country"] = pd.Categorical(frame["country"], categories=NAMES)
    svy = llo.Survey(frame, weights="w", strata="country").label(trained="Trained", country="Country")
    gap = llo.gap("trained", svy, group="group", of=1, minus=0, by="country")
    return llo.joint({"level": llo.mean("trained", svy, by="country"), "gap": gap})


@pytest.mark.parametrize("narrow", [False, True])
def test_the_numbers_stand_at_their_places(narrow: bool) -> None:
    found = result()
    figure = llo.report.figure(found, kind="plane", language="en")
    drawing = (figure.narrow() if narrow else figure).plot()
    (axes,) = drawing.axes
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    assert len(dots) == len(NAMES)
    frame = found.to_frame()
    halves = [100 * frame[frame["result"] == name]["estimate"].to_numpy() for name in ("level", "gap")]
    for i, dot in enumerate(dots):
        (x,), (y,) = dot.get_data()
        for part, (low, high), own in zip((x, y), (axes.get_xlim(), axes.get_ylim()), halves, strict=True):
            assert low + part * (high - low) == pytest.approx(own[i], abs=1e-6)
    texts = {text.get_text(): text for text in axes.texts}
    assert set(NAMES) <= set(texts)
    assert [texts[name].get_fontproperties().get_file().endswith("Bold.ttf") for name in NAMES] == [True] + [False] * 8


def test_frame_and_words_have_all_numbers() -> None:
    found = result()
    figure = llo.report.figure(found, kind="plane", language="nl", title="Niveau en verschil")
    assert figure.frame["estimate"].tolist() == (100 * found.estimate).tolist()
    assert figure.frame["unit"].nunique() == 2
    assert "Lijnen: 95%-betrouwbaarheidsinterval" in figure.notes[0]
    assert figure.alt_text.startswith("Puntenvlak van twee getallen per naam. Niveau en verschil.")
    assert "Netherlands: level" in figure.alt_text


def test_names_meet_no_name_and_no_point() -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        points = [(float(x), float(y)) for x, y in rng.uniform(20, 300, (13, 2))]
        sizes = [(float(wide), 8.5) for wide in rng.uniform(25, 75, 13)]
        found = [label.box for label in label_places(points, sizes, (320, 320))]
        assert not any(a.meets(b) for a, b in combinations(found, 2))
        assert not any(box.meets(Box(x - 3, y - 3, x + 3, y + 3)) for box in found for x, y in points)
        assert all(box.left >= 0 and box.low >= 0 and box.right <= 320 and box.high <= 320 for box in found)


def test_what_is_no_pair_is_refused() -> None:
    frame = pd.DataFrame({"g": ["a", "b", "c"] * 10, "y": np.arange(30.0), "w": 1.0})
    with pytest.raises(DataError, match="two numbers for each name"):
        llo.report.figure(llo.mean("y", llo.Survey(frame, weights="w"), by="g"), kind="plane")
