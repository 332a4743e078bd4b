"""What a program prints that knows the weights but not the design, beside the errors of the design."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import stats

from llo_research.design.scores import Scores
from llo_research.design.stands_for import StandsFor
from llo_research.errors import DataError
from llo_research.numerics.groups import Floats
from llo_research.results import floors
from llo_research.results.columns import identifiers_of, rounded
from llo_research.results.freedom import by_cells

if TYPE_CHECKING:
    from llo_research.results.result import Result

_PIECE = 4_000_000  # numbers held at once
_AS_ONE = 0.01  # mean weights this near 1 add up to the people who were asked


@dataclass(frozen=True, repr=False, eq=False)
class Naive:
    """Standard errors in three readings of the same weights.

    Attributes
    ----------
    result : Result
        The result with the errors of its design.
    counts : (k,) array
        Standard errors when a weight of 500 is taken for 500 people, as SPSS's ``WEIGHT BY`` does.
    mean_one : (k,) array
        Standard errors when the weights are first divided by their mean, and the sample is taken for one drawn at
        random with equal chances.
    n_counts, n_mean_one : (k,) arrays
        The number of people that each reading believes in.
    """

    result: Result
    counts: Floats
    mean_one: Floats
    n_counts: Floats
    n_mean_one: Floats

    def to_frame(self) -> pd.DataFrame:
        """A row for each estimate and `reading` (``design``, ``mean one``, ``counts``), with its interval.

        Intervals are symmetric, with Student's t on n - 1 in the two naive readings, as SPSS prints them.
        """
        result, k = self.result, len(self.result.estimate)
        parts = [_part(result, "design", result.std_error, result.df, result.n)]
        parts[0]["conf_low"], parts[0]["conf_high"] = result.ends
        parts.append(_part(result, "mean one", self.mean_one, self.n_mean_one - 1, self.n_mean_one))
        parts.append(_part(result, "counts", self.counts, self.n_counts - 1, self.n_counts))
        order = np.arange(3 * k).reshape(3, k).T.ravel()
        return pd.concat(parts, ignore_index=True).iloc[order].reset_index(drop=True)

    def reason(self, language: str = "en") -> str:
        """Why the three differ, in a sentence."""
        hidden = floors.withheld(self.result)
        seen = np.isfinite(self.counts) & (self.counts > 0) & (self.result.std_error > 0)
        seen &= True if hidden is None else ~hidden.rows
        if not seen.any():
            return _NOTHING[language]
        times = np.median(self.result.std_error[seen] / self.counts[seen])
        deff = np.median((self.result.std_error[seen] / self.mean_one[seen]) ** 2)
        average = float(np.median(self.n_counts[seen] / self.n_mean_one[seen]))
        if abs(average - 1) < _AS_ONE:  # weights of mean 1: both readings are the same
            return _OF_MEAN_ONE[language].format(deff=_number(deff, language))
        weight = max(2, round(average))
        return _REASON[language].format(weight=weight, times=_number(times, language), deff=_number(deff, language))

    def summary(self, language: str = "en") -> str:
        """The table and the reason as text; rows that may not be seen are withheld."""
        shown, hidden = self._shown()
        told = ["", hidden.note(language)] if hidden else []
        return "\n".join([shown.to_string(index=False), "", self.reason(language), *told])

    def _shown(self) -> tuple[pd.DataFrame, floors.Withheld | None]:
        """The rounded frame, dots where a row may not be seen."""
        hidden = floors.withheld(self.result)
        if hidden is None or not hidden:
            return rounded(self.to_frame()), None
        rows: dict[str, Any] = {name: np.repeat(getattr(hidden, name), 3) for name in ("rows", "ends", "rest")}
        threefold = replace(hidden, counts=tuple(np.repeat(hidden.counts, 3)), **rows)
        return floors.for_reading(rounded(floors.blanked(self.to_frame(), threefold)), threefold), hidden

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        shown, hidden = self._shown()
        told = f"<p>{escape(hidden.note('en'))}</p>" if hidden else ""
        return f"{shown.to_html(index=False)}<p>{escape(self.reason())}</p>{told}"


_REASON = {
    "en": "Taken as counts, a weight of {weight} is {weight} people who were asked: the design's standard error is "
    "{times} times that one. Taken as mean 1 without a design, unequal weights, strata and clusters are not seen: the "
    "design's variance is {deff} times that one.",
    "nl": "Als aantallen gelezen is een gewicht van {weight} een groep van {weight} ondervraagden: de standaardfout "
    "volgens de steekproefopzet is {times} maal zo groot. Met gemiddelde 1 en zonder opzet blijven ongelijke "
    "gewichten, strata en clusters buiten beeld: de variantie volgens de opzet is {deff} maal zo groot.",
}
_OF_MEAN_ONE = {
    "en": "The weights have mean 1, so that counts are right and both readings are the same; unequal weights, strata "
    "and clusters are not seen: the design's variance is {deff} times that one.",
    "nl": "De gewichten zijn gemiddeld 1, zodat de aantallen kloppen en beide lezingen dezelfde zijn; ongelijke "
    "gewichten, strata en clusters blijven buiten beeld: de variantie volgens de opzet is {deff} maal zo groot.",
}
_NOTHING = {
    "en": "No row has standard errors in all readings.",
    "nl": "Geen rij heeft in alle lezingen een standaardfout.",
}


def naive(result: Result) -> Naive:
    """The standard errors of a result as a program would print them that takes weights for counts, or ignores design.

    With u = z / w the derivative of an estimate in a weight, the variance is sum w (u - ubar)^2 N / (N - 1) where
    weights are counts, N their sum over the cells of the estimate; and W / n times that sum, N in proportion, where
    they are divided by their mean (W their sum, n the number of rows).
    """
    if result.draws:
        made = [naive(draw) for draw in result.draws]
        counts, mean_one = (np.sqrt(np.mean([getattr(one, n) ** 2 for one in made], 0)) for n in ("counts", "mean_one"))
        return Naive(result, counts, mean_one, made[0].n_counts, made[0].n_mean_one)
    scores = result.scores
    if scores is None or result.meta.get("scores_of"):
        raise DataError(
            "This result holds no influence values of people, so that its naive errors are not known.",
            where="naive",
            found="a result that was read from a file" if scores is None else "scores of sampling units, not of people",
            todo="call the estimator again on the survey",
        )
    weights = scores.weights
    if np.isnan(weights).any():
        raise DataError(
            "These results stand side by side with weights of their own, so that no one reading fits all.",
            where="naive",
            found="results of different weights",
            todo="call .naive() on each of them",
        )
    stands = None if result.design is None else result.design.stands
    used = weights != 0
    total, n = float(weights.sum()), int((used if stands is None else stands.counts[used]).sum())
    people = by_cells(scores, lambda codes, number: _sums(codes, weights, number))
    believed = people * n / total
    spread = _spread(scores, total, stands)
    with np.errstate(divide="ignore", invalid="ignore"):
        counts = np.sqrt(np.where(people > 1, spread * people / (people - 1), np.nan))
        mean_one = np.sqrt(np.where(believed > 1, spread * total / n * believed / (believed - 1), np.nan))
    return Naive(result, counts, mean_one, people, believed)


def _sums(codes: np.ndarray, weights: Floats, number: int) -> Floats:
    """(number,) sums of weights by cell."""
    return np.asarray(np.bincount(codes, weights, number + 1)[:number], dtype=np.float64)


def _spread(scores: Scores, total: float, stands: StandsFor | None) -> Floats:
    """(k,) sum of w (u - ubar)^2, in pieces of rows; rows that stand for many know their people's squares."""
    if stands is not None:
        z = scores.rows(np.arange(len(scores.weights)))
        whole: Floats = stands.squared(z, scores.weights).sum(axis=0)
        return np.asarray(np.maximum(whole - z.sum(axis=0) ** 2 / total, 0.0))
    k, used = scores.size, np.flatnonzero(scores.weights)
    squares, sums = np.zeros(k), np.zeros(k)
    length = max(1, _PIECE // max(k, 1))
    for first in range(0, len(used), length):
        rows = used[first : first + length]
        z = scores.rows(rows)
        squares += (z * z / scores.weights[rows, None]).sum(axis=0)
        sums += z.sum(axis=0)
    return np.maximum(squares - sums**2 / total, 0.0)


def _part(result: Result, reading: str, std_error: Floats, df: Floats, n: Floats | None) -> pd.DataFrame:
    """The rows of one reading."""
    frame = identifiers_of(result.rows)
    frame["reading"] = reading
    frame["estimate"], frame["std_error"], frame["df"] = result.estimate, std_error, df
    with np.errstate(invalid="ignore"):
        far = stats.t.ppf((1 + result.level) / 2, np.maximum(df, 1e-9)) * std_error
    frame["conf_low"], frame["conf_high"] = result.estimate - far, result.estimate + far
    frame["n"] = np.nan if n is None else n
    return frame


def _number(value: float, language: str) -> str:
    """A factor to read: three digits at most."""
    text = f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
    return text.replace(".", ",") if language == "nl" else text
