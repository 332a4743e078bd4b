"""Quantiles of a scan: passes that find the values around each quantile, then a collapse by these."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import stats

from llo_research.errors import DataError
from llo_research.estimation.quantile_intervals import shares_around
from llo_research.estimation.quantiles import problem_of, quantile
from llo_research.numerics.groups import Codes, Floats
from llo_research.numerics.lumps import Lumps, breakpoints, narrowed, needed
from llo_research.numerics.quantiles import RULES
from llo_research.options import names_of
from llo_research.results import simultaneous
from llo_research.scanning.by_passes import only, rows_of
from llo_research.scanning.columns import Column, found_column
from llo_research.scanning.probing import check_finite
from llo_research.scanning.regressors import beside
from llo_research.scanning.weighed import weighed, weight_now
from llo_research.survey.survey import Survey

if TYPE_CHECKING:
    from llo_research.scanning.scan import Scan

_PLACE = "place among the breakpoints"
_INTERVALS = ("woodruff", "mean", "xlogit", "beta", "asin")


def run(scan: Scan, call: Mapping[str, Any]) -> Any:
    """:func:`llo_research.quantile` of a scan."""
    names = names_of(call["variables"], "variables")
    by = [] if call["by"] is None else names_of(call["by"], "by")
    if len(names) > 1:
        raise DataError(
            "A scan gives the quantiles of one column a call.",
            where="variables",
            found=", ".join(names),
            todo="call once for each; rows without one of them are left out with where('notna(...)')",
        )
    _only(call)
    since = len(scan._reading.passes)
    scan = weighed(scan)._with_conditions(by)
    names = [_number(scan, names[0])]
    by = [found_column(scan._columns, name, "by").name for name in by]
    q = np.atleast_1d(np.asarray(call["q"], dtype=np.float64))
    with scan._reading.work(9):
        engine = Cells(scan, by, names[0])
        lumps = _narrowed(engine, engine.ends(), lambda cell: q, call["rule"])
        own = {**call, "variables": names, "by": by or None}
        around = _shares(engine.survey(lumps, lambda cell: q, call["rule"]), own, engine)
        both = {cell: np.concatenate([q, *around[cell]]) if cell in around else q for cell in range(engine.number)}
        lumps = _narrowed(engine, lumps, both.__getitem__, call["rule"])
        svy = engine.survey(lumps, both.__getitem__, call["rule"])
    read = scan._reading.account(since, None)
    return quantile(svy=svy._with(beside={**svy._beside, "read": read}), **own)


def _only(call: Mapping[str, Any]) -> None:
    """What quantiles of a scan can be asked for."""
    allowed = {
        "rule": tuple(rule for rule in RULES if rule != "hf3"),
        "interval": _INTERVALS,
        "missing": ("omit", "raise"),
        "simultaneous": (False,),
    }
    only(call, allowed, "quantile", "take one of these, or a Survey of the rows: llo.read_file(...)")


def _number(scan: Scan, name: str) -> str:
    """The column, which holds numbers."""
    column = found_column(scan._columns, name, "quantile")
    if column.kind not in ("whole", "number") or column.declared is not None:
        raise DataError(
            "Quantiles are of numbers.",
            where=f"column {column.name!r}",
            found=column.found,
            expected="a column of numbers",
            todo="llo.share for the distribution over categories",
        )
    return column.name


def _narrowed(engine: Cells, lumps: Lumps, wanted: Callable[[int], Floats], rule: str) -> Lumps:
    """The lumps in which the quantiles are single values."""
    found = narrowed(engine, lumps, wanted, rule)
    if found is None:
        raise DataError(
            "The values lie so unevenly that too many passes would be needed.",
            where=f"column {engine.name!r}",
            todo="take their logarithm: scan.assign(log=lambda t: t.column.ln()), and read the quantiles back",
        )
    return found


def _shares(svy: Survey, call: Mapping[str, Any], engine: Cells) -> dict[int, tuple[Floats, Floats]]:
    """By cell of the engine, the ends of the intervals of the shares below the quantiles, within 0 and 1."""
    problem = problem_of(svy, call["variables"], call["by"], call["missing"], call["q"], call["rule"])
    critical = simultaneous.pointwise(problem.df, call["level"])
    critical = np.where(np.isnan(critical), stats.norm.isf((1 - call["level"]) / 2), critical)
    low, high = shares_around(problem, call["interval"], np.repeat(critical[:, None], len(problem.q), axis=1))
    place = svy._frame[_PLACE]
    known = place.notna().to_numpy() & (problem.codes < len(low))
    cells = place[known].to_numpy(dtype=np.int64) // engine.width
    pairs = pd.DataFrame({"own": cells, "code": problem.codes[known]}).drop_duplicates()
    clip = [np.clip(np.nan_to_num(side, nan=0.5), 0.0, 1.0) for side in (low, high)]
    return {int(own): (clip[0][code], clip[1][code]) for own, code in zip(pairs["own"], pairs["code"], strict=True)}


@dataclass
class Cells:
    """The rows of the cells of a call in the engine.

    by : columns that make the cells. name : the column of numbers. keys : the `number` cells that have rows, in order.
    width : places that a cell has.
    """

    scan: Scan
    by: list[str]
    name: str
    keys: Any = None
    number: int = 0
    width: int = 1

    def ends(self) -> Lumps:
        """Each cell as one lump; from here on the cells have numbers."""
        import pyarrow.compute as pc

        table = rows_of(self.scan, [self.name, *self.by])
        own = {f"key{i}": table[name] for i, name in enumerate(self.by)}
        value, weight = table[self.name].cast("float64"), weight_now(self.scan, table)
        sums = {"low": value.min(), "high": value.max(), "total": weight.sum(), "n": value.count()}
        grouped = table.group_by(**own).agg(**sums) if own else table.aggregate(**sums)
        answer = self.scan._reading.read(grouped, "least and largest values")
        if len(answer) == 0 or answer["low"].null_count == len(answer):
            raise DataError("Nobody is in the domain with a value.", where=f"column {self.name!r}", found="0 rows")
        check_finite(self.scan, self.name, pc.min(answer["low"]).as_py(), pc.max(answer["high"]).as_py())
        self.keys = answer.select(list(own))
        self.number = len(answer)
        return _lumps(answer, np.arange(len(answer)))

    def pieces(self, lumps: Lumps, number: int) -> Lumps:
        """The rows of some lumps in pieces of equal width."""
        with np.errstate(over="ignore"):
            scale = number / (lumps.high - lumps.low)
        at, place = self._inside(lumps, scale)
        piece = [(at[f"in{j}"], j * number + _floor(at[f"steps{j}"]).clip(upper=number - 1)) for j in range(place)]
        return self._of(at.mutate(piece=_cases(piece)), "piece", "values in finer pieces")

    def values(self, lumps: Lumps) -> Lumps:
        """The rows of some lumps by value."""
        at, place = self._inside(lumps, np.ones(len(lumps.cells)))
        inside = _cases([(at[f"in{j}"], at.value) for j in range(place)])
        return self._of(at.mutate(piece=inside), "piece", "values around the quantiles")

    def survey(self, lumps: Lumps, wanted: Callable[[int], Floats], rule: str) -> Survey:
        """The scan collapsed by cell and place among the breakpoints, each row with a value of its place."""
        cuts = breakpoints(lumps, needed(lumps, wanted, rule), self.number)
        self.width = cuts.shape[1] + 1
        at = self._joined(self.scan._table, {f"cut{j}": cuts[:, j] for j in range(cuts.shape[1])})
        above = [(at[self.name].cast("float64") > at[beside(f"cut{j}")]).cast("int64") for j in range(cuts.shape[1])]
        code = at[beside("cell")] * self.width + sum(above[1:], above[0])
        table = at.mutate(**{_PLACE: code}).select(*self.scan._table.columns, _PLACE)
        columns = {**self.scan._columns, _PLACE: Column(_PLACE, "whole", "int64")}
        svy = self.scan._with(table=table, columns=columns)._collapsed(dict.fromkeys([*self.by, _PLACE]), {}, ())
        place = svy._frame[_PLACE]
        known = place.notna().to_numpy()
        values, codes = np.full(len(place), np.nan), place[known].to_numpy(dtype=np.int64)
        values[known] = np.column_stack([cuts, cuts[:, -1]])[codes // self.width, codes % self.width]
        return svy._with(frame=svy._frame.assign(**{self.name: values}))

    def _joined(self, table: Any, numbers: Mapping[str, Floats]) -> Any:
        """Rows with the number of their cell and what each cell has; missing where a row is in none."""
        import ibis
        import pyarrow as pa

        keys = {name: self.keys[name] for name in self.keys.column_names}
        own = {**keys, "cell": np.arange(self.number), **numbers}
        kept = ibis.memtable(pa.table({beside(name): values for name, values in own.items()}))
        if not self.by:
            return table.cross_join(kept)
        pairs = [table[name] == kept[beside(f"key{i}")] for i, name in enumerate(self.by)]
        return table.left_join(kept, pairs)

    def _inside(self, lumps: Lumps, scale: Floats) -> tuple[Any, int]:
        """Rows with, for the j-th lump of their cell, whether they are in it and how many steps above its least."""
        place = np.arange(len(lumps.cells)) - lumps.first_of_cell()
        most = int(place.max()) + 1
        wide: dict[str, Floats] = {}
        for name, values, fill in (("low", lumps.low, np.inf), ("high", lumps.high, -np.inf), ("scale", scale, 0.0)):
            made = np.full((self.number, most), fill)
            made[lumps.cells, place] = values
            wide |= {f"{name}{j}": made[:, j] for j in range(most)}
        table = rows_of(self.scan, [self.name, *self.by])
        at = self._joined(table, wide)
        value = at[self.name].cast("float64")
        found = {"value": value, "cell": at[beside("cell")], "w": weight_now(self.scan, at)}
        for j in range(most):
            found[f"in{j}"] = (value >= at[beside(f"low{j}")]) & (value <= at[beside(f"high{j}")])
            found[f"steps{j}"] = (value - at[beside(f"low{j}")]) * at[beside(f"scale{j}")]
        return at.select(**found), most

    def _of(self, at: Any, piece: str, what: str) -> Lumps:
        """Rows added up by cell and piece; those without a piece are left out."""
        kept = at.filter(at[piece].notnull())
        return self._added(kept.group_by("cell", piece), kept.value, kept.w, what)

    def _added(self, groups: Any, value: Any, weight: Any, what: str) -> Lumps:
        answer = self.scan._reading.read(
            groups.agg(low=value.min(), high=value.max(), total=weight.sum(), n=value.count()), what
        )
        return _lumps(answer, answer["cell"].to_numpy())


def _cases(pairs: list[tuple[Any, Any]]) -> Any:
    """The value of the first condition that holds; missing where none does."""
    import ibis

    return ibis.cases(*pairs)


def _floor(value: Any) -> Any:
    """Whole steps."""
    return value.floor().cast("int64")


def _lumps(answer: Any, cells: Codes) -> Lumps:
    """The answer of an engine as lumps in order."""
    low, high, total, n = (answer[name].to_numpy().astype(np.float64) for name in ("low", "high", "total", "n"))
    return Lumps(np.asarray(cells, dtype=np.intp), low, high, total, n).sorted()
