"""Models: how many persons are left beside the coefficients, and groups whose mean the coefficients tell exactly.

A model whose coefficients number the distinct patterns of its regressors is a table of means in other words. The
same holds of a part of a model: where the indicator of a pattern g lies in the space of the regressors, the weighted
mean residual of g is 0 and the fitted mean is the mean of g. With A = X' W X and w_g the sum of the weights in g, that
is so when the leverage of the group, w_g x_g' A^-1 x_g, is 1; near 1 the fitted mean is nearly the mean of g.

Degrees of freedom are counted in persons, not in sampling units: what is to be kept apart from the coefficients are
the answers of persons, and a model of ten thousand persons in twenty sampling units tells of nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from llo_research.report.disclosure.findings import Finding
from llo_research.report.disclosure.model_groups import fewest_bound
from llo_research.report.disclosure.one_person import largest_part
from llo_research.report.disclosure.rules import by_persons
from llo_research.report.disclosure.speaking import YES
from llo_research.report.disclosure.tables import Claim, Tables, Values
from llo_research.results.profiles.profile import Rules
from llo_research.results.result import Result

_TOLD = 1 - 1e-6  # leverage from which a fitted mean is the group's own, but for rounding
_NEARLY = 0.9  # and from which it is so nearly, for groups that are too small anyway
_SAME = 1e-9  # of a value: what multiplying by a weight and dividing by it leaves
_LOOK = 2000  # rows by which blocks without regressors are seen to have more patterns than coefficients


@dataclass(frozen=True)
class Patterns:
    """The groups of persons with the same regressors.

    rows : the rows of the data in each. leverage : (g,) of each group. yes : rows with the answer, of a yes or no.
    response : what is explained. amounts : of each group what its persons add to the sum of it, and their weights.
    """

    rows: list[np.ndarray]
    leverage: np.ndarray
    yes: np.ndarray | None
    response: str
    amounts: Sequence[tuple[np.ndarray, np.ndarray]] = ()


def degrees_of_freedom(name: str, result: Result, facts: Any, rules: Rules) -> list[Finding]:
    """Rows of models and decompositions with too few persons beside the coefficients."""
    k = len(result.rows)
    taken = result.estimates.taken
    if "component" in result.rows and "term" in result.rows:
        coefficients = np.full(k, result.rows["term"].nunique() + 1.0)
    elif taken is not None and "formula" in (result.meta.get("call") or {}):
        coefficients = np.nan_to_num(np.broadcast_to(taken, k)) + 1.0
    else:
        return []
    left = facts["n_units"].to_numpy() - coefficients
    short = left < rules.degrees_of_freedom
    return [
        Finding(name, int(i), "degrees_of_freedom", float(left[i]), rules.degrees_of_freedom)
        for i in np.flatnonzero(short)
    ]


def told_by_models(tables: Tables, name: str, result: Result, rules: Rules) -> list[Finding]:
    """Groups whose means a model tells: they enter the tables, and those that may not be told are found."""
    out: list[Finding] = []
    for claim in _response(tables, name, result):
        for i in range(len(result.rows)):
            told = tables.rests.setdefault((name, i), [])
            told += [claim] if claim not in told else []
    if (fewest := fewest_bound(tables, result, min(rules.units, rules.complement))) is not None:
        out += [Finding(name, i, "saturated", fewest, rules.complement) for i in range(len(result.rows))]
    for patterns in patterns_of(result):
        people = np.array([tables.people(rows) for rows in patterns.rows])
        exact = patterns.leverage >= _TOLD
        few = (patterns.leverage >= _NEARLY) & (people < rules.units)
        worst = [float(people[few].min())] if few.any() else []
        claims = list(_claims_of(tables, patterns, np.flatnonzero(exact)))
        broken, _ = by_persons(_only(tables, claims), rules)
        worst += [found if rule != "one_category" else float(people[exact].min()) for _, rule, found, _ in broken]
        alone = any(
            largest_part(tables, patterns.rows[g], sums) > rules.largest_share
            for g in np.flatnonzero(exact)
            for sums in (patterns.amounts[int(g)] if patterns.amounts else ())
        )
        alike = patterns.yes is None and any(
            _all_alike(*patterns.amounts[int(g)]) for g in np.flatnonzero(exact) if patterns.amounts
        )
        worst += [1.0] if alone or alike else []
        for i in range(len(result.rows)):
            told = tables.rests.setdefault((name, i), [])
            told += [claim for claim in claims if claim not in told]
            if worst:
                out.append(Finding(name, i, "saturated", min(worst), rules.units))
    return out


def _all_alike(sums: np.ndarray, weights: np.ndarray) -> bool:
    """Whether persons whose mean a model tells all have one value, and it is not 0."""
    values = sums[weights > 0] / weights[weights > 0]
    size = float(np.abs(values).max(initial=0.0))
    return size > 0 and float(np.ptp(values)) <= _SAME * size


def _response(tables: Tables, called: str, result: Result) -> Iterator[int]:
    """The claims about what a model explains: its mean over the rows of the model, and who gave which answer."""
    for model in getattr(result, "models", ())[:1]:
        data, name = model.data, str(model.data.response)
        order = np.argsort(data.rows)
        rows, y = np.asarray(data.rows)[order], np.asarray(data.y)[order]
        number = tables.add(rows)
        yield tables.claim(Claim(number, (name,)))
        told = [(level, y == i, False) for i, level in enumerate(map(str, data.levels))]
        if not told and len(np.unique(y)) == 2:
            told = [(YES, y == y.max(), True)]
        for level, gave, yes_or_no in told:
            own = tables.add(rows[gave])
            yield tables.claim(Claim(own, (name,), number, ((name, level),), yes_or_no, modelled=True))
        if not data.levels:
            weights = np.asarray(data.weights)[order]
            gave = (y == y.max(), y != y.max()) if told else None
            tables.values.append(Values(name, YES, number, y, weights, (1.0, 0.0), gave, called))


def _claims_of(tables: Tables, patterns: Patterns, told: np.ndarray) -> Iterator[int]:
    """The claims about groups whose means are told."""
    variables = (patterns.response,)
    for g in told:
        rows = patterns.rows[g]
        cell = tables.add(rows)
        yield tables.claim(Claim(cell, variables))
        if patterns.yes is not None:
            own = tables.add(np.intersect1d(rows, patterns.yes, assume_unique=True))
            yield tables.claim(Claim(own, variables, cell, ((patterns.response, YES),), True))
    if len(told):
        tables.tables.append((variables, [tables.add(patterns.rows[g]) for g in told]))


def _only(tables: Tables, claims: list[int]) -> Tables:
    """The same sets with some of the claims."""
    return Tables(tables.n, tables.persons, tables.sets, [tables.claims[i] for i in claims])


def patterns_of(result: Result) -> Iterator[Patterns]:
    """The patterns of the regressors of each model behind a result, as far as they are known."""
    models = getattr(result, "models", ())
    if models:
        yield from (_by_regressors(models[0]) for _ in range(1))
    elif result.scores is not None and _of_model(result):
        yield from _by_scores(result)


def columns_of_model(result: Result) -> sparse.csr_array | None:
    """(persons, k) who has each regressor of a model: of two values the larger one, of others one that is not 0."""
    models = getattr(result, "models", ())
    if not models or result.design is None or models[0].data.x.shape[1] > len(result.estimate):
        return None
    own, persons = models[0].data.x, result.design.persons
    x = np.column_stack([own, np.ones((len(own), len(result.estimate) - own.shape[1]))])  # thresholds come last
    two = np.array([len(np.unique(column)) == 2 for column in x.T], dtype=bool)
    having = np.where(two, x == x.max(axis=0), x != 0).astype(np.float64)
    if persons is None:
        return sparse.csr_array(having)
    who = persons[np.asarray(models[0].data.rows)]
    _, number = np.unique(np.where(who >= 0, who, who.max(initial=-1) + 1 + np.arange(len(who))), return_inverse=True)
    out = sparse.csr_array((np.ones(len(who)), (number, np.arange(len(who))))) @ sparse.csr_array(having)
    out.data[:] = 1.0
    return sparse.csr_array(out)


def _of_model(result: Result) -> bool:
    """Whether coefficients stand behind the rows."""
    call = result.meta.get("call") or {}
    parts = [call, *(call.get("results") or {}).values()]
    return any("formula" in (part or {}) or (part or {}).get("function") == "margins" for part in parts)


def _by_regressors(model: Any) -> Patterns:
    """Patterns by the regressors, and their leverage."""
    data = model.data
    x = np.ascontiguousarray(np.column_stack([np.ones(len(data.y)), data.x])) + 0.0
    _, first, which = np.unique(
        x.view(np.dtype((np.void, x.dtype.itemsize * x.shape[1]))).ravel(), return_index=True, return_inverse=True
    )
    weights = np.bincount(which, weights=data.weights)
    own = x[first]
    root = np.sqrt(np.abs(weights))[:, None] * own
    left, size, _ = np.linalg.svd(root, full_matrices=False)
    kept = size > size.max(initial=0.0) * 1e-10
    leverage = (left[:, kept] ** 2).sum(axis=1)
    order = np.argsort(which, kind="stable")
    ends = np.cumsum(np.bincount(which))[:-1]
    order = order[np.lexsort((np.asarray(data.rows)[order], which[order]))]
    groups = np.split(np.asarray(data.rows)[order], ends)
    sums = [np.split(one[order], ends) for one in (data.weights * data.y, data.weights)]
    share = bool(np.isin(data.y, (0.0, 1.0)).all()) and not data.levels
    yes = np.sort(np.asarray(data.rows)[data.y == 1]) if share else None
    return Patterns(groups, leverage, yes, str(data.response), list(zip(*sums, strict=True)))


def _by_scores(result: Result) -> Iterator[Patterns]:
    """Patterns by the direction of influence values x_i w_i e_i, where the regressors are not at hand.

    Rows without a residual have no direction: they are one group, which is fitted exactly.
    """
    scores = result.scores
    assert scores is not None
    for block in scores.blocks:
        p = block.values.shape[1]
        if block.n_cells != 1 or p < 2:
            continue
        rows = np.flatnonzero((block.codes == 0) & (scores.weights != 0))
        if len(_directions(block.values[rows[:_LOOK]])[0]) > p + 1:
            continue
        first, which = _directions(block.values[rows])
        if len(first) <= p:
            groups = [rows[which == g] for g in range(len(first))]
            yield Patterns(groups, np.ones(len(first)), None, f"model of {_formula(result)}")


def _directions(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first row of each distinct direction, and which of them each row has."""
    size = np.abs(values).max(axis=1, initial=0.0)
    at = np.abs(values).argmax(axis=1) if values.shape[1] else np.zeros(len(values), dtype=np.intp)
    with np.errstate(invalid="ignore", divide="ignore"):
        unit = values / values[np.arange(len(values)), at][:, None]
    unit = np.where((size > 1e-14 * size.max(initial=0.0))[:, None], np.round(unit, 8), 0.0) + 0.0
    _, first, which = np.unique(unit, axis=0, return_index=True, return_inverse=True)
    return first, which.ravel()


def _formula(result: Result) -> str:
    """The formula of a model."""
    return str((result.meta.get("call") or {}).get("formula"))
