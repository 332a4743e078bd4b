"""One result that leaves, as its safe file and as the table that people read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from llo_research.report.disclosure.digits import ERROR, significant, to_part
from llo_research.report.disclosure.passing import Passing
from llo_research.results.exported import rows_of_export
from llo_research.results.result import Result
from llo_research.results.saved import rebuilt
from llo_research.results.storage import data_of

_ENDS = ("conf_low", "conf_high")
_MADE = (*_ENDS, "statistic", "p_value", "p_adjusted", "cv", "share_of_gap")
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?%?")


@dataclass(frozen=True)
class Outgoing:
    """What leaves of one result.

    name : of its files. result : the result, inside. passing : which of its rows leave. told : the safe file.
    """

    name: str
    result: Result
    passing: Passing
    told: Mapping[str, Any]

    def table(self) -> pd.DataFrame:
        """What people read: the numbers of the safe file and nothing else, with a mark for what is withheld."""
        outside = rebuilt(dict(self.told))
        frame = outside.to_frame()
        gone = rows_of_export(outside.meta, "withheld", len(frame))
        for name in frame.columns:
            if name in ("n", "rank") and is_numeric_dtype(frame[name]) and not (frame[name] % 1 > 0).any():
                frame[name] = frame[name].mask(gone).astype("Int64")
        for name in frame.columns.intersection(list(_MADE)):  # of numbers that were rounded: more digits say nothing
            own, error = (frame[column].to_numpy(np.float64) for column in (name, "std_error"))
            frame[name] = to_part(own, error) if name in _ENDS else significant(own, ERROR)
        frame["withheld"] = np.where(gone, "yes", "")
        return as_text(frame.assign(data=data_of(outside)))


def as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """A table whose texts no spreadsheet takes for a formula: those that begin like one get an apostrophe before it."""
    out = {name: values if is_numeric_dtype(values) else values.map(_told) for name, values in frame.items()}
    return pd.DataFrame(out, index=frame.index).rename(columns=_told)


def _told(value: Any) -> Any:
    """A text as text."""
    return f"'{value}" if isinstance(value, str) and is_formula(value) else value


def is_formula(text: str) -> bool:
    """Whether a spreadsheet could take it for one; a number with a sign is none."""
    return bool(text) and text[0] in "=+-@\t\r" and not _NUMBER.fullmatch(text)
