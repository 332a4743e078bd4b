"""The weights of a scan as they are after its weighting steps, as a column of the rows.

The factor g of a calibration depends on the columns that it speaks of, and on nothing else: it is found on collapsed
rows, one for each pattern of these columns, and joined to the rows where the data lie.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.errors import DesignError
from llo_research.numerics.groups import Floats
from llo_research.scanning.columns import series_of
from llo_research.scanning.held import Held
from llo_research.scanning.probing import weight_of
from llo_research.survey.survey import Survey

if TYPE_CHECKING:
    from llo_research.scanning.scan import Scan

CURRENT = "(weight after steps)"
_KEY = "(margin {})"
# Factors of one pattern differ by rounding.
_SAME = 1e-9


def weight_now(scan: Held, table: Any) -> Any:
    """The weights after the steps of a scan that was :func:`weighed`; those of the file where it has none."""
    return table[CURRENT] if CURRENT in table.columns else weight_of(scan, table)


def step_columns(scan: Held) -> list[str]:
    """The columns that the weighting steps speak of."""
    return list(dict.fromkeys(name for step in scan._steps for name in step.columns))


def weighed(scan: Scan) -> Scan:
    """The scan with a column of the current weights: one pass for the steps, one for the patterns of their columns."""
    names = step_columns(scan)
    if not names or CURRENT in scan._table.columns:
        return scan
    import ibis

    svy, table = scan._with(domain=())._collapsed({}, {}, ()), scan._table
    keys = {_KEY.format(i): table[name] for i, name in enumerate(names)}
    answer = scan._reading.read(table.select(**keys).distinct(), "patterns of the weighting steps")
    there = {name: series_of(answer[_KEY.format(i)], scan._columns[name]) for i, name in enumerate(names)}
    kept = ibis.memtable(answer.append_column(CURRENT, [_factors(svy, names, pd.DataFrame(there))]))
    table = table.left_join(kept, [table[name].identical_to(kept[key]) for key, name in zip(keys, names, strict=True)])
    weight = weight_of(scan, table)
    current = (weight == 0).ifelse(0.0, weight * table[CURRENT])
    return scan._with(table=table.drop(*keys).mutate(**{CURRENT: current}))


def _factors(svy: Survey, names: list[str], patterns: pd.DataFrame) -> Floats:
    """(R,) current weight over base weight in each pattern; nan where nobody has a weight, so that no sum hides it."""
    weighing = np.flatnonzero(svy._base_weights != 0)
    g = svy._weights[weighing] / svy._base_weights[weighing]
    own = svy._frame[names].iloc[weighing].astype(object).assign(**{CURRENT: g})
    found = own.groupby(names, dropna=False, sort=False, observed=True)[CURRENT].agg(["min", "max"]).reset_index()
    if (found["max"] - found["min"] > _SAME * found["max"].abs()).any():
        raise DesignError(
            "The factors of a weighting step differ among people of one pattern of its columns.",
            where="the weighting steps of the scan",
            found=f"columns {', '.join(names)}",
            todo="take a step whose factors are those of its margins, or collapse the scan for estimates of patterns",
        )
    whole = patterns.astype(object).merge(found, on=names, how="left", validate="one_to_one")
    return np.asarray(whole["min"].to_numpy(dtype=np.float64))
