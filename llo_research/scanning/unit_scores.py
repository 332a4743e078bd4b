"""From scores in an engine to a fit: their sums are rows of a survey, whose covariance is the design's.

With sampling units of their own (psu), scores are added up by unit and pattern of the weighting steps, and stand in the
row of the survey of units that has these. Where people are the units (rows, or persons of several), a score is a
number of each row as any other, kept as sums and sums of products: see :mod:`~llo_research.survey.made_of_sums`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.design.design import Design
from llo_research.design.kernel import symmetric
from llo_research.design.scores import Block, Scores
from llo_research.errors import DataError, DesignError
from llo_research.numerics.groups import Codes, Floats
from llo_research.regression.covariances import VcovOptions
from llo_research.regression.fit import Fit, fit_of
from llo_research.results.estimates import Estimates
from llo_research.results.vcov import DESIGN, ByCluster, Vcov
from llo_research.scanning.by_passes import used_rows
from llo_research.scanning.columns import EVERY_ROW, Column, series_of
from llo_research.scanning.held import Profile
from llo_research.scanning.probing import weight_of
from llo_research.scanning.regressors import Regressors, beside
from llo_research.scanning.weighed import step_columns, weight_now
from llo_research.survey.survey import Survey

if TYPE_CHECKING:
    from llo_research.scanning.scan import Scan


@dataclass(frozen=True, eq=False)
class UnitSums:
    """The survey that stands for the rows, and the scores' sums in its rows.

    svy : rows by design and pattern of the weighting steps. scores : (n, p). used : (n,) bool, rows of the model.
    """

    svy: Survey
    scores: Floats
    used: np.ndarray

    @property
    def codes(self) -> Codes:
        """(n,) 0 in the rows of the model, 1 outside."""
        return np.where(self.used, 0, 1).astype(np.intp)

    def sampling_units(self) -> int:
        """First-stage units of the model."""
        stage, stands = self.svy.design.stages[0], self.svy.design.stands
        if stage.unit is not None:
            return len(np.unique(stage.unit[self.used]))
        if stands is not None and stands.distinct is not None:
            number = len(stage.units_per_stratum)
            return int(stands.distinct(np.where(self.used, stage.stratum, number), number).sum())
        return int(self.svy.design.rows_of_cells(self.codes, 1)[0])


def unit_columns(scan: Scan, table: Any) -> dict[str, Any]:
    """The columns that tell the sampling unit, under the names that they have in an answer; none without psu."""
    names = list(dict.fromkeys([*scan._names("strata"), *scan._names("psu")])) if scan._names("psu") else []
    return {f"d{i}": table[name] for i, name in enumerate(names)}


class SamplingUnits:
    """The sampling units of a scan with psu: a survey of them, read once, and the places of sums in it."""

    def __init__(self, scan: Scan) -> None:
        self.scan = scan
        self.names = list(dict.fromkeys([*scan._names("strata"), *scan._names("psu"), *step_columns(scan)]))

    @cached_property
    def svy(self) -> Survey:
        """Rows by sampling unit, time and pattern of the weighting steps, with the weights of the whole survey."""
        return self.scan._with(roles={**self.scan._roles, "unit": None})._collapsed({}, {}, ())

    def keys(self, table: Any) -> dict[str, Any]:
        """The columns that sums are added up by, under the name that they have in an answer."""
        return {f"d{i}": table[name] for i, name in enumerate(self.names)}

    @cached_property
    def _known(self) -> pd.DataFrame:
        """The first row with a weight of each unit and pattern."""
        weighing = np.flatnonzero((self.svy._weights != 0) & self.svy.domain)
        return (
            self.svy._frame[self.names].iloc[weighing].astype(object).assign(place=weighing).drop_duplicates(self.names)
        )

    @property
    def number(self) -> int:
        """How many there are."""
        return len(self._known)

    def places(self, answer: Any) -> Codes:
        """The row of the survey that each row of an answer belongs to."""
        own = {name: series_of(answer[f"d{i}"], self.scan._columns[name]) for i, name in enumerate(self.names)}
        found = pd.DataFrame(own).astype(object)
        place = found.merge(self._known, on=self.names, how="left", validate="many_to_one")["place"]
        assert not place.isna().any(), "every row used lies in a sampling unit"
        return np.asarray(place.to_numpy(dtype=np.intp))

    def factors(self, place: Codes, first: int = 0, last: int | None = None) -> Floats:
        """(K, R) what the weights of these rows are multiplied with at replicates, by default at all."""
        replicates = self.svy.design.replicates
        assert replicates is not None
        return np.asarray(replicates.at(place, first, last) / self.svy._weights[place, None])

    def sums(self, place: Codes, scores: Floats) -> UnitSums:
        """Scores (K, p) in these rows of the survey."""
        out, used = np.zeros((len(self.svy), scores.shape[1])), np.zeros(len(self.svy), dtype=bool)
        np.add.at(out, place, scores)
        used[place] = True
        return UnitSums(self.svy._with(domain=used), out, used)


def unit_sums(made: Regressors, units: SamplingUnits | None, table: Any, values: Sequence[Any]) -> UnitSums:
    """The sums of w z over the rows used of a table, z (p,) expressions of it; one pass, or two where people are units.

    units : the sampling units; None where people are them.
    """
    if units is None:
        return _of_people(made, table, values)
    weight = weight_now(made.scan, table)
    sums = {f"z{j}": (weight * value).sum() for j, value in enumerate(values)}
    answer = made.scan._reading.read(table.group_by(**units.keys(table)).agg(**sums), "scores by sampling unit")
    return units.sums(units.places(answer), np.column_stack([answer[f"z{j}"].to_numpy() for j in range(len(values))]))


def _of_people(made: Regressors, table: Any, values: Sequence[Any]) -> UnitSums:
    """The rows collapsed with the scores as numbers of which sums and sums of products are kept."""
    scan, used = made.scan, beside("used")
    roles = {**scan._roles, "time": scan._roles["time"] if scan._roles["time"] in scan._names("strata") else None}
    kept = [*scan._names("weights"), *scan._names("unit"), *scan._names("strata"), *step_columns(scan), EVERY_ROW]
    kept = list(dict.fromkeys([*kept, *(own.column for own in scan._domain)]))
    names = [beside(f"score {j}") for j in range(len(values))]
    inside = table.select(*kept, **{used: table[EVERY_ROW] == 1}, **dict(zip(names, values, strict=True)))
    others = scan._table.filter(~used_rows(scan, [*made.columns, *made.also]).fill_null(False))
    nothing = dict.fromkeys(names, others[EVERY_ROW] * 0.0)
    whole = inside.union(others.select(*kept, **{used: others[EVERY_ROW] == 0}, **nothing))
    columns = {name: scan._columns.get(name, Column(name, "number", "float64")) for name in [*kept, *names]}
    columns[used] = Column(used, "boolean", "boolean")
    new = scan._with(table=whole, columns=columns, roles=roles)
    ends = _ends(new, [*scan._names("strata"), *step_columns(scan), used], names)
    new = new._with(
        profile={name: Profile(-end, end, (-end, end), False, False) for name, end in zip(names, ends, strict=True)}
    )
    svy = new._collapsed({used: None}, dict.fromkeys(names), tuple(combinations(names, 2)))
    there = svy._frame[used].to_numpy(dtype=bool) & (svy._weights != 0)
    assert svy._collapsed is not None
    scores = np.column_stack([svy._collapsed.values[name] for name in names]) * svy._weights[:, None]
    scores[~there] = 0.0
    if scan._domain:  # what is told of it is told by time, which is no key of these rows
        plain = {**scan._roles, "unit": None, "strata": None, "psu": scan._roles["time"]}
        svy = svy._with(notes=scan._with(roles=plain, steps=())._collapsed({}, {}, ())._notes)
    return UnitSums(svy._with(domain=there), scores, there)


def _ends(scan: Scan, keys: list[str], names: list[str]) -> Floats:
    """(p,) for each score a size about that of its spread that its mean in no pattern reaches: shares are positive."""
    table, weight = scan._table, weight_of(scan, scan._table)
    sums = {f"m{j}": (weight * table[name]).sum() for j, name in enumerate(names)}
    sums |= {f"s{j}": (weight * table[name] * table[name]).sum() for j, name in enumerate(names)}
    grouped = table.group_by(**{f"k{i}": table[name] for i, name in enumerate(keys)}).agg(w=weight.sum(), **sums)
    answer = scan._reading.read(grouped, "sizes of scores")
    w = answer["w"].to_numpy()
    w, rows = w[w > 0], w > 0
    means = [np.abs(answer[f"m{j}"].to_numpy()[rows] / w).max() for j in range(len(names))]
    roots = [np.sqrt(answer[f"s{j}"].to_numpy()[rows].sum() / w.sum()) for j in range(len(names))]
    return np.asarray(np.maximum(np.maximum(2 * np.array(means), roots), 1e-300))


@dataclass(frozen=True, eq=False)
class Solved:
    """A model at its solution.

    beta, inverse : (p,) and (p, p). taken : coefficients and effects that count in small-sample factors.
    replicates : (R, p) the coefficients at the replicates, or None.
    """

    made: Regressors
    names: tuple[str, ...]
    beta: Floats
    inverse: Floats
    taken: int
    replicates: Floats | None = None


def fitted(
    solved: Solved,
    units: UnitSums,
    options: VcovOptions,
    call: Mapping[str, Any],
    told: Mapping[str, Any],
    level: float,
) -> Fit:
    """The fit of a model on a scan: coefficients and their covariance, without means and margins of people."""
    made, p = solved.made, len(solved.beta)
    weights = np.where(units.used, units.svy._weights, 0.0)
    scores = Scores((Block(units.codes, units.scores, 1),), weights, solved.inverse)
    size = np.abs(solved.beta)
    estimates = Estimates(solved.beta, scores, solved.replicates, {}, size, np.full(p, p - 1.0))
    vcov, number = _vcov(options, units, made.n, solved.taken), units.sampling_units()
    read = made.scan._reading.account(made.since, None)
    svy = units.svy._with(beside={**units.svy._beside, "read": read})
    meta, own = made.data.meta(dict(call), dict(told)), svy._meta()
    # the survey of units knows the design alone; scripts speak of the columns of the formula too
    of_formula = meta["survey"]["columns"]
    meta |= own | {"survey": {**own["survey"], "columns": {**of_formula, **own["survey"]["columns"]}}}
    meta |= {"nobs": int(made.n), "n_psu": number, "left_out": made.left_out}
    meta |= {"mean_y": made.mean, "terms": list(solved.names), "scores_of": "sampling units"}
    return fit_of(estimates, solved.names, svy, vcov, meta, level=level, n=made.n)


@dataclass(frozen=True, eq=False)
class ByPeople:
    """Sums of products of the scores of people who share rows, times a factor; as :class:`ByCluster` of each.

    factor, df_of, told : the small-sample factor, the degrees of freedom of tests, and the factor in words.
    """

    factor: float
    df_of: float
    told: str
    name: str = "cluster"

    def covariance(self, scores: Scores, design: Design) -> Floats:
        """(k, k) factor times the sum over people of z z'."""
        pairs = design.stages[0].pairs
        assert pairs is not None
        z, n = scores.dense(), len(pairs.weights)
        return symmetric(self.factor * np.asarray(z.T @ (pairs.products[:n, :n] @ z)))

    def df(self, estimates: Estimates, design: Design) -> Floats:
        """(k,) the same for all."""
        return np.full(len(estimates.value), self.df_of)

    def facts(self) -> dict[str, Any]:
        """Factor and people."""
        return {"vcov": self.name, "small_sample": self.told, "factor": self.factor}


