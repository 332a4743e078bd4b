"""Models of a scan by passes: sums by pattern, steps of scoring where a mean hangs on numbers, scores by unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import linalg

from llo_research.errors import DataError, IdentificationError
from llo_research.numerics import glm as scoring
from llo_research.numerics.families import Family
from llo_research.numerics.groups import Floats
from llo_research.numerics.pattern_sums import constant_columns, gradient, grams
from llo_research.regression.covariances import VcovOptions
from llo_research.regression.fit import Fit
from llo_research.regression.glm import chosen_family
from llo_research.regression.identification import check_response
from llo_research.regression.model import fit_model, inverse_of
from llo_research.regression.panel.solution import check_independent
from llo_research.scanning.by_passes import only
from llo_research.scanning.model_replicates import at_replicates
from llo_research.scanning.regressors import Regressors, beside, regressors_of
from llo_research.scanning.row_models import column_of, map_columns, rows_at
from llo_research.scanning.unit_scores import SamplingUnits, Solved, fitted, unit_sums
from llo_research.scanning.weighed import weight_now

if TYPE_CHECKING:
    from llo_research.scanning.scan import Scan

# Up to so many rows of patterns by sampling unit are collapsed, so that a fit has its means and margins.
_FEW = 300_000
_STEP, _MOST_STEPS = 1e-9, 50
# Information of a direction below this share of the usual is that of answers that follow from the regressors.
_CERTAIN, _NO_SHARE = 1e-9, 1e-3
_CANONICAL = {"gaussian": "identity", "binomial": "logit", "poisson": "log"}


def run(scan: Scan, call: Mapping[str, Any]) -> Fit | None:
    """:func:`llo_research.glm` of a scan; None where the patterns are few enough to be collapsed."""
    family = chosen_family(call["family"], call["link"])
    options = VcovOptions(call["vcov"], call["cluster"], call["lags"], call["small_sample"])
    with scan._reading.work(4):
        made = regressors_of(scan, call["formula"])
        if not made.numbers and _collapses(scan, made):
            return None
        allowed = {"vcov": ("design", "cluster"), "offset": (None,), "plausible": (False,), "missing": ("omit",)}
        only(call, allowed, "glm by passes", "take one of these; or a Survey of the rows")
        beta, inverse = _solved(made, family)
        units = SamplingUnits(made.scan) if scan._names("psu") else None
        sums = unit_sums(made, units, *_scores(made, family, beta))
        again = None if units is None or options.vcov != "design" else at_replicates(made, family, beta, units)
        told = {"family": family.name, "link": family.link.name, "formula": made.text}
        own = {"function": "glm", "formula": call["formula"], "family": family.name, "link": family.link.name}
        own |= {"offset": None, "missing": call["missing"], "plausible": False, **options.as_call()}
        found = Solved(made, made.names, beta, inverse, len(beta), again)
        return fitted(found, sums, options, own, told, call["level"])


def _collapses(scan: Scan, made: Regressors) -> bool:
    """Whether patterns by sampling unit are few, or there are no sampling units to add up by."""
    psu = scan._names("psu")
    if not psu:
        return True
    keys = {f"k{i}": scan._table[name] for i, name in enumerate([*scan._names("strata"), *psu])}
    units = scan._table.select(**keys).distinct()
    number = scan._reading.read(units.aggregate(n=units.count()), "sampling units").to_pylist()[0]["n"]
    return min(len(made.rows) * int(number), made.n) <= _FEW


def _solved(made: Regressors, family: Family) -> tuple[Floats, Floats]:
    """Coefficients, and the inverse of the information at them."""
    if not made.numbers:
        check_response(made.data, family)
        model = fit_model(made.data, family)
        return model.beta, model.transform if model.turn is None else model.inverse
    check_response(replace(made.data, y=made.answers), family)
    gram = grams(made.maps, made.moments)
    check_independent(gram, made.names)
    if made.n <= len(made.names):
        raise IdentificationError("There are as many coefficients as rows.", where=f"formula {made.text!r}")
    if (family.name, family.link.name) == ("gaussian", "identity"):
        inverse = inverse_of(gram)
        return inverse @ grams(made.maps, made.moments, made.y[:, :, None])[:, 0], inverse
    if _CANONICAL.get(family.name) != family.link.name:
        raise DataError(
            "On a scan, a model with numbers has the link of its family.",
            where="link",
            found=f"family {family.name!r} with link {family.link.name!r}",
            expected=", ".join(f"{name} with {link}" for name, link in _CANONICAL.items()),
            todo="make classes of the numbers, or take the family's own link",
        )
    return _iterated(made, family)


def _iterated(made: Regressors, family: Family) -> tuple[Floats, Floats]:
    """Fisher scoring, a pass a step, from the model of the patterns' means."""
    beta = _start(made, family)
    size = np.sqrt(np.maximum(np.diag(grams(made.maps, made.moments)) / made.moments[:, 0, 0].sum(), 0))
    for _ in range(_MOST_STEPS):
        information, errors = _step_sums(made, family, beta)
        inverse = _inverse(made, family, grams(made.maps, information))
        step = inverse @ gradient(made.maps, errors)
        beta = beta + step
        if not np.isfinite(beta).all():
            break
        if (np.abs(step) * size).max() <= _STEP:
            information, _ = _step_sums(made, family, beta)
            return beta, _inverse(made, family, grams(made.maps, information))
    raise IdentificationError(
        "The model did not converge.",
        where=f"formula {made.text!r}",
        found=f"no solution within {_MOST_STEPS} passes",
        todo="look for answers that a regressor decides; use fewer terms, or regressors of comparable size",
    )


