"""The regressors of a formula on a scan: for each pattern of its categories, a linear map of its numbers.

A column of a model matrix that is linear in the numbers, x_j = t_0j + sum_k t_kj y_k with t by pattern, needs no rows:
the map is read off a few rows of each pattern, and sums of w, w y_k and w y_k y_l by pattern give every Gram matrix.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError, IdentificationError
from llo_research.numerics.groups import Floats
from llo_research.regression.model_data import ModelData, model_data
from llo_research.scanning.by_passes import domain_of, rows_of
from llo_research.scanning.columns import found_column, series_of
from llo_research.scanning.probing import check_finite
from llo_research.scanning.sums import sorted_rows
from llo_research.scanning.weighed import weighed, weight_now
from llo_research.survey.formulas import formula_columns
from llo_research.survey.survey import Survey

if TYPE_CHECKING:
    from llo_research.scanning.scan import Scan

_TERM = re.compile(r"C\(\s*`?[^`(),]+`?\s*\)|`[^`]+`|[^\W\d]\w*|[\d.]+")
# Numbers of a formula are looked at in the middle of their range too: there a linear map has its mean.
_LINEAR = 1e-9
_MOST_PATTERNS = 2_000_000


@dataclass(frozen=True, eq=False)
class Regressors:
    """A formula on the patterns of a scan.

    scan, text, response : with columns for conditions; the formula; its left-hand side.
    columns : of the formula. keys : (R,) patterns as the engine has them, `patterns` as a Survey has them.
    numbers : (k,) columns that are numbers, the response among them where it is one.
    ends : (k, 3) their least, largest and mean values, the last in the `middle`.
    maps : (R, k + 1, p) by pattern, x_j = maps[0, j] + sum_k maps[k, j] (y_k - middle_k).
    y : (R, k + 1) the response in the same way.
    moments : (R, k + 1, k + 1) sums of w m m' with m = (1, y - middle). rows : (R,)
    data : what the formula makes of a row of each pattern, its numbers in the middle.
    left_out : rows of the domain without a value, by column. since : passes of the scan before this model.
    """

    scan: Scan
    text: str
    response: str
    columns: tuple[str, ...]
    keys: Any
    numbers: tuple[str, ...]
    ends: Floats
    maps: Floats
    y: Floats
    moments: Floats
    rows: Floats
    data: ModelData
    left_out: dict[str, int]
    since: int
    also: tuple[str, ...] = ()

    @property
    def middle(self) -> Floats:
        """(k,) means of the numbers."""
        return self.ends[:, 2]

    @property
    def answers(self) -> Floats:
        """Values of the response: its least and largest where it is a number, those of the patterns else."""
        if self.response in self.numbers:
            return self.ends[self.numbers.index(self.response), :2]
        return self.data.y

    @property
    def mean(self) -> float:
        """The weighted mean of the response."""
        return float((self.moments[:, 0, :] * self.y).sum() / self.moments[:, 0, 0].sum())

    @property
    def kept(self) -> Any:
        """The rows used, in the engine."""
        return rows_of(self.scan, [*self.columns, *self.also])

    def joined(self, numbers: Mapping[str, Floats]) -> Any:
        """The rows used, with the number of their pattern and numbers (R,) of each, named by :func:`beside`."""
        import ibis
        import pyarrow as pa

        table = self.kept
        own = {beside(name): values for name, values in {"pattern": np.arange(len(self.rows)), **numbers}.items()}
        if not self.keys.num_columns:
            return table.mutate(**{name: ibis.literal(values[0].item()) for name, values in own.items()})
        kept = ibis.memtable(pa.table({**{beside(name): self.keys[name] for name in self.keys.column_names}, **own}))
        pattern = [name for name in self.columns if name not in self.numbers]
        return table.inner_join(kept, [table[name] == kept[beside(f"k{i}")] for i, name in enumerate(pattern)])

    @property
    def names(self) -> tuple[str, ...]:
        """(p,) terms."""
        return self.data.names

    @property
    def n(self) -> float:
        """Rows used."""
        return float(self.rows.sum())

    def measures(self, table: Any) -> list[Any]:
        """(k + 1,) the numbers of each row, less their middle, after 1."""
        return [
            1.0,
            *(table[name].cast("float64") - float(at) for name, at in zip(self.numbers, self.middle, strict=True)),
        ]


def beside(name: str) -> str:
    """The name of a column that stands beside those of the data, of which none is called so."""
    return f"({name})"


def regressors_of(scan: Scan, formula: str, also: tuple[str, ...] = ()) -> Regressors:
    """Read a formula on a scan: a pass for the sums by pattern, before it one for the means of numbers, if any.

    also : further columns that must be known.
    """
    since = len(scan._reading.passes)
    scan, text, response = _read(weighed(scan), formula)
    frame = pd.DataFrame(columns=scan.columns)
    names = [found_column(scan._columns, name, "formula").name for name in formula_columns(text, frame)]
    numbers = [name for name in names if scan._columns[name].kind == "number" and scan._columns[name].declared is None]
    pattern = [name for name in names if name not in numbers]
    _check_terms(text, numbers)
    ends, left_out = _ends(scan, names, numbers, also)
    answer = _moments(scan, [*numbers, *also], pattern, numbers, ends[:, 2])
    own = {name: series_of(answer[f"k{i}"], scan._columns[name]) for i, name in enumerate(pattern)}
    frame = pd.DataFrame(own, index=range(len(answer)))
    known = ~frame.isna().any(axis=1).to_numpy() if pattern else np.ones(len(answer), dtype=bool)
    n = answer["n"].to_numpy()
    if not numbers:
        left_out = {name: count for name in pattern if (count := int(n[frame[name].isna().to_numpy()].sum()))}
    _someone(bool((known & (n > 0)).any()))
    _check_levels(frame, known & (n > 0), answer["weighing"].to_numpy() > 0)
    order = sorted_rows(frame) if pattern else np.arange(len(answer))
    order = order[(known & (n > 0))[order]]
    answer, frame = answer.take(order), frame.iloc[order].reset_index(drop=True)
    frame.index = pd.RangeIndex(len(answer))
    data, maps, y = _maps(scan, text, frame, numbers, ends, answer)
    return Regressors(
        scan=scan,
        text=text,
        response=response,
        columns=tuple(names),
        keys=answer.select([f"k{i}" for i in range(len(pattern))]),
        numbers=tuple(numbers),
        ends=ends,
        maps=maps,
        y=y,
        moments=_squared(answer, len(numbers)),
        rows=answer["n"].to_numpy().astype(np.float64),
        data=data,
        left_out=left_out,
        since=since,
        also=also,
    )


def _read(scan: Scan, formula: str) -> tuple[Scan, str, str]:
    """The scan with a column for a condition on the left-hand side, the formula, and what stands on the left."""
    if not isinstance(formula, str) or "~" not in formula or not formula.split("~", 1)[0].strip():
        raise DataError(
            "A model's formula has a response.",
            where="formula",
            found=repr(formula)[:80],
            expected="text as 'training ~ age + C(education)'",
            todo="write the response, a tilde and the regressors; the scan comes second",
        )
    left, right = (part.strip() for part in formula.split("~", 1))
    name = left.replace("`", "")
    scan = scan._with_conditions([name])
    return scan, f"`{name}` ~ {right}", name


def _check_terms(text: str, numbers: list[str]) -> None:
    """Terms are columns, categories C(...), and their products: functions would be taken of patterns, not of rows."""
    left = re.sub(_TERM, "", text.split("~", 1)[1])
    other = re.sub(r"[\s+:*()\-^/]|\*\*", "", left)
    called = re.search(r"(?:[^\W\d][\w.]*)\s*\(", re.sub(r"\bC\(", "", text.split("~", 1)[1]))
    categories = re.findall(r"C\(\s*`?([^`(),]+?)`?\s*\)", text)
    bad = other or (called and called[0]) or next((name for name in categories if name in numbers), "")
    if bad:
        raise DataError(
            "A formula on a scan has columns, C(column), and their products.",
            where=f"formula {text!r}",
            found=bad,
            expected="terms without functions; categories that are no fractions",
            todo="make the column first: scan.assign(name=lambda t: t.hours.ln())",
        )


def _ends(scan: Scan, names: list[str], numbers: list[str], also: tuple[str, ...]) -> tuple[Floats, dict[str, int]]:
    """(k, 3) least, largest and mean value of each number among the rows used; rows without a value, by column."""
    if not numbers:
        return np.zeros((0, 3)), {}
    everyone = rows_of(scan, [])
    used = everyone[[*names, *also][0]].notnull()
    for name in [*names, *also]:
        used &= everyone[name].notnull()
    found = {f"g{i}": everyone[name].isnull().sum() for i, name in enumerate(names)}
    for i, name in enumerate(numbers):
        value = everyone[name].cast("float64")
        found |= {f"l{i}": value.min(where=used), f"h{i}": value.max(where=used), f"m{i}": value.mean(where=used)}
    answer = scan._reading.read(everyone.aggregate(**found), "least, largest and mean values").to_pylist()[0]
    _someone(answer["l0"] is not None)
    ends = np.array([[answer[f"{end}{i}"] for end in "lhm"] for i in range(len(numbers))], dtype=np.float64)
    for name, (low, high, _) in zip(numbers, ends, strict=True):
        check_finite(scan, name, low, high)
    return ends, {name: int(answer[f"g{i}"]) for i, name in enumerate(names) if answer[f"g{i}"]}


def _someone(there: bool) -> None:
    """Refuse an empty domain."""
    if not there:
        raise DataError(
            "No row of the domain has a weight and values for the model.",
            where="the formula",
            todo="check the condition of scan.where and the weights",
        )


def _moments(scan: Scan, known: list[str], pattern: list[str], numbers: list[str], middle: Floats) -> Any:
    """Sums of w m m' by pattern, of the upper triangle; patterns of which nobody is used have n = 0."""
    import pyarrow.compute as pc

    table = domain_of(scan)
    used = weight_now(scan, table) != 0
    weighing = used.cast("int64").max()
    for name in known:
        used &= table[name].notnull()
    weight = used.ifelse(weight_now(scan, table), 0.0)
    keys = {f"k{i}": table[name] for i, name in enumerate(pattern)}
    own = [1.0, *(table[name].cast("float64") - float(at) for name, at in zip(numbers, middle, strict=True))]
    sums = {f"s{a}_{b}": (weight * own[a] * own[b]).sum() for a in range(len(own)) for b in range(a, len(own))}
    sums |= {"n": used.sum(), "least": weight.min(), "weighing": weighing}
    grouped = table.group_by(**keys).agg(**sums) if keys else table.aggregate(**sums)
    answer = scan._reading.read(grouped.limit(_MOST_PATTERNS + 1), "sums by pattern")
    _someone(len(answer) > 0)
    if len(answer) > _MOST_PATTERNS:
        raise DataError(
            "The columns of the formula make too many patterns to keep.",
            where="the formula",
            found=f"more than {_MOST_PATTERNS:,}",
            todo="make classes of columns with many values, or make fractions of them: scan.assign(age=lambda t: "
            "t.age.cast('float64'))",
        )
    if pc.min(answer["least"]).as_py() < 0:
        raise DataError("Some weights are negative, for which a model has no meaning.", where="weights")
    return answer


