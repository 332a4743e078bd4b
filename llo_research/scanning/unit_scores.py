"""From scores in an engine to a fit: sums by sampling unit are rows of a survey, whose covariance is the design's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.design.scores import Block, Scores
from llo_research.errors import DataError, DesignError
from llo_research.numerics.groups import Floats
from llo_research.regression.covariances import VcovOptions
from llo_research.regression.fit import Fit, fit_of
from llo_research.results.estimates import Estimates
from llo_research.results.vcov import DESIGN, ByCluster, Vcov
from llo_research.scanning.columns import series_of
from llo_research.scanning.regressors import Regressors
from llo_research.survey.survey import Survey

if TYPE_CHECKING:
    from llo_research.scanning.scan import Scan


@dataclass(frozen=True, eq=False)
class Scored:
    """A model at its solution, with the scores of its rows in the engine.

    beta, inverse : (p,) and (p, p). taken : coefficients and effects that count in small-sample factors.
    sums : a table with the columns of the design, z0, z1, ... (sums of w e x), `used` (of w) and `n`, by design key.
    """

    made: Regressors
    names: tuple[str, ...]
    beta: Floats
    inverse: Floats
    taken: int
    sums: Any
    what: str
    persons: int = 0


@dataclass(frozen=True, eq=False)
class UnitSums:
    """The survey of sampling units, and the scores' sums in its rows.

    svy : a row for each sampling unit (by time). scores : (n, p). used : (n,) weights of the rows used. rows : (n,)
    """

    svy: Survey
    scores: Floats
    used: Floats
    rows: Floats


def design_of(scan: Scan, table: Any) -> dict[str, Any]:
    """The columns of the design by the name that they have in sums."""
    return {f"d{i}": table[name] for i, name in enumerate(_keys(scan))}


def _keys(scan: Scan) -> list[str]:
    """Strata and sampling units."""
    return list(dict.fromkeys([*scan._names("strata"), *scan._names("psu")]))


def units_of(scored: Scored) -> UnitSums:
    """One pass for the sampling units of the whole survey, one for the sums of the scores."""
    scan = scored.made.scan
    if not scan._names("psu"):
        raise DesignError(
            f"{scored.what} on a scan adds scores up by sampling unit.",
            where="psu",
            found="a scan without psu",
            expected="the column of the sampling units",
            todo="llo.scan(..., psu=...); persons that are the sampling units of a panel are named there too",
        )
    own = scan._roles if scan.time in scan._names("strata") else {**scan._roles, "time": None}
    svy = scan._with(roles={**own, "unit": None})._collapsed({}, {}, ())
    answer = scan._reading.read(scored.sums, "scores by sampling unit")
    keys = _keys(scan)
    found = pd.DataFrame({name: series_of(answer[f"d{i}"], scan._columns[name]) for i, name in enumerate(keys)})
    _check_persons(scored, answer)
    place = _places(svy, keys, found)
    p, n = len(scored.beta), len(svy._frame)
    scores, used, rows = np.zeros((n, p)), np.zeros(n), np.zeros(n)
    scores[place] = np.column_stack([answer[f"z{j}"].to_numpy() for j in range(p)])
    used[place], rows[place] = answer["used"].to_numpy(), answer["n"].to_numpy()
    return UnitSums(svy._with(domain=rows > 0), scores, used, rows)


def _check_persons(scored: Scored, answer: Any) -> None:
    """A person's rows lie in one sampling unit."""
    if scored.persons and (found := int(answer["persons"].to_numpy().sum())) != scored.persons:
        raise DesignError(
            "Units have rows in several sampling units.",
            where=f"psu of {scored.what}",
            found=f"{found - scored.persons} more pairs than the {scored.persons} units",
            expected="each unit in one sampling unit",
            todo="make the sampling unit that of the first wave, or fit a Survey of the rows",
        )


def _places(svy: Survey, keys: list[str], found: pd.DataFrame) -> np.ndarray:
    """The row of the survey of units that each row of sums belongs to."""
    weighing = np.flatnonzero((svy._weights != 0) & svy.domain)
    known = svy._frame[keys].iloc[weighing].astype(object).assign(place=weighing)
    place = found.astype(object).merge(known, on=keys, how="left", validate="one_to_one")["place"]
    assert not place.isna().any(), "every row used lies in a sampling unit"
    return place.to_numpy(dtype=np.intp)


def fitted(scored: Scored, options: VcovOptions, call: Mapping[str, Any], told: Mapping[str, Any], level: float) -> Fit:
    """The fit of a model on a scan: coefficients and their covariance, without means and margins of people."""
    made, units = scored.made, units_of(scored)
    since, p = made.since, len(scored.beta)
    codes = np.where(units.rows > 0, 0, 1).astype(np.intp)
    scores = Scores((Block(codes, units.scores, 1),), units.used, scored.inverse)
    estimates = Estimates(scored.beta, scores, None, {}, np.abs(scored.beta), np.full(p, p - 1.0))
    read = made.scan._reading.account(since, None)
    svy = units.svy._with(beside={**units.svy._beside, "read": read})
    meta = made.data.meta(dict(call), dict(told)) | svy._meta()
    by_unit = svy.design.stages[0].unit
    assert by_unit is not None
    meta |= {"nobs": int(made.n), "n_psu": len(np.unique(by_unit[units.rows > 0])), "left_out": made.left_out}
    meta |= {"mean_y": made.mean, "terms": list(scored.names)}
    vcov = _vcov(options, units, by_unit, made.n, scored.taken)
    return fit_of(estimates, scored.names, svy, vcov, meta, level=level, n=made.n)


def _vcov(options: VcovOptions, units: UnitSums, by_unit: Any, n: float, taken: int) -> Vcov:
    """That of the design, or of sampling units as clusters."""
    if options.vcov == "design":
        return DESIGN
    own = units.svy._arguments["psu"]
    name = own if isinstance(own, str) else own[0]
    if options.cluster not in (None, name):
        raise DataError(
            "On a scan the clusters are the sampling units.",
            where="cluster",
            found=repr(options.cluster),
            expected=repr(name),
            todo=f"leave cluster out, or make the scan with psu={options.cluster!r}",
        )
    there = units.rows > 0
    number, codes = np.unique(by_unit[there], return_inverse=True)
    out = np.full(len(there), len(number), dtype=np.intp)
    out[there] = codes
    g = len(number)
    factor = g / (g - 1) * (n - 1) / (n - taken) if options.corrected else 1.0
    told = f"G/(G-1) (n-1)/(n-k), G={g}, n={int(n)}, k={taken}" if options.corrected else "none"
    return ByCluster(out, factor, g - 1.0, told)
