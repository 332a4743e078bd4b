"""Which numbers of a result may not leave a secure environment, and why."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from llo_research.report.disclosure.decided import decide
from llo_research.results.result import Result


def check_disclosure(result: Result | Mapping[str, Result], profile: str | Path = "cbs") -> pd.DataFrame:
    """The rows of results that may not leave a secure environment, and why."""
    decision = decide({"result": result} if isinstance(result, Result) else result, profile)
    frame = decision.findings.drop(columns="row")
    if isinstance(result, Result):
        frame = frame.drop(columns="result")
    frame.attrs |= {"profile": decision.profile.name, "confirmed": decision.profile.confirmed or "unconfirmed"}
    if not decision.profile.confirmed:
        print(f"profile {decision.profile.name}: unconfirmed")
    return frame
