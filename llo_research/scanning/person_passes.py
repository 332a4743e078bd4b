"""Fixed effects of a scan: sums by person and their products; rows are never held.

The columns of x, y and the dummies of times, less their means within persons, have the cross-products
sum w v v' - sum_i S_i S_i' / W_i with S_i, W_i sums over the rows of a person: what the engine adds up in two levels,
by sampling unit. Times are then taken out by the theorem of Frisch, Waugh and Lovell. Products P by sampling unit hold
all else as well: a unit's score is c'P d, c and d what the coefficients and times make of the columns, and products at
a replicate are the units' times its factors. A further pass adds up scores where persons are the units, or have
rows in several patterns of weighting steps, or where units are too many to hold products of; and one takes products
around the persons' means where those of sums have lost digits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from llo_research.errors import DataError, DesignError, IdentificationError
from llo_research.numerics.grams import squared
from llo_research.numerics.groups import Codes, Floats
from llo_research.numerics.pattern_sums import constant_columns, grams
from llo_research.options import names_of
from llo_research.regression.covariances import VcovOptions
from llo_research.regression.fit import Fit
from llo_research.regression.model import inverse_of
from llo_research.regression.panel.replicates import solved, without
from llo_research.regression.panel.solution import check_absorbed, check_independent
from llo_research.scanning.by_passes import only
from llo_research.scanning.regressors import Regressors, beside, regressors_of
from llo_research.scanning.row_models import column_of, map_columns
from llo_research.scanning.unit_scores import SamplingUnits, Solved, UnitSums, fitted, unit_columns, unit_sums
from llo_research.scanning.weighed import step_columns, weight_now

if TYPE_CHECKING:
    from llo_research.scanning.scan import Scan

# Numbers of products by sampling unit that are held (160 MB).
_MOST = 20_000_000
# From this loss on, products are taken again around the persons' means: ten digits are left of the others.
_LOST = 1e-6


@dataclass(frozen=True, eq=False)
class Products:
    """Cross-products of the columns and the dummies of times within persons, by sampling unit or all together.

    within : (K, m, m) of [x, y, dummies]. around : (q, q) of [x, y], around their means. times : but the first.
    units, repeated, varying : persons, those with several rows, those of several weights.
    place : (K,) rows of the survey of sampling units; None where products are not by unit.
    """

    within: Floats
    around: Floats
    times: list[Any]
    units: int
    repeated: int
    varying: int
    place: Codes | None


@dataclass(frozen=True, eq=False)
class Within:
    """Cross-products within persons and times.

    products, around : (q, q) of [x, y] within, and around their means. lines : (T - 1, q) what times take off each.
    """

    products: Floats
    around: Floats
    lines: Floats


@dataclass(frozen=True, eq=False)
class Columns:
    """The columns [x, y] of the rows used, as expressions of the engine.

    made : the formula. maps : (R, k + 1, q), around the mean of all rows. names : (p,) terms, without a constant.
    """

    made: Regressors
    maps: Floats
    names: tuple[str, ...]
    unit: str
    time: str | None

    def rows(self) -> tuple[Any, list[Any]]:
        """The rows and (q,) their columns."""
        same = constant_columns(self.maps)
        table = self.made.joined(map_columns(self.maps, same))
        own = self.made.measures(table)
        return table, [column_of(self.maps, table, own, same, j) for j in range(self.maps.shape[2])]


def run(scan: Scan, call: Mapping[str, Any]) -> Fit:
    """:func:`llo_research.panel.fixed_effects` of a scan."""
    effects = names_of(call["effects"], "effects")
    options = VcovOptions(call["vcov"], call["cluster"], call["lags"], call["small_sample"])
    allowed = {"vcov": ("design", "cluster"), "plausible": (False,), "missing": ("omit",)}
    only(call, allowed, "fixed_effects", "take one of these; or a Survey of the rows")
    columns = _columns(scan, call["formula"], effects)
    with scan._reading.work(5):
        units = _sampling_units(columns)
        sums = _products(columns, units if _few(columns, units) else None)
        within = _without_times(sums, columns.maps.shape[2])
        if (np.diag(within.products) < _LOST * np.diag(within.around)).any():
            sums, within = replace(sums, place=None), _around_means(columns, sums.times, within)
        p = len(columns.names)
        size = np.diag(grams(columns.maps, columns.made.moments))
        check_absorbed(np.diag(within.products)[:p], np.diag(within.around)[:p], size[:p], columns.names, effects)
        check_independent(within.products[:p, :p], columns.names)
        inverse = inverse_of(within.products[:p, :p])
        beta = inverse @ within.products[:p, p]
        taken = p + len(sums.times) + 1
        found = Solved(columns.made, columns.names, beta, inverse, taken, _at_replicates(columns, sums, units, options))
        left = within.products[p, p] - beta @ within.products[:p, p]
        told = {
            "effects": dict(zip(effects, [sums.units, len(sums.times) + 1], strict=False)),
            "units_with_changes": sums.repeated,
            "n_units": sums.units,
            "weights_vary_within_units": sums.varying > 0,
            "r2_within": float(1 - left / within.products[p, p]),
            "formula": columns.made.text,
        }
        own = {"function": "panel.fixed_effects", "formula": call["formula"], "effects": effects}
        own |= {"missing": call["missing"], "plausible": False, **options.as_call()}
        return fitted(found, _scores(columns, sums, within, beta, units), options, own, told, call["level"])


def _sampling_units(columns: Columns) -> SamplingUnits | None:
    """Those of the scan; None where persons are the units."""
    scan = columns.made.scan
    return SamplingUnits(scan) if scan._names("psu") else None


def _few(columns: Columns, units: SamplingUnits | None) -> bool:
    """Whether products by sampling unit can be held, and hold all: a person's rows then have one factor."""
    if units is None or step_columns(columns.made.scan):
        return False
    times = 1 if columns.time is None else units.svy._frame[columns.time].nunique()
    return bool(units.number * (columns.maps.shape[2] + times) ** 2 <= _MOST)


