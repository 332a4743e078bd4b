"""The result of a test: a statistic, its degrees of freedom and its p-value, one row for each cell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.numerics.groups import Floats
from llo_research.results import floors
from llo_research.results.columns import rounded
from llo_research.results.receipts.made_of import MadeOf
from llo_research.results.retold import RetoldAround

if TYPE_CHECKING:
    from llo_research.results.result import Result


@dataclass(frozen=True, repr=False, eq=False)
class HypothesisTest(RetoldAround):
    """A test of one hypothesis, or of the same one in each cell of `by`.

    Attributes
    ----------
    rows : DataFrame
        The cells (K rows; no columns without `by`).
    statistics, dfs, df_denominators, p_values : (K,) arrays
        ``df_denominator`` is infinite for a chi-square test.
    details : DataFrame
        Further columns of :meth:`to_frame` (K rows): ``n``, ``deff``, ``flag``.
    meta : dict
        What was tested, of which data.
    tested : tuple, optional
        Of a test of coefficients: the rows of the model, the counts behind them, and (k,) which of them were tested.
    of : Result, optional
        The model or table that was tested, from which receipts and scripts are written; none of Hausman's own
        comparison, which is one of two models.
    """

    rows: pd.DataFrame
    statistics: Floats
    dfs: Floats
    df_denominators: Floats
    p_values: Floats
    details: pd.DataFrame
    meta: dict[str, Any]
    tested: tuple[pd.DataFrame, pd.DataFrame, np.ndarray] | None = None
    of: Result | None = None

    @property
    def statistic(self) -> Any:
        """The test statistic; an array with `by`."""
        return _single(self.statistics)

    @property
    def df(self) -> Any:
        """Degrees of freedom (of the numerator)."""
        return _single(self.dfs)

    @property
    def df_denominator(self) -> Any:
        """Degrees of freedom of the denominator."""
        return _single(self.df_denominators)

    @property
    def p_value(self) -> Any:
        """Probability of a statistic at least as large if the hypothesis holds."""
        return _single(self.p_values)

    def to_frame(self) -> pd.DataFrame:
        """One row for each cell: `statistic`, `df`, `df_denominator`, `p_value`, `n`, `deff`, `flag`."""
        frame = self.rows.reset_index(drop=True).copy()
        frame["statistic"], frame["df"] = self.statistics, self.dfs
        frame["df_denominator"], frame["p_value"] = self.df_denominators, self.p_values
        return pd.concat([frame, self.details.reset_index(drop=True)], axis=1)

    def _made_of(self) -> MadeOf:
        test, restrictions = str(self.meta["test"]), self.meta.get("restrictions") or self.meta.get("unit_means")
        if self.of is None:
            call = f"llo.panel.hausman({self.meta['call']['formula']!r}, svy, robust=False)"
            return MadeOf("hausman", call, meta=self.meta)
        if test == "hausman":
            call = "{}  # its unit means are tested, as llo.panel.hausman does"
        else:
            told = f"{self.meta['hypothesis']!r}, method={test!r}" if "restrictions" in self.meta else repr(test)
            call = f"{{}}.test({told})"
        asked = {"test": test, "restrictions": restrictions, "rows": self.rows}
        return MadeOf("test" if restrictions else "independence", call, asked, self.of)

    def withheld(self, disclosure: str = "auto") -> floors.Withheld | None:
        """The tests that may not be seen, because of the people they rest on; None where all may."""
        if self.tested is not None:
            return self._of_coefficients(*self.tested, disclosure)
        frame = self.to_frame()
        frame.attrs.update(self.meta)
        alone = floors.withheld(frame, disclosure)
        return (
            alone if alone is None or self.of is None else self._of_cells(alone, floors.withheld(self.of, disclosure))
        )

    def _of_cells(self, alone: floors.Withheld, cells: floors.Withheld | None) -> floors.Withheld:
        """The tests of tables are hidden with any cell of them: of a table but for one number they tell that number."""
        if self.of is None or cells is None or not cells.rows.any():
            return alone
        by = list(self.rows.columns)
        lost = {tuple(map(str, row)) for row in self.of.rows.loc[cells.rows, by].to_numpy(dtype=object).tolist()}
        own = [tuple(map(str, row)) for row in self.rows.to_numpy(dtype=object).tolist()]
        gone = alone.rows | np.array([one in lost for one in own], dtype=bool)
        marks = [mark or (floors.HIDDEN if out else "") for mark, out in zip(alone.counts, gone, strict=True)]
        return replace(alone, rows=gone, counts=tuple(marks), ends=alone.ends & ~gone)

    def _of_coefficients(
        self, rows: pd.DataFrame, facts: pd.DataFrame, used: np.ndarray, disclosure: str
    ) -> floors.Withheld | None:
        """The test is hidden with any coefficient in it: two tests of one coefficient give it and its error."""
        hidden = floors.withheld_rows(rows, facts, self.meta, disclosure)
        if hidden is None:
            return None
        gone, none = np.array([bool((hidden.rows & used).any())]), np.zeros(1, dtype=bool)
        return replace(hidden, rows=gone, counts=(floors.HIDDEN if gone[0] else "",), ends=none, rest=none)

    def summary(self) -> str:
        """What was tested, and the outcome."""
        lines = [f"test({self.meta.get('test')!r}) of {self.meta.get('hypothesis')}"]
        if self.meta.get("synthetic"):
            lines.append("SYNTHETIC DATA: shows method, not the population")
        hidden = self.withheld()
        shown = floors.for_reading(rounded(floors.blanked(self.to_frame(), hidden)), hidden)
        return "\n".join([*lines, "", shown.to_string(index=False), *(["", hidden.note("en")] if hidden else [])])

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        note = "<p><strong>Synthetic data</strong></p>" if self.meta.get("synthetic") else ""
        hidden = self.withheld()
        shown = floors.for_reading(rounded(floors.blanked(self.to_frame(), hidden)), hidden)
        return note + str(shown.to_html(index=False)) + (f"<p>{escape(hidden.note('en'))}</p>" if hidden else "")


def _single(values: Floats) -> Any:
    """A number where there is one row, the array otherwise."""
    return float(values[0]) if len(values) == 1 else np.asarray(values)
