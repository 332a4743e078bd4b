"""Formulas in blocks of rows: their columns are fixed once for all rows, and no matrix of all rows is made.

Levels of categories and what functions such as ``scale`` and ``poly`` learn from the data come from all complete rows,
factor by factor; then any rows can be asked for. :func:`llo_research.survey.formulas.matrices` gives the same numbers
at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.numerics.groups import Codes, Floats, group_sums
from llo_research.survey.exact import exact
from llo_research.survey.formulas import _bases, _columns_of, _parsed, _unreadable, formulaic
from llo_research.survey.variables import Variable, variable

if TYPE_CHECKING:
    from formulaic import ModelSpec

# A block holds at most this many numbers (16 MB).
_PIECE = 2_000_000
# Terms are looked at in so many rows alone, to see whether they look at others.
_LOOKED_AT = 40
# What these rows alone give is what all rows give, to rounding.
_SAME = 1e-9


@dataclass(frozen=True, eq=False)
class RowBlock:
    """Some rows of a formula.

    rows : (m,) their positions in the data, ascending. x : (m, p) right-hand side. y : (m,) left-hand side, or None.
    """

    rows: Codes
    x: Floats
    y: Floats | None


@dataclass(frozen=True, eq=False)
class FormulaBlocks:
    """A formula whose columns are fixed and whose rows come in blocks.

    names : (p,) formulaic's names of the right-hand columns. terms : the columns of each term, by its name.
    base : the base level of each category, the first declared one that occurs. complete : (n,) rows without a missing
    value. missing : number of rows with a missing value, by column of the data. response : name of the left-hand
    side, None without.
    """

    names: tuple[str, ...]
    terms: dict[str, slice]
    base: dict[str, Any]
    complete: np.ndarray
    missing: dict[str, int]
    response: str | None
    text: str
    _variables: tuple[Variable, ...]
    _levels: dict[str, Codes]
    _right: ModelSpec
    _left: ModelSpec | None

    def blocks(self, rows: np.ndarray | None = None, length: int | None = None) -> Iterator[RowBlock]:
        """The complete rows (of a mask), in order, in blocks of a bounded size (or of `length` rows).

        Raises
        ------
        DataError
            A term that is not a number for some row, which is named.
        """
        places = np.flatnonzero(self.complete if rows is None else self.complete & rows)
        step = max(1, _PIECE // max(len(self.names), 1)) if length is None else length
        for start in range(0, len(places), step):
            own = places[start : start + step]
            inside = _inside(self._variables, own, self._levels)
            x = _numbers(self._right, inside, own, self.text)
            y = None if self._left is None else _numbers(self._left, inside, own, self.text)[:, 0]
            yield RowBlock(own, x, y)

    def support(self, codes: Codes, number: int) -> Floats:
        """(number, p) in how many complete rows of each group a column is not 0; code ``number`` is in no group.

        A category that is empty in a group, or a column that is always 0 there, has no support.
        """
        out = np.zeros((number, len(self.names)))
        for block in self.blocks():
            out += group_sums(codes[block.rows], (block.x != 0).astype(np.float64), number)
        return out


def formula_blocks(formula: str, frame: pd.DataFrame, rows: np.ndarray | None = None) -> FormulaBlocks:
    """A formula over the union of all groups, ``"y ~ x + C(group)"`` or ``"~ x"``, ready to give blocks of rows.

    Parameters
    ----------
    formula : str
        In formulaic's grammar, with at most one column on the left. Names that are not Python names stand in backticks.
    frame : DataFrame
        The data; text is a category with sorted levels, a categorical keeps its declared ones that occur.
    rows : (n,) mask, optional
        The rows that matter, of all groups together.

    Raises
    ------
    DataError
        No text, a formula that cannot be read, unknown columns, no complete row, a left-hand side of several columns, a
        term that looks at other rows (as ``lag(x)``), which blocks would cut.
    """
    parsed = _parsed(formula)
    several = hasattr(parsed, "rhs") or hasattr(parsed, "lhs")
    right, left = (parsed.rhs, getattr(parsed, "lhs", None)) if several else (parsed, None)
    where = f"formula {formula!r}"
    if isinstance(right, tuple) or isinstance(left, tuple):
        raise DataError("The formula has several parts (|) where one is expected.", where=where)
    used = np.ones(len(frame), dtype=bool) if rows is None else rows
    names = sorted({name for side in (left, right) if side is not None for name in _columns_of(side, frame)})
    found = tuple(variable(frame, name, where) for name in names)
    gone = {v.name: v.missing & used for v in found}
    complete = used & ~np.logical_or.reduce([*gone.values(), np.zeros(len(frame), dtype=bool)])
    missing = {name: int(mask.sum()) for name, mask in gone.items() if mask.any()}
    if not complete.any():
        raise DataError("No row has values for all variables of the formula.", where=where, found=missing)
    levels, places = _levels(found, complete), np.flatnonzero(complete)
    own, other = (None if side is None else _frozen(side, found, places, levels, formula) for side in (right, left))
    assert own is not None
    if other is not None and len(other.column_names) != 1:
        raise DataError(
            "The left-hand side is not one column.",
            where=where,
            found=", ".join(map(str, other.column_names[:8])),
            expected="a number, or a condition that is true or false",
        )
    return FormulaBlocks(
        tuple(str(name) for name in own.column_names),
        {str(term): place for term, place in own.term_slices.items()},
        _bases(own),
        complete,
        missing,
        None if other is None else str(other.column_names[0]),
        formula,
        found,
        levels,
        own,
        other,
    )


def _levels(found: tuple[Variable, ...], complete: np.ndarray) -> dict[str, Codes]:
    """The levels of each category that occur, by their numbers, in declared order."""
    return {
        v.name: np.flatnonzero(np.bincount(v.codes[complete], minlength=len(v.levels)))
        for v in found
        if v.kind == "category"
    }


def _values(found: Variable, own: Codes, levels: dict[str, Codes]) -> Any:
    """A variable at these rows as formulaic should see it: numbers, or a category with the levels that occur."""
    if found.kind == "category":
        kept = levels[found.name]
        place = np.full(len(found.levels), -1, dtype=np.intp)
        place[kept] = np.arange(len(kept))
        names = pd.Index([found.levels[level] for level in kept], dtype=object)
        return pd.Categorical.from_codes(place[found.codes[own]], categories=names)
    if found.kind == "number" and pd.api.types.is_integer_dtype(found.series.dtype):
        return exact(found.series.iloc[own]).values
    return found.values[own]


def _inside(found: tuple[Variable, ...], own: Codes, levels: dict[str, Codes]) -> pd.DataFrame:
    """Variables at these rows."""
    return pd.DataFrame({v.name: _values(v, own, levels) for v in found}, index=range(len(own)))


def _frozen(side: Any, found: tuple[Variable, ...], places: Codes, levels: dict[str, Codes], formula: str) -> ModelSpec:
    """One side with its columns fixed: what each factor learns from all rows, then the structure from one row."""
    encoders: dict[str, Any] = {}
    transforms: dict[str, Any] = {}
    some = places[np.unique(np.linspace(0, len(places) - 1, min(_LOOKED_AT, len(places))).astype(np.intp))]
    nothing = pd.DataFrame(columns=[v.name for v in found])
    try:
        with np.errstate(all="ignore"):
            for factor in {factor.expr: factor for term in side for factor in term.factors}.values():
                if str(factor.eval_method.value) == "literal":
                    continue
                alone = formulaic.SimpleFormula([formulaic.parser.types.Term([factor])])
                names = _columns_of(alone, nothing)
                own = tuple(v for v in found if v.name in names)
                # a column by itself learns nothing from its rows: a category brings its levels
                rows = places if str(factor.eval_method.value) == "python" else some
                made = alone.get_model_matrix(
                    _inside(own, rows, levels), na_action="ignore", output="sparse", context={}
                )
                encoders.update(made.model_spec.encoder_state)
                transforms.update(made.model_spec.transform_state)
                few = made.model_spec.get_model_matrix(_inside(own, some, levels), context={})
                _check_alone(made[np.searchsorted(rows, some)], few, factor.expr, formula)
            whole = formulaic.ModelSpec(
                formula=side, na_action="ignore", output="numpy", encoder_state=encoders, transform_state=transforms
            )
            return whole.get_model_matrix(_inside(found, some[:1], levels), context={}).model_spec
    except (formulaic.errors.FormulaicError, ValueError, TypeError, NameError, SyntaxError, KeyError) as error:
        raise _unreadable(formula, error) from None


def _check_alone(whole: Any, few: Any, factor: str, formula: str) -> None:
    """A factor that is another number when other rows are not there cannot be made in blocks."""
    one, other = whole.toarray(), few.toarray()
    if one.shape == other.shape and np.allclose(one, other, rtol=_SAME, atol=_SAME, equal_nan=True):
        return
    raise DataError(
        "A term looks at other rows, which blocks of rows would cut.",
        where=f"formula {formula!r}, {factor!r}",
        expected="functions of a row, or those that remember what they learned (scale, center, poly, bs, C)",
        todo="make a column of it first: svy.assign(...)",
    )


def _numbers(spec: ModelSpec, inside: pd.DataFrame, own: Codes, formula: str) -> Floats:
    """The columns at these rows, all numbers."""
    try:
        with np.errstate(all="ignore"):
            numbers = np.asarray(spec.get_model_matrix(inside, context={}), dtype=np.float64)
    except (formulaic.errors.FormulaicError, ValueError, TypeError, NameError, KeyError) as error:
        raise _unreadable(formula, error) from None
    wrong = ~np.isfinite(numbers)
    if wrong.any():
        j = int(wrong.any(axis=0).argmax())
        raise DataError(
            "A term of the formula is not a number for some rows.",
            where=f"formula {formula!r}, term {str(spec.column_names[j])!r}",
            found=f"row {int(own[wrong[:, j].argmax()])} is the first",
            todo="restrict the domain, or change the term (a logarithm of 0 is infinite)",
        )
    return numbers
