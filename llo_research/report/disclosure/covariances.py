"""What a covariance tells: of two answers how many persons gave both, of a number the mean of those with an answer.

For answers of 0 and 1 with equal weights cov(mean a, mean b) (n - 1) = p_ab - p_a p_b: beside both shares it is the
crosstab of the answers. Unequal weights and designs blur that, and are treated as if they did not. The covariance of
two rows leaves where each cell of that crosstab might; a number that rests on both of them (a contrast, a ratio) leaves
without its error where it might not, since its error tells the covariance as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from llo_research.report.disclosure.bases import OF_PAIRS, Bases, bases_of, functions_of
from llo_research.report.disclosure.by_values import told_by_values
from llo_research.report.disclosure.changes import few_changed
from llo_research.report.disclosure.few_in_replicates import few_in_a_replicate
from llo_research.report.disclosure.few_values import NO_ERROR, ROUNDED
from llo_research.report.disclosure.findings import Finding
from llo_research.report.disclosure.joint_answers import NOBODY, people_of_ratios, smallest_cells
from llo_research.report.disclosure.models import columns_of_model
from llo_research.report.disclosure.weight_classes import few_in_a_class
from llo_research.report.disclosure.words import say
from llo_research.results.profiles.profile import Rules
from llo_research.results.result import Result

# estimators whose error tells of their own cells alone
_ALONE = ("mean", "share", "total", "quantile", "crosstab", "banner")
_TELLS = ("iid",)  # covariances of coefficients that are the inverse of X'X but for a number


@dataclass(frozen=True)
class Covariances:
    """Which covariances of a result's rows may not leave.

    pairs : (k, k). ends : (k,) rows whose own error tells one. found : the fewest persons that one tells of.
    coarse : (k,) rows of which weighted sums and digits tell of few persons.
    """

    pairs: np.ndarray
    ends: np.ndarray
    found: float
    coarse: np.ndarray

    @classmethod
    def of(cls, pairs: np.ndarray, ends: np.ndarray, found: float = NOBODY) -> Covariances:
        """Those that may not, of rows whose digits may."""
        return cls(pairs, ends, found, np.zeros(len(ends), dtype=bool))

    @classmethod
    def rounded(cls, coarse: np.ndarray, ends: np.ndarray) -> Covariances:
        """Those of rows of which digits tell of few persons, and none of those of which errors do."""
        return cls(ends[:, None] | ends, ends, NOBODY, coarse | ends)

    def __or__(self, other: Covariances) -> Covariances:
        found = min(self.found, other.found)
        return Covariances(self.pairs | other.pairs, self.ends | other.ends, found, self.coarse | other.coarse)

    def in_words(self, name: str, gone: np.ndarray, rules: Rules, language: str) -> list[str]:
        """What an officer is told, of the rows that leave."""
        left = ~gone
        of = {
            "pairs": int(np.triu(self.pairs & left[:, None] & left, 1).sum()),
            "ends": int((self.ends & left & ~self.coarse).sum()),
            "coarse ends": int((self.coarse & self.ends & left).sum()),
            "coarse": int((self.coarse & ~self.ends & left).sum()),
        }
        return [say(key, language, name=name, n=n, least=floor(rules)) for key, n in of.items() if n]


def floor(rules: Rules) -> int:
    """The fewest persons that a covariance may tell of."""
    return max(rules.units, rules.complement)


def covariances_of(results: Mapping[str, Result], rules: Mapping[str, Rules]) -> dict[str, Covariances]:
    """Which covariances of the rows of results may not leave.

    Where the digits of a number of few values tell of a few, those of it over all other cells leave rounded as well.
    """
    told = {name: told_by_values(result, rules[name]) for name, result in results.items()}
    shut = {
        own
        for one in told.values()
        for state, names in zip(one.states, one.names, strict=True)
        for own in names
        if state in (ROUNDED, NO_ERROR)
    }
    out = {}
    for name, result in results.items():
        coarse = np.array([not shut.isdisjoint(names) for names in told[name].names], dtype=bool)
        by_values = Covariances.rounded(coarse, told[name].states == NO_ERROR)
        out[name] = _of_result(result, rules[name]) | by_values
    return out


def _of_result(result: Result, rules: Rules) -> Covariances:
    """Which of a result, and of each of its imputations, may not by answers and weights."""
    known = [one for one in (result, *result.draws) if one.scores is not None and one.design is not None]
    out = _of_unknown(result) if not known else Covariances.of(*_none(len(result.estimate)))
    for one in known:
        out |= _of_one(one, rules) | Covariances.rounded(few := few_in_a_class(one, rules), few)
        sole = few_in_a_replicate(one, rules)
        out |= Covariances.of(sole[:, None] | sole, sole)
        changed, people = few_changed(one, floor(rules))
        out |= Covariances.of(changed[:, None] | changed, changed, people)
    return out


def _none(k: int) -> tuple[np.ndarray, np.ndarray]:
    """No pairs and no rows."""
    return np.zeros((k, k), dtype=bool), np.zeros(k, dtype=bool)


def _of_unknown(result: Result) -> Covariances:
    """Of a result of which nobody knows the persons: none between rows, and no error that is made of one."""
    apart = np.array([name not in _ALONE for name in functions_of(result)]) | ("contrast" in result.meta)
    return Covariances.of(~np.eye(len(apart), dtype=bool), apart)


def _of_one(result: Result, rules: Rules) -> Covariances:
    """The same of one data set."""
    k, least = len(result.estimate), floor(rules)
    if (columns := columns_of_model(result)) is not None:
        return _of_model(result, columns, least)
    if "contrast" in result.meta and result.inference.vcov.name in _TELLS:  # of which model is not known any more
        return Covariances.of(~np.eye(k, dtype=bool), np.ones(k, dtype=bool))
    bases = bases_of(result)
    few, fewest = smallest_cells(bases, rules)
    ratios = people_of_ratios(result)
    alone = Covariances.of(_none(k)[0], ratios < least, float(ratios.min(initial=NOBODY)))
    return _of_rows(k, bases, few, fewest, least) | alone


def _of_rows(k: int, bases: Bases, few: np.ndarray, fewest: np.ndarray, least: int) -> Covariances:
    """By the estimates that each row rests on.

    few : (b, b) pairs of them whose covariance may not leave. fewest : (b, b) the persons of the smallest cell that is
    not empty.
    """
    rests = sparse.csr_array(bases.rests.astype(np.float64))
    pairs = (rests @ few.astype(np.float64) @ rests.T) > 0
    some = few & (fewest < least)
    ends = np.asarray((rests @ some.astype(np.float64)) * bases.rests).sum(axis=1) > 0
    np.fill_diagonal(pairs, False)
    found = float(fewest[few].min(initial=NOBODY)) if few.any() else NOBODY
    return Covariances.of(np.asarray(pairs), np.asarray(ends), found)


def _of_model(result: Result, columns: sparse.csr_array, least: int) -> Covariances:
    """Of coefficients: (X'X)^-1 tells how many persons have two of the regressors that are 0 or 1.

    Covariances that are the inverse but for a number give each count exactly, and so do the errors alone of those who
    know how many have each of the regressors: they stay inside. Of others, which are only near the inverse, those of
    regressors that few have both of do.
    """
    k = len(result.estimate)
    both = (columns.T @ columns).toarray()
    own = np.diag(both)
    cells = (both, own[:, None] - both, own[None, :] - both, columns.shape[0] - own[:, None] - own + both)
    fewest = np.minimum.reduce([np.where(cell > 0, cell, NOBODY) for cell in cells])
    np.fill_diagonal(fewest, NOBODY)
    few = fewest < least
    if few.any() and result.inference.vcov.name in _TELLS:
        return Covariances.of(~np.eye(k, dtype=bool), np.ones(k, dtype=bool), float(fewest.min()))
    return Covariances.of(few, _none(k)[1], float(fewest.min(initial=NOBODY)))


def by_pairs(name: str, result: Result, rules: Rules) -> Iterator[Finding]:
    """Correlations of two answers are their crosstab, those of an answer and a number tell the mean of a few."""
    calls = [result.meta.get("call") or {}, *((result.meta.get("call") or {}).get("results") or {}).values()]
    if not any((call or {}).get("function") in OF_PAIRS for call in calls):
        return
    least = floor(rules)
    for one in (result, *result.draws):
        if one.scores is None or one.design is None:
            continue
        bases = bases_of(one, pairs=True)
        few, fewest = smallest_cells(bases, rules)
        for i in range(len(one.estimate)):
            used = np.flatnonzero(bases.rests[i])
            own = np.ix_(used, used)
            if few[own].any():
                found = float(fewest[own][few[own]].min())
                yield Finding(name, i, "few", found if found < least else 0.0, least)
