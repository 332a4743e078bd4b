"""Fixed effects of a scan: sums by person and their products, then scores; rows are never held.

The columns of x, y and the dummies of times, less their means within persons, have the cross-products
sum w v v' - sum_i S_i S_i' / W_i with S_i, W_i sums over the rows of a person: what the engine adds up in two levels.
Times are then taken out by the theorem of Frisch, Waugh and Lovell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from llo_research.errors import DataError, DesignError, IdentificationError
from llo_research.numerics.groups import Floats
from llo_research.numerics.pattern_sums import constant_columns, grams
from llo_research.options import names_of
from llo_research.regression.covariances import VcovOptions
from llo_research.regression.fit import Fit
from llo_research.regression.model import inverse_of
from llo_research.regression.panel.solution import check_absorbed, check_independent
from llo_research.scanning.by_passes import only
from llo_research.scanning.model_passes import column_of, map_columns
from llo_research.scanning.regressors import Regressors, regressors_of
from llo_research.scanning.sums import weight_of
from llo_research.scanning.unit_scores import Scored, design_of, fitted

if TYPE_CHECKING:
    from llo_research.scanning.scan import Scan


@dataclass(frozen=True, eq=False)
class Within:
    """Cross-products within persons and times.

    products, between : (q, q) of [x, y] within, and around their means. lines : (T - 1, q) what times take off each.
    times : (T,) but the first. units, repeated, varying : persons, those with several rows, those of several weights.
    """

    products: Floats
    around: Floats
    lines: Floats
    times: list[Any]
    units: int
    repeated: int
    varying: int


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
    with scan._reading.work(6):
        within = _within(columns)
        p = len(columns.names)
        size = np.diag(grams(columns.maps, columns.made.moments))
        check_absorbed(np.diag(within.products)[:p], np.diag(within.around)[:p], size[:p], columns.names, effects)
        check_independent(within.products[:p, :p], columns.names)
        inverse = inverse_of(within.products[:p, :p])
        beta = inverse @ within.products[:p, p]
        taken = p + len(within.times) + 1
        sums = _scores(columns, within, beta)
        scored = Scored(columns.made, columns.names, beta, inverse, taken, sums, "fixed_effects", within.units)
        left = within.products[p, p] - beta @ within.products[:p, p]
        told = {
            "effects": dict(zip(effects, [within.units, len(within.times) + 1], strict=False)),
            "units_with_changes": within.repeated,
            "n_units": within.units,
            "weights_vary_within_units": within.varying > 0,
            "r2_within": float(1 - left / within.products[p, p]),
            "formula": columns.made.text,
        }
        own = {"function": "panel.fixed_effects", "formula": call["formula"], "effects": effects}
        own |= {"missing": call["missing"], "plausible": False, **options.as_call()}
        return fitted(scored, options, own, told, call["level"])


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


def _within(columns: Columns) -> Within:
    """Two queries: sums by time, and products of sums by person."""
    q, around = columns.maps.shape[2], grams(columns.maps, columns.made.moments)
    times, by_time, weights = _by_time(columns)
    table, own = columns.rows()
    weight = weight_of(columns.made.scan, table)
    sums = {f"s{j}": (weight * value).sum() for j, value in enumerate(own)}
    if columns.time is not None:
        there = table[columns.time]
        sums |= {f"s{q + t}": (there == time).ifelse(weight, 0.0).sum() for t, time in enumerate(times)}
    m = len(sums)
    extra = {"w": weight.sum(), "n": table.count(), "low": weight.min(), "high": weight.max()}
    persons = table.group_by(person=table[columns.unit]).agg(**sums, **extra)
    products = {
        f"p{a}_{b}": (persons[f"s{a}"] * persons[f"s{b}"] / persons.w).sum() for a in range(m) for b in range(a, m)
    }
    facts = {
        "units": persons.count(),
        "repeated": (persons.n > 1).sum(),
        "varying": (persons.high - persons.low > 1e-12 * persons.high).sum(),
    }
    answer = columns.made.scan._reading.read(persons.aggregate(**products, **facts), "products of sums by person")
    found = answer.to_pylist()[0]
    total = np.zeros((m, m))
    total[:q, :q] = around
    total[q:, :q], total[:q, q:] = by_time, by_time.T
    total[q:, q:] = np.diag(weights)
    for a in range(m):
        for b in range(a, m):
            total[a, b] -= found[f"p{a}_{b}"]
            total[b, a] = total[a, b]
    return _without_times(total, q, around, times, found)


def _without_times(total: Floats, q: int, around: Floats, times: list[Any], found: dict[str, Any]) -> Within:
    """Cross-products after the times are taken out too."""
    if int(found["repeated"]) == 0:
        raise IdentificationError(
            "An effect of the unit needs units that are observed more than once.",
            where="effects",
            found=f"{int(found['units'])} units with one row each",
            todo="take more waves into the domain",
        )
    lines = np.zeros((len(times), q))
    products = total[:q, :q]
    if times:
        check_independent(total[q:, q:], [str(time) for time in times])
        lines = inverse_of(total[q:, q:]) @ total[q:, :q]
        products = products - total[:q, q:] @ lines
    counts = (int(found[name] or 0) for name in ("units", "repeated", "varying"))
    return Within((products + products.T) / 2, around, lines, times, *counts)


def _by_time(columns: Columns) -> tuple[list[Any], Floats, Floats]:
    """The times but the first, and for these sums of w v (T - 1, q) and of w."""
    if columns.time is None:
        return [], np.zeros((0, columns.maps.shape[2])), np.zeros(0)
    table, own = columns.rows()
    weight = weight_of(columns.made.scan, table)
    sums = {f"s{j}": (weight * value).sum() for j, value in enumerate(own)}
    grouped = table.group_by(time=table[columns.time]).agg(w=weight.sum(), **sums)
    answer = columns.made.scan._reading.read(grouped, "sums by time").sort_by("time").slice(1)
    values = [answer[f"s{j}"].to_numpy() for j in range(len(own))]
    return answer["time"].to_pylist(), np.column_stack(values), answer["w"].to_numpy()


def _scores(columns: Columns, within: Within, beta: Floats) -> Any:
    """Scores by person, added up by the columns of the design."""
    import ibis

    table, own = columns.rows()
    scan, p = columns.made.scan, len(beta)
    if columns.time is not None:
        there = table[columns.time]
        lines = within.lines
        own = [
            value - ibis.cases(*[(there == time, float(lines[t, j])) for t, time in enumerate(within.times)], else_=0.0)
            for j, value in enumerate(own)
        ]
    error = own[p] - sum(float(b) * value for b, value in zip(beta, own, strict=False))
    rows = table.select(
        person=table[columns.unit],
        w=weight_of(scan, table),
        error=error,
        **{f"x{j}": own[j] for j in range(p)},
        **design_of(scan, table),
    )
    keys = list(design_of(scan, table))
    sums = {f"x{j}": (rows.w * rows[f"x{j}"]).sum() for j in range(p)}
    sums |= {f"z{j}": (rows.w * rows[f"x{j}"] * rows.error).sum() for j in range(p)}
    persons = rows.group_by("person", *keys).agg(w=rows.w.sum(), e=(rows.w * rows.error).sum(), n=rows.count(), **sums)
    scores = {f"z{j}": (persons[f"z{j}"] - persons[f"x{j}"] * persons.e / persons.w).sum() for j in range(p)}
    return persons.group_by(*keys).agg(used=persons.w.sum(), n=persons.n.sum(), persons=persons.count(), **scores)