def _columns(scan: Scan, formula: str, effects: Sequence[str]) -> Columns:
    """The formula and the roles of the survey that it needs."""
    if effects not in (["unit"], ["unit", "time"]):
        raise DataError(
            "On a scan the effects are those of the unit, and of the time.",
            where="effects",
            found=repr(effects),
            expected="'unit', or ('unit', 'time')",
            todo="further effects of few levels are terms: C(sector)",
        )
    for role in effects:
        if scan._roles[role] is None:
            raise DesignError(f"The scan has no {role}.", where="effects", todo=f"llo.scan(..., {role}='column')")
    unit, time = scan._roles["unit"], scan._roles["time"]
    made = regressors_of(scan, formula, tuple(name for name in (unit, time) if name))
    kept = [j for j, name in enumerate(made.names) if name != "Intercept"]
    maps = np.concatenate([made.maps[:, :, kept], made.y[:, :, None]], axis=2)
    means = np.einsum("rk,rkq->q", made.moments[:, 0, :], maps) / made.moments[:, 0, 0].sum()
    maps = maps.copy()
    maps[:, 0] -= means
    names = tuple(made.names[j] for j in kept)
    if not names:
        raise IdentificationError("The formula has no regressors.", where=f"formula {formula!r}")
    return Columns(made, maps, names, unit, time if "time" in effects else None)


