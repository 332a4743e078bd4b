"""What left is, of the rows that pass, the same outside as inside, for every kind of result and of survey."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.results.floors import withheld
from tests.report.disclosure.people import MAKERS, restricted

# what leaves of an estimate and of the ends of its interval is exact to a part of its error, of an error to four digits
PART = 1e-3
COARSE = 0.1  # the same where fewer digits leave
DIGITS = 5e-4
# of correlations to four decimals, so that the error of a contrast is known to so much of it
CONTRAST = 5e-3
KINDS = ("clusters", "domain", "jkn", "panel", "stack")
# ends and flags of what the wild bootstrap made need its draws
_WILD = "wild"


def _made(kind: str, name: str) -> Any:
    """The result, or nothing where this survey does not carry it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return MAKERS[name](restricted(kind))
        except llo.LloError:
            return None


def _places(inside: Any, outside: Any) -> tuple[list[int], list[int]]:
    """The rows that are shown outside, and where they stand inside."""
    gone = withheld(outside, "cbs")
    assert gone is not None
    shown = [int(j) for j in np.flatnonzero(~gone.rows & ~gone.ends)]
    return [list(inside.labels).index(outside.labels[j]) for j in shown], shown


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_result_is_the_same_outside(kind: str, tmp_path: Path) -> None:
    left = 0
    for name in MAKERS:
        inside = _made(kind, name)
        if inside is None:
            continue
        try:
            folder = llo.report.export({"r": inside}, tmp_path / name)
        except llo.DisclosureError:
            continue
        outside = llo.read_result(folder / "r.json")
        where, shown = _places(inside, outside)
        # a crosstab of which cells are left out without a name is no table of all rows by all columns any more
        as_it_was = type(outside) is type(inside) or outside.meta["exported"]["others"]
        assert as_it_was, name
        _same(name, inside, outside, where, shown)
        left += 1
    assert left > 25


def _apart(covariance: np.ndarray) -> np.ndarray:
    """Covariances that did not leave, of rows that left with their errors."""
    known = np.isfinite(np.diag(covariance))
    return np.isnan(covariance) & known[:, None] & known


def _coarse(inside: Any, outside: Any, where: list[int], shown: list[int]) -> Any:
    """Rows of which fewer digits leave: without weighted sums, or with an error of two digits."""
    told, known = outside.std_error[shown], inside.std_error[where]
    digits = [float(f"{one:.1e}") == one != other for one, other in zip(told, known, strict=True)]
    coarse: np.ndarray = np.array(digits, dtype=bool)
    if inside.details is not None and "sum_weights" in inside.details():
        sums = [one.details()["sum_weights"].to_numpy()[rows] for one, rows in ((inside, where), (outside, shown))]
        coarse |= np.isfinite(sums[0]) & np.isnan(sums[1])
    return coarse


def _same(name: str, inside: Any, outside: Any, where: list[int], shown: list[int]) -> None:
    """Estimates, covariances, df, counts and flags of the rows that are shown."""

    error = np.where(inside.vanishing, 0.0, inside.std_error)[where]
    coarse = _coarse(inside, outside, where, shown)
    part = np.where(coarse, COARSE, PART)
    size = np.where(error > 0, error, np.abs(inside.estimate[where])) * part

    def near(a: Any, b: Any, what: str, within: Any) -> None:
        one, other = np.asarray(a, dtype=float)[where], np.asarray(b, dtype=float)[shown]
        off = ~((np.abs(one - other) <= within) | (np.isnan(one) & np.isnan(other)) | (one == other))
        assert not off.any(), (name, what, one[off], other[off])

    near(inside.estimate, outside.estimate, "estimate", size)
    near(inside.df, outside.df, "df", DIGITS * np.abs(inside.df[where]))
    block, left = inside.covariance[np.ix_(where, where)], outside.covariance[np.ix_(shown, shown)]
    spread = np.sqrt(np.outer(np.diag(block), np.diag(block)))
    same = np.abs(block - left) <= (part[:, None] + part) * spread
    assert (same | _apart(left) | (np.isnan(block) & np.isnan(left))).all(), name
    if inside.n is not None:
        near(inside.n, outside.n, "n", 0.0)
    if not inside.simultaneous:  # joint ends are those of the rows shown
        ends = [(one[where], other[shown]) for one, other in zip(inside.ends, outside.ends, strict=True)]
        # ends of quantiles leave on a grid: the interval is wider, by less than itself
        grid = (ends[1][0] - ends[0][0]) * (coarse & (inside.own_ends is not None))
        for side, (one, other), most in zip(("low", "high"), ends, ((grid, 0 * grid), (0 * grid, grid)), strict=True):
            off = ~((other >= one - most[0] - 5 * size) & (other <= one + most[1] + 5 * size) | (one == other))
            off &= ~(np.isnan(one) & np.isnan(other))
            assert not off.any(), (name, side, one[off], other[off])
    assert [inside.flags[i] for i in where] == [outside.flags[j] for j in shown], name
    assert [inside.quantity[i] for i in where] == [outside.quantity[j] for j in shown], name


