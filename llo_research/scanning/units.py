"""Units with several rows, as persons over waves: what an engine adds up over pairs of patterns of one unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from llo_research.errors import DesignError
from llo_research.scanning.columns import series_of
from llo_research.scanning.held import Held


class Units:
    """The rows of a collapse, and the units behind them in the engine.

    Parameters
    ----------
    scan : Held
        What is read.
    keys : mapping
        By name the expressions that make the rows.
    answer, frame : pyarrow.Table, DataFrame
        The rows of the collapse, with the values of `keys`, and as the survey has them; in the same order.
    measures : mapping
        By name of a number its weighted values, from its least one; by "" the weights.
    """

    def __init__(
        self, scan: Held, keys: Mapping[str, Any], answer: Any, frame: pd.DataFrame, measures: Mapping[str, Any]
    ) -> None:
        self.scan, self.keys, self.frame, self.measures = scan, dict(keys), frame, dict(measures)
        self.rows = answer.select(list(keys))

    def with_numbers(self, **numbers: np.ndarray) -> Any:
        """Each row of the data with its unit, and the numbers that its row of the collapse is given."""
        import ibis
        import pyarrow as pa

        table, rows = self.scan._table, self.rows
        for name, values in numbers.items():
            rows = rows.append_column(name, pa.array(values, type=pa.int64()))
        kept = ibis.memtable(rows)
        sums = {f"a{i}": measure for i, measure in enumerate(self.measures.values())}
        data = table.select(unit=table[self.scan._roles["unit"]], **self.keys, **sums)
        joined = data.join(kept, [data[name].identical_to(kept[name]) for name in self.keys])
        return joined.select("unit", *numbers, *sums)

    def pairs(self) -> dict[Any, sparse.csr_array]:
        """By pair of measures (n, n): sums over units of the products of what a unit has in two rows.

        Where waves were drawn by themselves also, by (None, measure), sums of units that are in a stratum-by-wave cell
        (H, n), and by (None, None) the units in two cells (H, H).
        """
        names, n = list(self.measures), len(self.frame)
        cell = self._cells()
        data = self.with_numbers(number=np.arange(n), cell=cell)
        sums = data.group_by("unit", "number", "cell").agg(**{f"a{i}": data[f"a{i}"].sum() for i in range(len(names))})
        found, places = self._products(sums, [(i, j) for i in range(len(names)) for j in range(len(names))])
        self._check(*places)
        out: dict[Any, sparse.csr_array] = {}
        for i, first in enumerate(names):
            for j, second in enumerate(names[i:], start=i):
                out[first, second] = _mirrored(found[i, j], found[j, i], places, n)
        if self._returning:
            out |= self._of_cells(sums, names, int(cell.max()) + 1)
        return out

    def _products(self, sums: Any, which: Sequence[tuple[int, int]]) -> tuple[dict[tuple[int, int], Any], Any]:
        """Sums over units of products of measures in rows r <= s, and these rows."""
        one, other = sums.view(), sums.view()
        both = one.join(other, [one.unit == other.unit, one.number <= other.number], rname="{name}_of_other")
        products = {f"p{i}_{j}": (both[f"a{i}"] * both[f"a{j}_of_other"]).sum() for i, j in which}
        pairs = both.group_by(r=both.number, s=both.number_of_other).agg(**products)
        answer = self.scan._reading.read(pairs, "pairs of patterns").to_pandas()
        places = answer["r"].to_numpy(dtype=np.int64), answer["s"].to_numpy(dtype=np.int64)
        return {(i, j): answer[f"p{i}_{j}"].fillna(0.0).to_numpy(dtype=np.float64) for i, j in which}, places

    @property
    def _returning(self) -> bool:
        """Whether waves were drawn by themselves, so that a unit may be in a cell of each."""
        return self.scan._roles["time"] in self.scan._names("strata")

    def _cells(self) -> np.ndarray:
        """(n,) the stratum-by-wave cell of each row, in the order of n_h."""
        strata = self.scan._names("strata")
        if not strata:
            return np.zeros(len(self.frame), dtype=np.int64)
        return self.frame.groupby(strata, observed=True, sort=True).ngroup().to_numpy(dtype=np.int64)

    def _of_cells(self, sums: Any, names: Sequence[str], n_cells: int) -> dict[Any, sparse.csr_array]:
        """Sums of the units of each cell over the rows, and the units that two cells share."""
        home = sums.select("unit", h=sums.cell).distinct()
        there = home.join(sums, home.unit == sums.unit)
        own = there.group_by("h", "number").agg(**{f"a{i}": there[f"a{i}"].sum() for i in range(len(names))})
        answer = self.scan._reading.read(own, "sums of returning units").to_pandas()
        where, shape = (answer["h"].to_numpy(), answer["number"].to_numpy()), (n_cells, len(self.frame))
        out = {
            (None, name): sparse.csr_array((answer[f"a{i}"].fillna(0.0).to_numpy(), where), shape=shape)
            for i, name in enumerate(names)
        }
        one, other = home.view(), home.view()
        both = one.join(other, [one.unit == other.unit], rname="{name}_of_other")
        shared = both.group_by(r=both.h, s=both.h_of_other).agg(n=both.count())
        answer = self.scan._reading.read(shared, "units of two waves").to_pandas()
        where = answer["r"].to_numpy(), answer["s"].to_numpy()
        counts = answer["n"].to_numpy(dtype=np.float64)
        return {**out, (None, None): sparse.csr_array((counts, where), shape=(n_cells, n_cells))}

    def _check(self, r: np.ndarray, s: np.ndarray) -> None:
        """A unit lies in one stratum, or in one of each wave where waves were drawn by themselves."""
        strata, time = self.scan._names("strata"), self.scan._roles["time"]
        if not strata:
            return
        stratum = self._cells()
        torn = stratum[r] != stratum[s]
        if self._returning:
            wave = pd.factorize(self.frame[time])[0]
            torn &= wave[r] == wave[s]
        if torn.any():
            first, second = (self.frame.loc[own[torn.argmax()], strata].tolist() for own in (r, s))
            raise DesignError(
                "Units occur in more than one stratum" + (" of a wave." if self._returning else "."),
                where=f"column {self.scan._roles['unit']!r} (unit) of {self.scan._reading.words}",
                found=f"units in {first} and in {second}",
                expected="each unit in one stratum",
                todo="a panel that was drawn once needs one stratum for each person (that of the first wave); waves "
                "that were drawn by themselves have the time among the strata: strata=[time, ...], time=...",
            )


def _mirrored(upper: np.ndarray, lower: np.ndarray, places: Any, n: int) -> sparse.csr_array:
    """(n, n) from products in r <= s: `upper` of the first measure in r, `lower` of the first measure in s."""
    r, s = places
    apart = r != s
    where = np.concatenate([r, s[apart]]), np.concatenate([s, r[apart]])
    return sparse.csr_array((np.concatenate([upper, lower[apart]]), where), shape=(n, n))


class Distinct:
    """Counts the different units of sets of rows, in the engine."""

    def __init__(self, units: Units) -> None:
        self._units = units
        self._known: dict[bytes, np.ndarray] = {}

    def __call__(self, codes: np.ndarray, n_cells: int) -> np.ndarray:
        """(K,) units of each cell; rows with the code ``n_cells`` are outside."""
        key = np.asarray(codes, dtype=np.int64).tobytes()
        if key not in self._known:
            self._known[key] = self._counted(codes, n_cells)
        return self._known[key]

    def _counted(self, codes: np.ndarray, n_cells: int) -> np.ndarray:
        """The same, from the data."""
        data = self._units.with_numbers(number=np.asarray(codes, dtype=np.int64))
        inside = data.filter(data.number < n_cells).select("unit", "number").distinct()
        answer = self._units.scan._reading.read(inside.group_by("number").agg(n=inside.count()), "units of cells")
        out = np.zeros(n_cells)
        out[answer["number"].to_numpy()] = answer["n"].to_numpy()
        return out


def units_of_strata(scan: Held) -> pd.DataFrame:
    """n_h, the units of each stratum (or stratum by wave), sorted, read once; ``attrs["all"]`` is the number of all."""
    if not scan._strata_units:
        scan._strata_units.append(_units_of_strata(scan))
    return scan._strata_units[0]


def _units_of_strata(scan: Held) -> pd.DataFrame:
    """The same, from the data."""
    table = scan._table
    unit = table[scan._roles["unit"]]
    strata = scan._names("strata")
    keys = {f"k{place}": table[name] for place, name in enumerate(strata)}
    found = table.group_by(**keys).agg(units=unit.nunique()) if keys else table.aggregate(units=unit.nunique())
    answer = scan._reading.read(found, "units of strata")
    frame = pd.DataFrame({name: series_of(answer[f"k{i}"], scan._columns[name]) for i, name in enumerate(strata)})
    frame["units"] = answer["units"].to_pandas().to_numpy(dtype=np.int64)
    if strata:
        frame = frame.sort_values(strata, ignore_index=True)
    returning = bool(strata) and scan._roles["time"] in strata
    if returning:
        own = scan._reading.read(table.aggregate(units=unit.nunique()), "units").to_pylist()[0]["units"]
    frame.attrs["all"] = int(own if returning else frame["units"].sum())
    return frame
