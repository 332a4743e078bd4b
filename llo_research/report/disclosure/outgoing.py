"""One result that leaves, as its safe file and as the table that people read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from llo_research.report.disclosure.passing import Passing
from llo_research.results.exported import rows_of_export
from llo_research.results.result import Result
from llo_research.results.saved import rebuilt
from llo_research.results.storage import data_of


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
            if pd.api.types.is_integer_dtype(frame[name]) and name in ("n", "rank"):
                frame[name] = frame[name].astype("Int64").mask(gone)
        frame["withheld"] = np.where(gone, "yes", "")
        return frame.assign(data=data_of(outside))