@pytest.mark.parametrize("kind", ["clusters", "jkn"])
def test_contrasts_outside_are_those_of_inside(kind: str, tmp_path: Path) -> None:
    taken = 0
    for name in MAKERS:
        inside = _made(kind, name)
        if inside is None or name == _WILD:
            continue
        try:
            outside = llo.read_result(llo.report.export({"r": inside}, tmp_path / name) / "r")
        except llo.DisclosureError:
            continue
        where, _ = _places(inside, outside)
        if len(where) < 2 or len(set(inside.labels)) < len(inside.labels):
            continue
        what = {inside.labels[where[0]]: 1.0, inside.labels[where[-1]]: -1.0}
        first, last = (list(outside.labels).index(label) for label in what)
        if _apart(outside.covariance)[first, last]:
            with pytest.raises(llo.DataError, match="this covariance did not leave"):
                outside.contrast(what)
            continue
        one, other = inside.contrast(what), outside.contrast(what)
        assert np.allclose(one.estimate, other.estimate, rtol=0, atol=2 * PART * inside.std_error.max()), name
        assert np.allclose(one.std_error, other.std_error, rtol=CONTRAST, atol=1e-12), name
        assert (other.df <= one.df * (1 + DIGITS)).all(), name  # the least of the rows used
        llo.report.table(other).to_markdown()
        taken += 1
    assert taken > 15


def test_imputations_keep_their_degrees_of_freedom(tmp_path: Path) -> None:
    inside = llo.mean("PV*", restricted(), by="education", plausible=True)
    outside = llo.read_result(llo.report.export(inside, tmp_path / "out") / "result")
    one, other = inside.contrast("high - low"), outside.contrast("high - low")
    assert np.allclose(one.estimate, other.estimate, rtol=0, atol=PART * one.std_error)
    assert np.allclose(one.std_error, other.std_error, rtol=CONTRAST)  # with the variance between imputations


@pytest.mark.parametrize("name", ["mean by", "share", "glm", "oaxaca", "crosstab", "banner", "trend", "joint"])
def test_what_left_is_shown_as_any_result(name: str, tmp_path: Path) -> None:
    outside = llo.read_result(llo.report.export({"r": MAKERS[name](restricted())}, tmp_path / "out") / "r")
    for language, words in (("en", "under the profile cbs"), ("nl", "volgens het profiel cbs")):
        assert words in llo.report.table(outside, language=language).to_markdown()
        assert words.split()[-1] in str(outside.receipt(language=language))
    assert outside.summary() and outside._repr_html_()
    if name not in ("banner",):
        assert len(llo.report.figure(outside).frame)


@pytest.mark.parametrize("formula", ["training ~ sex + education", "hours ~ worked * sex + C(year) + np.log(worked)"])
@pytest.mark.parametrize("family", ["gaussian", "poisson"])
def test_predictions_for_other_people_are_made_outside(formula: str, family: str, tmp_path: Path) -> None:
    svy = restricted()
    fit = llo.glm(formula, svy, family=family)
    outside = llo.read_result(llo.report.export(fit, tmp_path / "out") / "result")
    others = svy.frame[["sex", "education", "worked", "year"]].iloc[[3, 40, 41, 400]]
    one, other = fit.predict(others, level=0.9), outside.predict(others, level=0.9)
    assert one.index.equals(other.index) and list(one) == list(other)
    assert np.allclose(one, other, rtol=CONTRAST)
    with pytest.raises(llo.DataError, match=r"fit\.margins"):
        outside.predict()
    with pytest.raises(llo.DataError, match="is not in the model"):
        outside.predict(others.assign(sex="x"))


def test_splines_do_not_leave(tmp_path: Path) -> None:
    fit = llo.glm("training ~ bs(worked, df=4)", restricted())
    outside = llo.read_result(llo.report.export(fit, tmp_path / "out") / "result")
    with pytest.raises(llo.DataError, match="These predictions cannot be made"):
        outside.predict(pd.DataFrame({"worked": [20.0, 30.0]}))


def test_tests_of_coefficients_and_tables_are_made_outside(tmp_path: Path) -> None:
    svy = restricted()
    fit, table = MAKERS["glm"](svy), llo.crosstab("education", "sex", svy)
    folder = llo.report.export({"fit": fit, "table": table}, tmp_path / "out")
    hypothesis = "education[T.middle] = 0, education[T.high] = 0"
    inside, outside = fit.test(hypothesis), llo.read_result(folder / "fit").test(hypothesis)
    assert np.isclose(inside.statistic, outside.statistic, rtol=CONTRAST)
    for statistic in ("F", "chisq", "wald"):
        again = llo.read_result(folder / "table").test(statistic)
        assert np.isclose(table.test(statistic).statistic, again.statistic, rtol=CONTRAST), statistic