def _products(columns: Columns, units: SamplingUnits | None) -> Products:
    """Two queries: sums by sampling unit and time, and products of sums by person."""
    q, (places, totals, times) = columns.maps.shape[2], _totals(columns, units)
    table, own = columns.rows()
    weight = weight_now(columns.made.scan, table)
    sums = {f"s{j}": (weight * value).sum() for j, value in enumerate(own)}
    if columns.time is not None:
        there = table[columns.time]
        sums |= {f"s{q + t}": (there == time).ifelse(weight, 0.0).sum() for t, time in enumerate(times)}
    lie = unit_columns(columns.made.scan, table)
    keys = {} if units is None else lie
    ends = {name: key.min() for name, key in lie.items()} | {f"{name}_last": key.max() for name, key in lie.items()}
    extra = {"w": weight.sum(), "n": table.count(), "low": weight.min(), "high": weight.max()}
    persons = table.group_by(person=table[columns.unit]).agg(**sums, **extra, **ends)
    m = len(sums)
    wanted = {
        f"p{a}_{b}": (persons[f"s{a}"] * persons[f"s{b}"] / persons.w).sum() for a in range(m) for b in range(a, m)
    }
    wanted |= {
        "units": persons.count(),
        "repeated": (persons.n > 1).sum(),
        "varying": (persons.high - persons.low > 1e-12 * persons.high).sum(),
        "torn": sum(((persons[key] != persons[f"{key}_last"]).cast("int64") for key in lie), persons.n * 0).sum(),
    }
    grouped = persons.group_by(*keys).agg(**wanted) if keys else persons.aggregate(**wanted)
    answer = columns.made.scan._reading.read(grouped, "products of sums by person")
    count = {name: int(np.nansum(answer[name].to_numpy())) for name in ("units", "repeated", "varying", "torn")}
    found = squared(np.column_stack([answer[f"p{a}_{b}"].to_numpy() for a in range(m) for b in range(a, m)]), m)
    around = totals[:, :q, :q].sum(axis=0)
    _check_torn(count["torn"])
    if units is None:
        within, place = totals.sum(axis=0)[None] - found.sum(axis=0)[None], None
    else:
        place = units.places(answer)
        within = totals[np.searchsorted(places, place)] - found
    return Products(within, around, times, count["units"], count["repeated"], count["varying"], place)


def _check_torn(number: int) -> None:
    """A person's rows lie in one sampling unit."""
    if number:
        raise DesignError(
            "Units have rows in several sampling units.",
            where="psu of fixed_effects",
            found=f"{number} units",
            expected="each unit in one sampling unit",
            todo="give each person the psu of the first wave",
        )


def _totals(columns: Columns, units: SamplingUnits | None) -> tuple[Codes, Floats, list[Any]]:
    """(K,) places in order, (K, m, m) cross-products of the columns and the dummies before persons are out, times."""
    table, own = columns.rows()
    weight, q = weight_now(columns.made.scan, table), len(own)
    upper = [(a, b) for a in range(q) for b in range(a, q)]
    sums = {f"p{a}_{b}": (weight * own[a] * own[b]).sum() for a, b in upper}
    keys = {} if units is None else units.keys(table)
    if columns.time is not None:
        keys |= {"time": table[columns.time]}
        sums |= {f"s{j}": (weight * value).sum() for j, value in enumerate(own)} | {"w": weight.sum()}
    grouped = table.group_by(**keys).agg(**sums) if keys else table.aggregate(**sums)
    answer = columns.made.scan._reading.read(grouped, "sums by time")
    place = np.zeros(len(answer), dtype=np.intp) if units is None else units.places(answer)
    places, row = np.unique(place, return_inverse=True)
    when = np.asarray([] if columns.time is None else answer["time"].to_pylist(), dtype=object)
    times = sorted(set(when))[1:]
    out = np.zeros((len(places), q + len(times), q + len(times)))
    products = squared(np.column_stack([answer[f"p{a}_{b}"].to_numpy() for a, b in upper]), q)
    np.add.at(out[:, :q, :q], row, products)
    for t, time in enumerate(times, start=q):
        there = when == time
        out[row[there], t, t] = answer["w"].to_numpy()[there]
        for j in range(q):
            out[row[there], t, j] = out[row[there], j, t] = answer[f"s{j}"].to_numpy()[there]
    return places, out, times


