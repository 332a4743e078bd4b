"""How an estimate would change with what was left out of its model."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.results import floors
from llo_research.results.receipts.made_of import MadeOf
from llo_research.results.retold import RetoldAround
from llo_research.results.rules import AUTO

if TYPE_CHECKING:
    from llo_research.results.result import Result


@dataclass(frozen=True, eq=False, repr=False)
class Sensitivity(RetoldAround):
    """How an estimate would change with what is omitted; made by ``llo.panel.omitted_variable_bias``.

    frame : one row a number, with `measure`, `term` (the benchmark), `times` and `estimate`.
    meta : of the model, with `treatment` and `benchmark`.
    rows, facts : what identifies each coefficient of the model, and the counts behind it. of : the model.
    """

    frame: pd.DataFrame
    meta: dict[str, Any] = field(default_factory=dict)
    rows: pd.DataFrame = field(default_factory=pd.DataFrame)
    facts: pd.DataFrame = field(default_factory=pd.DataFrame)
    of: Result | None = None

    def _made_of(self) -> MadeOf:
        call = f"llo.panel.omitted_variable_bias({{}}, treatment={self.meta['treatment']!r}, ...)"
        shown = list(zip(self.frame["measure"], self.frame["term"], strict=True))
        return MadeOf("omitted_variable_bias", call, {**self.meta["places"], "shown": shown}, self.of)

    def to_frame(self) -> pd.DataFrame:
        """The numbers: `measure`, `term`, `times`, `estimate`."""
        return self.frame.copy()

    def withheld(self, disclosure: str = AUTO) -> floors.Withheld | None:
        """All rows where a coefficient of the model may not be seen: the others and the fit would tell it."""
        hidden = floors.withheld_rows(self.rows, self.facts, self.meta, disclosure)
        if hidden is None:
            return None
        rows = np.full(len(self.frame), bool(hidden))
        none = np.zeros(len(rows), dtype=bool)
        counts = ((floors.HIDDEN if hidden else ""),) * len(rows)
        return replace(hidden, rows=rows, ends=none, rest=none, counts=counts)

    def seen(self, disclosure: str = AUTO) -> pd.DataFrame:
        """The numbers as they may be seen."""
        return floors.blanked(self.frame, self.withheld(disclosure))

    def summary(self) -> str:
        """The numbers as text."""
        head = f"omitted_variable_bias(treatment={self.meta['treatment']!r}) of {self.meta['formula']}"
        return "\n".join([head, *self._marks(), "", self.seen().round(4).to_string(index=False)])

    def _marks(self) -> list[str]:
        """What is said of the data."""
        hidden = self.withheld()
        synthetic = self.meta.get("synthetic") or (self.meta.get("source") or {}).get("synthetic")
        return ["SYNTHETIC DATA: shows method, not the population"] * bool(synthetic) + (
            [hidden.note("en")] if hidden else []
        )

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        told = "".join(f"<p>{escape(mark)}</p>" for mark in self._marks())
        return told + str(self.seen().round(4).to_html(index=False))
