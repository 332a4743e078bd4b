"""What measures of inequality have in common: the people, the estimates of the parts, and the result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.decomposition.parts import TOTAL, check_sum
from llo_research.errors import DataError
from llo_research.numerics.groups import Codes, Floats, group_maxima, group_sums
from llo_research.results.decomposition import Decomposition, decomposition_of
from llo_research.results.estimates import Estimates
from llo_research.results.facts import counted

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey


@dataclass(frozen=True, eq=False)
class Spread:
    """The parts of a measure.

    codes : (n,) group of each row of the survey, `number` for those not used. values : (n,) the amount, 0 for these.
    estimates : of the rows, whose components and terms are told. told : for `.meta`.
    """

    svy: Survey
    codes: Codes
    number: int
    values: Floats
    estimates: Estimates
    components: tuple[str, ...]
    terms: tuple[str, ...]
    left_out: dict[str, int]
    told: dict[str, Any]

    def result(self, call: dict[str, Any], level: float) -> Decomposition:
        """The parts as a result; those that do not add up raise."""
        value, k, used = self.estimates.value, len(self.components), self.codes < self.number
        parts = [i for i in range(1, k) if self.terms[i] == TOTAL]
        if parts:
            check_sum(value[:1], value[None, parts], [""], "components", np.ones(1))
        svy = self.svy
        meta = {"call": call, **svy._meta(), "by": [], "left_out": self.left_out, "base_levels": {}, **self.told}
        meta["lines"] = [list(line) for line in zip(self.components, self.terms, strict=True)]
        names = [call["variable"], call["rank"], *np.atleast_1d(call["by"] if call["by"] is not None else [])]
        meta["labels"] = {name: text for name, text in svy.labels.items() if name in names}
        return decomposition_of(
            self.estimates,
            pd.DataFrame({"term": self.terms, "component": self.components, "measure": call["measure"]}),
            svy.design,
            meta,
            unit="number",
            level=level,
            n=np.full(k, float(svy._count(used))),
            cells=pd.DataFrame([self._facts()] * k) if svy.design.stands is None else counted([svy._count(used)] * k),
            by=[],
            whole=np.zeros(k, dtype=np.intp),
            outcome=np.ones(k),
        )

    def _facts(self) -> dict[str, float]:
        """Counts for disclosure control: those of the smallest group."""
        used = np.flatnonzero(self.codes < self.number)
        codes, sizes = self.codes[used], self.svy._weights[used] * np.abs(self.values[used])
        counts = np.bincount(codes, minlength=self.number)
        stages = self.svy.design.stages
        unit = used if not stages or stages[0].unit is None else stages[0].unit[used]
        pairs = np.unique(codes * (int(unit.max()) + 1) + unit) // (int(unit.max()) + 1)
        some = np.bincount(codes, weights=self.values[used] != 0, minlength=self.number)
        totals = group_sums(codes, sizes, self.number)
        largest = group_maxima(codes, sizes, self.number) / np.where(totals > 0, totals, 1.0)
        share = bool(np.isin(self.values[used], (0.0, 1.0)).all())
        return {
            "n": float(counts.min()),
            "n_units": float(np.bincount(pairs, minlength=self.number).min()),
            "n_nonzero": float(some.min()) if share else float(counts.min()),
            "n_complement": float((counts - some).min()) if share else float(counts.min()),
            "largest_share": float(largest.max()),
        }


def check_amounts(y: Floats, variable: str) -> None:
    """Amounts of which a measure can speak."""
    if y.min() < 0 or y.max() <= 0:
        raise DataError(
            "Inequality is of amounts that are not negative, of which some are above zero.",
            where=f"variable {variable!r}",
            found=f"from {y.min():g} to {y.max():g}",
            todo="leave out what is no amount with svy.where(...)",
        )


def check_someone(rows: Codes, variable: str) -> None:
    """At least one person."""
    if not len(rows):
        raise DataError(
            "Nobody has a value.",
            where=f"variable {variable!r}",
            found="no row of the domain with a weight",
            todo="check the domain of svy.where, and missing values",
        )
