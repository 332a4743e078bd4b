"""Proves that every kind of figure has a form for a telephone, in which nothing is cut, small or on top of a line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.report import Figure, figure

PIXELS = 340  # of the 390 of a telephone, between margins
SMALLEST = 7.5  # points: 10 pixels


def survey() -> llo.Survey:
    """Two groups over five years, across two breaks."""
    draw, n = np.random.default_rng(5), 2000
    high = draw.integers(0, 2, n)
    frame = pd.DataFrame({"group": np.where(high, "high", "low"), "focal": high.astype(float)})
    frame["year"] = 2014 + 2 * draw.integers(0, 5, n)
    frame["influence"] = draw.normal(size=n) + 0.8 * high
    frame["contract"] = pd.Categorical(draw.choice(["fixed", "flex", "self"], n), ["fixed", "flex", "self"])
    frame["trained"] = (draw.random(n) < 0.3 + 0.12 * frame["influence"].clip(-1, 2) + 0.1 * high).astype(float)
    frame["w"] = draw.uniform(1, 2, n)
    breaks = [{"time": year, "what": {"nl": "anders", "en": "other"}} for year in (2017, 2019)]
    labels = {"trained": {"nl": "Opleiding of cursus gevolgd in de afgelopen twaalf maanden", "en": "Trained"}}
    source = {"title": "open", "breaks": breaks, "synthetic": True}
    return llo.Survey(frame, weights="w", strata="year", time="year", labels=labels, source=source)


GROUPS: dict[str, Any] = {"group": "group", "of": "high", "minus": "low", "reference": "minus"}
FORMULA = "trained ~ influence + C(contract)"


def _blocks(svy: llo.Survey) -> list[Any]:
    """The same coefficient divided in order and free of order."""
    blocks = {"Invloed op het eigen werk": ["influence"], "Contract": ["contract"]}
    order = llo.decomposition.sequential("trained ~ focal", svy, focal="focal", blocks=blocks)
    free = llo.decomposition.gelbach("trained ~ focal + influence + contract", svy, focal="focal", groups=blocks)
    return [order, free]


def _level_and_gap(svy: llo.Survey) -> llo.Result:
    """The level of each contract, and the gap between two groups in it."""
    gap = llo.gap("trained", svy, group="group", of="high", minus="low", by="contract")
    return llo.joint({"level": llo.mean("trained", svy, by="contract"), "gap": gap})


KINDS: dict[str, Callable[[llo.Survey], Figure]] = {
    "dots": lambda svy: figure(llo.mean("trained", svy, by=["group", "contract"])),
    "lines": lambda svy: figure(llo.mean("trained", svy, by=["year", "contract"])),
    "panels over time": lambda svy: figure(llo.mean("trained", svy, by=["year", "group", "contract"])),
    "parts over time": lambda svy: figure(llo.decomposition.oaxaca_blinder(FORMULA, svy, **GROUPS, by="year")),
    "coefficients": lambda svy: figure(llo.glm(FORMULA, svy)),
    "waterfall": lambda svy: figure(llo.decomposition.oaxaca_blinder(FORMULA, svy, **GROUPS)),
    "counterfactual": lambda svy: figure(
        llo.decomposition.oaxaca_blinder(FORMULA, svy, **GROUPS), kind="counterfactual"
    ),
    "plane": lambda svy: figure(_level_and_gap(svy), kind="plane"),
    "sequence beside Gelbach": lambda svy: figure(_blocks(svy)),
    "histogram": lambda svy: figure(
        llo.weight_report(llo.calibrate(svy, {"group": {"high": 1500.0, "low": 1500.0}})), kind="g"
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_narrow_holds_everything_in_390_pixels(kind: str, tmp_path: Path) -> None:
    wide = KINDS[kind](survey())
    drawn = wide.narrow()
    picture = drawn.plot()
    assert picture.get_size_inches()[0] * 96 == pytest.approx(PIXELS)
    picture.canvas.draw()
    ticks = [label for axes in picture.axes if axes.axison for label in axes.get_xticklabels()]
    written = [*picture.texts, *(text for axes in picture.axes for text in axes.texts), *ticks]
    words = [text for text in written if text.get_text() and text.get_visible() and text.get_rotation() == 0]
    for text in words:
        box = text.get_window_extent()
        assert box.x0 >= 0 and box.x1 <= picture.bbox.width, text.get_text()
        assert text.get_fontsize() >= SMALLEST
    boxes = [text.get_window_extent() for text in words]
    for i, box in enumerate(boxes):
        touched = [words[j].get_text() for j in range(i) if box.shrunk(0.9, 0.6).overlaps(boxes[j].shrunk(0.9, 0.6))]
        assert not touched, (words[i].get_text(), touched)
    assert drawn.frame.equals(wide.frame)
    assert drawn.save(tmp_path)["svg"].stem.endswith("-narrow")


def test_the_names_of_lines_stand_above_a_narrow_drawing_and_only_there() -> None:
    drawn = KINDS["lines"](survey())
    for shown, above in ((drawn, 0), (drawn.narrow(), 3)):
        axes = shown.plot().axes[0]
        names = {"fixed", "flex", "self"}
        high = [text for text in axes.texts if text.get_text() in names and text.get_position()[1] > 1]
        assert len(high) == above