def _inverse(made: Regressors, family: Family, information: Floats) -> Floats:
    """The inverse of the information; refused where a direction of the regressors has next to none of it.

    Along a direction in which answers follow from the regressors, coefficients grow and information falls for ever. The
    least that a cell of 1e8 rows with one other answer has is above the share that is asked for.
    """
    gram = grams(made.maps, made.moments)
    usual = 0.25 if family.share else max(made.mean, np.finfo(float).tiny)
    if np.isfinite(information).all():
        values, vectors = linalg.eigh(information, gram)
        if values[0] > _CERTAIN * usual:
            return inverse_of(information)
        share = np.abs(vectors[:, 0]) * np.sqrt(np.diag(gram))
    else:
        share = np.ones(len(gram))
    terms = [name for name, own in zip(made.names, share, strict=True) if own > _NO_SHARE * share.max()]
    raise IdentificationError(
        "The answers follow from the regressors (separation): a coefficient runs to infinity.",
        where=f"formula {made.text!r}, term {', '.join([t for t in terms if t != 'Intercept'] or terms)}",
        found="rows whose answer the model all but knows, and a direction that no other row tells of",
        expected="for every value of a regressor more than one answer; of counts, something other than 0",
        todo="join the level with another, leave the term out, or leave these rows out of the domain",
    )


def _start(made: Regressors, family: Family) -> Floats:
    """Coefficients of the mean alone."""
    weights = made.moments[:, 0, 0]
    mean = float((made.moments[:, 0, :] * made.y).sum() / weights.sum())
    low, high = (1e-6, 1 - 1e-6) if family.share else (1e-6, np.inf)
    goal = np.zeros_like(made.y)
    goal[:, 0] = family.link.predictor(np.array([np.clip(mean, low, high)]))[0]
    return np.asarray(
        inverse_of(grams(made.maps, made.moments)) @ grams(made.maps, made.moments, goal[:, :, None])[:, 0]
    )


def _step_sums(made: Regressors, family: Family, beta: Floats) -> tuple[Floats, Floats]:
    """By pattern, sums of w v m m' (R, k + 1, k + 1) and of w e m (R, k + 1) at these coefficients."""
    table, mean, error = rows_at(made, family, beta)
    own, weight = made.measures(table), weight_now(made.scan, table)
    slope = mean * (1 - mean) if family.share else mean
    k = len(own)
    sums = {f"s{a}_{b}": (weight * slope * own[a] * own[b]).sum() for a in range(k) for b in range(a, k)}
    sums |= {f"e{a}": (weight * error * own[a]).sum() for a in range(k)}
    answer = made.scan._reading.read(table.group_by(beside("pattern")).agg(**sums), "a step of scoring")
    answer = answer.sort_by(beside("pattern"))
    information, errors = np.empty((len(answer), k, k)), np.empty((len(answer), k))
    for a in range(k):
        errors[:, a] = answer[f"e{a}"].to_numpy()
        for b in range(a, k):
            information[:, a, b] = information[:, b, a] = answer[f"s{a}_{b}"].to_numpy()
    return information, errors


def _scores(made: Regressors, family: Family, beta: Floats) -> tuple[Any, list[Any]]:
    """The rows used with the number of their pattern, and for each coefficient an expression of e x."""
    if not made.numbers:
        at = scoring.working(made.maps[:, 0] @ beta, made.y[:, 0], family)
        table = made.joined({f"z{j}": at.residual * made.maps[:, 0, j] for j in range(len(beta))})
        return table, [table[beside(f"z{j}")] for j in range(len(beta))]
    same = constant_columns(made.maps)
    table, _, error = rows_at(made, family, beta, map_columns(made.maps, same))
    own = made.measures(table)
    return table, [error * column_of(made.maps, table, own, same, j) for j in range(len(beta))]