def _without_times(sums: Products, q: int) -> Within:
    """Cross-products after the times are taken out too."""
    if sums.repeated == 0:
        raise IdentificationError(
            "An effect of the unit needs units that are observed more than once.",
            where="effects",
            found=f"{sums.units} units with one row each",
            todo="take more waves into the domain",
        )
    total = sums.within.sum(axis=0)
    lines, products = np.zeros((len(sums.times), q)), total[:q, :q]
    if sums.times:
        check_independent(total[q:, q:], [str(time) for time in sums.times])
        lines = inverse_of(total[q:, q:]) @ total[q:, :q]
        products = products - total[:q, q:] @ lines
    return Within((products + products.T) / 2, sums.around, lines)


def _around_means(columns: Columns, times: list[Any], within: Within) -> Within:
    """Cross-products of the rows less their persons' means, where those of sums have lost digits to the means."""
    table, own = _less_means(columns, times, within.lines)
    weight, q = weight_now(columns.made.scan, table), len(own)
    sums = {f"p{a}_{b}": (weight * own[a] * own[b]).sum() for a in range(q) for b in range(a, q)}
    answer = columns.made.scan._reading.read(table.aggregate(**sums), "products around the persons' means")
    return replace(within, products=squared(np.array([answer[name][0].as_py() for name in sums]), q))


def _at_replicates(
    columns: Columns, sums: Products, units: SamplingUnits | None, options: VcovOptions
) -> Floats | None:
    """(R, p) the coefficients at the replicates, from the products by sampling unit."""
    if units is None or units.svy.design.replicates is None or options.vcov != "design":
        return None
    if sums.place is None:
        raise DataError(
            "Effects of persons at replicates need products by sampling unit.",
            where="replicates",
            found="weighting steps, means of persons far larger than their changes, or too many units",
            expected="persons whose rows have one factor at each replicate",
            todo="take the covariance of the design itself: the scan before llo.replicate(...)",
        )
    m, q = sums.within.shape[1], columns.maps.shape[2]
    order = [*range(q - 1), *range(q, m), q - 1]  # dummies between the regressors and the response
    own = sums.within[:, order][:, :, order].reshape(len(sums.place), -1)
    squares = without((units.factors(sums.place).T @ own).reshape(-1, m, m), q - 1)
    return solved(squares[:, :-1, :-1], squares[:, :-1, -1])


def _scores(columns: Columns, sums: Products, within: Within, beta: Floats, units: SamplingUnits | None) -> UnitSums:
    """The scores by sampling unit."""
    p = len(beta)
    if units is None or sums.place is None:
        table, own = _less_means(columns, sums.times, within.lines)
        error = own[p] - sum(float(b) * value for b, value in zip(beta, own, strict=False))
        return unit_sums(columns.made, units, table, [value * error for value in own[:p]])
    less = np.vstack([np.eye(p + 1), -within.lines])  # (m, q) of the columns and dummies, less times
    return units.sums(sums.place, np.asarray(less[:, :p].T @ sums.within @ (less @ np.append(-beta, 1.0))))


def _less_means(columns: Columns, times: list[Any], lines: Floats) -> tuple[Any, list[Any]]:
    """The rows used, and their columns [x, y] less what times take off, less the means of these within the person."""
    import ibis

    table, own = columns.rows()
    scan = columns.made.scan
    if times:
        there = table[columns.time]
        own = [
            value - ibis.cases(*[(there == time, float(lines[t, j])) for t, time in enumerate(times)], else_=0.0)
            for j, value in enumerate(own)
        ]
    values = {beside(f"v{j}"): value for j, value in enumerate(own)}
    rows = table.select(*scan._table.columns, **values)
    weight = weight_now(scan, rows)
    means = {beside(f"mean {name}"): (weight * rows[name]).sum() / weight.sum() for name in values}
    persons = rows.group_by(**{beside("person"): rows[columns.unit]}).agg(**means)
    rows = rows.inner_join(persons, rows[columns.unit] == persons[beside("person")])
    return rows, [rows[name] - rows[beside(f"mean {name}")] for name in values]
