"""Proves that coefficients and tests that may not be seen are seen in no form of models side by side and of tables.

As in `test_withheld`: two surveys that differ only in the people of such cells give the same bytes in every form.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from tests.report.test_withheld import SOURCE, figure_forms, people, table_forms

pytest.importorskip("openpyxl")
WAVES = (2020, 2022, 2024)
LONG = re.compile(r"-?\d+\.\d{12,}(?:e-?\d+)?")
DECIMALS = 10  # coefficients of the same people are the same but for the rounding of solvers, some 1e-14


def survey(variant: int) -> llo.Survey:
    """Groups of one person and of four, in whom the variants differ, and of others."""
    frame = people(variant)
    frame = frame[frame["group"] != "near"]
    frame["group"] = frame["group"].cat.remove_unused_categories()
    return llo.Survey(frame, weights="w", source=SOURCE)


def panel(variant: int) -> llo.Survey:
    """Three waves; a few persons alone have had a course, and only their hours differ between the variants."""
    draw = np.random.default_rng(5)
    n = 60
    frame = pd.DataFrame({"person": np.repeat(np.arange(n), len(WAVES)), "year": np.tile(WAVES, n)})
    own = pd.Series(draw.normal(size=n).repeat(len(WAVES)))
    frame["x"] = np.where(frame["person"] < 4, 0.0, draw.normal(size=len(frame)) + own)
    frame["course"] = ((frame["person"] < 4) & (frame["year"] >= 2022)) * 1.0
    frame["hours"] = 2.0 + 0.5 * frame["x"] + own + draw.normal(size=len(frame))
    few = frame["person"] < 4
    level = frame.loc[few].groupby("person")["hours"].transform("mean")
    frame.loc[few, "hours"] = level + (1.0 + variant) * (frame.loc[few, "course"] - 2 / 3)
    return llo.Survey(frame.assign(w=2.0), weights="w", psu="person", unit="person", time="year", source=SOURCE)


MADE: dict[str, Callable[[int], list[llo.Result]]] = {
    "linear models": lambda v: [llo.glm(f"{y} ~ C(group)", survey(v)) for y in ("hours", "late")],
    "with and without few": lambda v: [
        llo.glm("hours ~ C(group)", survey(v).where("group in ['a', 'b']")),
        llo.glm("hours ~ C(group)", survey(v)),
    ],
    "a panel": lambda v: [
        llo.panel.fixed_effects("hours ~ x + course", panel(v)),
        llo.panel.fixed_effects("hours ~ course", panel(v)),
    ],
}


def plain(form: Any) -> Any:
    """A form whose unrounded numbers have ten decimals."""
    if isinstance(form, bytes):
        return plain(form.decode("utf-8")) if form[:1] != b"\x89" else form
    return LONG.sub(lambda found: f"{float(found[0]):.{DECIMALS}f}", form) if isinstance(form, str) else form


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("name", list(MADE))
def test_no_form_depends_on_people_that_may_not_be_seen(name: str, language: str, tmp_path: Path) -> None:
    fits = [MADE[name](variant) for variant in (0, 1)]
    assert any(not np.array_equal(a.estimate, b.estimate) for a, b in zip(*fits, strict=True)), "the surveys differ"
    seen = []
    for i, models in enumerate(fits):
        both = llo.compare(models, labels=["one", "two"])
        told = {"repr": repr(both), "html": both._repr_html_(), "meta": both.meta["withheld"]}
        told |= {"frame": both.to_frame().to_csv(), "wide": both.wide().to_csv(), "footer": both.footer.to_csv()}
        told |= table_forms(both, tmp_path / f"{i}", language)
        told |= {f"figure {k}": v for k, v in figure_forms(both, tmp_path / f"f{i}", language, None).items()}
        seen.append(told)
    assert seen[0].keys() == seen[1].keys()
    for form in seen[0]:
        assert plain(seen[0][form]) == plain(seen[1][form]), form
    mark = {"nl": "afgeschermd", "en": "withheld"}[language]
    assert mark in seen[0]["text"] and mark in seen[0]["figure words"].lower()


def test_the_note_counts_what_is_blanked() -> None:
    both = llo.compare(MADE["linear models"](0))
    assert both.to_frame()["estimate"].isna().sum() == 4 and "4 estimates (" in both.meta["withheld"]
    shown = llo.report.table(both, language="en")
    cells = int((shown.to_frame() == "withheld").to_numpy().sum())
    assert cells == 4 and sum("4 estimates (" in note for note in shown.notes) == 1
    assert "4 schattingen (" in str(llo.report.table(both))
    assert shown.to_frame().iloc[:, 0].tolist().count("Mean of the outcome") == 0, "with the others it tells the few"


def test_counts_that_differ_by_a_few_people() -> None:
    footer = llo.compare(MADE["with and without few"](0)).footer
    assert footer.loc["n"].tolist() == ["270", "·"] and footer.loc["n_psu"].tolist() == ["270", "·"]


def test_controls_that_are_not_shown_are_not_counted() -> None:
    both = llo.compare([llo.glm("hours ~ late + C(group)", survey(0))], controls=["group"])
    assert "ithheld" not in str(llo.report.table(both, language="en"))


def test_under_says_what_it_withholds() -> None:
    both = llo.compare(MADE["linear models"](0))
    free = both.under("off")
    assert free.meta["withheld"] == "" and free.to_frame()["estimate"].notna().all()
    assert free.footer.loc["mean_y"].notna().all()
    back = free.under("auto")
    assert back.meta["withheld"] == both.meta["withheld"] and repr(back) == repr(both)
    wide = both.under("publication")
    gone = int(wide.to_frame()["estimate"].isna().sum())
    assert f"{gone} estimates (" in wide.meta["withheld"] and "publication" in wide.meta["withheld"]


def test_open_data_have_no_guard() -> None:
    svy = llo.Survey(people(0), weights="w", source={"kind": "public", "title": "Open"})
    both = llo.compare([llo.glm("hours ~ C(group)", svy)])
    assert both.meta["withheld"] == "" and not both.guards
    assert "mean_y" in both.footer.index


def test_a_test_of_a_coefficient_that_may_not_be_seen_is_not_seen() -> None:
    # F of b = 0 and F of b = 3 are two equations in b and its standard error
    frame = pd.DataFrame({"x": np.random.default_rng(2).normal(size=200), "few": np.arange(200) < 4, "w": 1.0})
    frame["hours"] = frame["x"] + np.random.default_rng(3).normal(size=200)
    fit = llo.glm("hours ~ x + few", llo.Survey(frame, weights="w", source={"kind": "restricted"}))
    for hypothesis, seen in (("few", False), ("few = 3", False), ("x = few", False), ("x", True)):
        found = fit.test(hypothesis)
        number = f"{found.statistic:.2f}"
        assert (number in str(llo.report.table(found, language="en").to_frame().to_numpy().tolist())) == seen
        assert (number[:-1] in found.summary()) == seen
        assert np.isfinite(found.statistic) and found.withheld("off") is None


def test_a_test_of_a_crosstab_with_a_withheld_cell() -> None:
    """Beside all other cells the statistic would tell it."""
    one, other = (llo.crosstab("group", "trained", survey(v)).test() for v in (0, 1))
    assert one.statistic != other.statistic
    for make in (
        str,
        lambda r: r._repr_html_(),
        lambda r: llo.report.table(r).to_html(),
        lambda r: llo.report.table(r).to_frame().to_csv(),
    ):
        assert make(one) == make(other)
    safe = llo.crosstab("contract", "late", survey(0)).test()
    assert "withheld" not in str(safe) and f"{safe.statistic:.4f}".rstrip("0") in str(safe)
