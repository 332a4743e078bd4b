"""What was made of a result, as scripts and receipts read it: ranks, a test, a meta-analysis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from llo_research.results.receipts.told import Told, told_of, told_of_rows

if TYPE_CHECKING:
    from llo_research.results.result import Result


@dataclass(frozen=True)
class MadeOf:
    """Something that was made of one result.

    kind : what was made. call : how, with ``{}`` in the place of the call of the result. asked : what else its script
    needs. result : None of a comparison of two models, of which `meta` tells what a result would.
    """

    kind: str
    call: str
    asked: Mapping[str, Any] = field(default_factory=dict)
    result: Result | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def told(self) -> Told:
        """What the result tells, and the call around it."""
        if self.result is None:
            return replace(told_of_rows(pd.DataFrame(index=range(1)), self.meta), around=self.call)
        return replace(told_of(self.result), around=self.call)