def _vcov(options: VcovOptions, units: UnitSums, n: float, taken: int) -> Vcov:
    """That of the design, or of sampling units or persons as clusters."""
    if options.vcov == "design":
        return DESIGN
    own = units.svy._arguments["psu"] or units.svy._arguments["unit"]
    name = own if isinstance(own, str) or own is None else own[0]
    if name is None:
        raise DesignError(
            "There are no clusters.",
            where="vcov='cluster'",
            found="a scan without psu and unit",
            todo="vcov='design', of which every row is a unit; or name the column of the clusters as psu",
        )
    if options.cluster not in (None, name):
        raise DataError(
            "On a scan the clusters are the sampling units.",
            where="cluster",
            found=repr(options.cluster),
            expected=repr(name),
            todo=f"leave cluster out, or make the scan with psu={options.cluster!r}",
        )
    stage = units.svy.design.stages[0]
    g = units.sampling_units()
    factor = g / (g - 1) * (n - 1) / (n - taken) if options.corrected else 1.0
    told = f"G/(G-1) (n-1)/(n-k), G={g}, n={int(n)}, k={taken}" if options.corrected else "none"
    if stage.unit is None:
        return ByPeople(factor, g - 1.0, told)
    number, codes = np.unique(stage.unit[units.used], return_inverse=True)
    out = np.full(len(units.used), len(number), dtype=np.intp)
    out[units.used] = codes
    return ByCluster(out, factor, g - 1.0, told)
