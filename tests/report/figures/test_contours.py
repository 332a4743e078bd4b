"""Proves that contours of an omitted variable are those of its numbers: lines, points, words, nothing withheld."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import llo_research as llo
from llo_research.errors import DataError, DisclosureError
from llo_research.report.figures.contours import contour
from tests.regression import models
from tests.report.test_withheld import SOURCE, people

SAME = 1e-10


def found() -> Any:
    labels = {"hours": {"nl": "Uren", "en": "Hours"}, "y": {"nl": "Loon", "en": "Wage"}}
    fit = llo.glm("y ~ hours + C(education)", models.survey(labels=labels))
    return llo.panel.omitted_variable_bias(fit, treatment="hours", benchmark="education")


def test_every_point_lies_on_the_contour_of_its_estimate() -> None:
    figure = llo.report.figure(found(), language="en")
    known, frame = figure.content.meta["contours"], figure.frame
    x, y = (figure.content.names[name].to_numpy(float) for name in ("x", "y"))
    assert (x[0], y[0], frame["estimate"][0]) == (0, 0, known["beta"])
    assert len(x) == 4
    for i in range(1, len(x)):
        assert contour(frame["estimate"][i] / known["beta"], x[i], known["f"]) == pytest.approx(y[i], rel=SAME)


def test_the_contour_of_nothing_passes_the_robustness_value() -> None:
    told = found()
    known = llo.report.figure(told).content.meta["contours"]
    rv = float(told.frame.set_index("measure").loc["rv", "estimate"])
    assert contour(0.0, np.array([rv]), known["f"])[0] == pytest.approx(rv, rel=SAME)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_words_and_files(language: str, tmp_path: Path) -> None:
    figure = llo.report.figure(found(), language=language)
    start = {"nl": "Figuur met hoogtelijnen. ", "en": "Contour figure. "}[language]
    assert figure.alt_text.startswith(start) and figure.kind == "contours"
    assert {"nl": "Uren en loon", "en": "Hours and wage"}[language] in figure.title
    one, other = (figure.save(tmp_path / name, "c") for name in ("one", "other"))
    assert one["svg"].read_bytes() == other["svg"].read_bytes()
    assert "<svg" in one["svg"].read_text(encoding="utf-8") and one["png"].stat().st_size > 5000
    figure.narrow().plot()
    assert "text/plain" in figure._repr_mimebundle_()[0]


def test_without_benchmarks_and_what_is_refused() -> None:
    fit = llo.glm("y ~ hours + C(education)", models.survey())
    bare = llo.panel.omitted_variable_bias(fit, treatment="hours")
    assert len(llo.report.figure(bare).frame) == 1
    llo.report.figure(bare).plot()
    with pytest.raises(DataError, match="contours"):
        llo.report.figure(bare, kind="dots")
    with pytest.raises(DataError, match="no effect"):
        llo.report.figure(bare, limits=(0, 1))


def test_few_people_somewhere_are_not_drawn() -> None:
    svy = llo.Survey(people(0), weights="w", source=SOURCE)
    told = llo.panel.omitted_variable_bias(llo.glm("hours ~ late + C(group)", svy), treatment="late")
    with pytest.raises(DisclosureError, match="may not be seen"):
        llo.report.figure(told)
    assert llo.report.figure(told, disclosure="off").kind == "contours"