def _check_levels(frame: pd.DataFrame, used: np.ndarray, weighing: np.ndarray) -> None:
    """A level that people of the domain have, none of them with a weight, would vanish in silence."""
    for name in frame.columns:
        if pd.api.types.is_numeric_dtype(frame[name]) or used.all():
            continue
        gone = frame.loc[~frame[name].isin(frame.loc[used | weighing, name]) & frame[name].notna(), name]
        if len(gone):
            raise IdentificationError(
                "A level has no row with a weight: its coefficient cannot be estimated.",
                where=f"column {name!r}",
                found=", ".join(repr(level) for level in gone.drop_duplicates()[:6]),
                expected="levels of which somebody has a weight",
                todo=f'leave the level out of the domain, as scan.where("{name} != {gone.iloc[0]!r}")',
            )


def _squared(answer: Any, k: int) -> Floats:
    """(R, k + 1, k + 1) the symmetric matrices of an answer."""
    out = np.empty((len(answer), k + 1, k + 1))
    for a in range(k + 1):
        for b in range(a, k + 1):
            out[:, a, b] = out[:, b, a] = answer[f"s{a}_{b}"].to_numpy().astype(np.float64)
    return out


def _maps(
    scan: Scan, text: str, frame: pd.DataFrame, numbers: list[str], ends: Floats, answer: Any
) -> tuple[ModelData, Floats, Floats]:
    """The formula on a row of each pattern in the middle, and its maps, read off rows at the ends of each number."""
    r, k = len(frame), len(numbers)
    spread = np.where(ends[:, 1] > ends[:, 0], ends[:, 1] - ends[:, 0], 1.0)
    points = np.vstack(
        [ends[:, 2], *(ends[:, 2] + np.eye(k)[i] * spread[i] for i in range(k)), ends[:, 2] + spread / 2]
    )
    copies = [frame.assign(**dict(zip(numbers, point, strict=True))) for point in points]
    weights = np.tile(answer["s0_0"].to_numpy().astype(np.float64), len(points))
    whole = pd.concat(copies, ignore_index=True).assign(**{"weight of the pattern": weights})
    made = model_data(text, Survey(whole, weights="weight of the pattern", labels=scan._labels))
    x, y = made.x.reshape(len(points), r, -1), made.y.reshape(len(points), r)
    both = np.concatenate([x, y[:, :, None]], axis=2)
    at = np.stack([both[0], *((both[i + 1] - both[0]) / spread[i] for i in range(k))], axis=1)
    told = at[:, 0] + np.einsum("k,rkp->rp", spread / 2, at[:, 1:]) if k else both[0]
    size = np.abs(both).max(axis=(0, 1))
    if k and (np.abs(told - both[-1]) > _LINEAR * size).any():
        raise DataError(
            "A term is not linear in a number.",
            where=f"formula {text!r}",
            expected="products of a number with categories, not of two numbers",
            todo="make the product a column: scan.assign(both=lambda t: t.hours * t.age)",
        )
    first = Survey(copies[0].assign(**{"weight of the pattern": weights[:r]}), weights="weight of the pattern")
    return model_data(text, first) if r > 1 else made, at[:, :, :-1], at[:, :, -1]
