"""What of a set of results may leave together, and what may not and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.results.floors import facts_of, withheld
from llo_research.results.result import Result
from llo_research.results.rules import Profile, Rules, check_profile, rules_for


@dataclass(frozen=True)
class Decision:
    """What may leave of results that leave together.

    hidden : by name of the result, (k,) rows that may not leave.
    findings : the frame of :func:`check_disclosure`, one row for each rule that a row breaks.
    profile : the profile.
    rules : by name of the result, the rules that held for it.
    facts : by name of the result, the unweighted counts behind each row; they stay inside.
    statements : the sets of persons whose counts leave, as a linear system; None where no result tells its rows.
    checked : what could not be checked, in words.
    """

    hidden: Mapping[str, np.ndarray]
    findings: pd.DataFrame
    profile: Profile
    rules: Mapping[str, Rules]
    facts: Mapping[str, pd.DataFrame]
    statements: Any = None
    checked: tuple[str, ...] = ()


def decide(
    results: Mapping[str, Result], profile: str | Path = "cbs", *, left_before: Mapping[str, Result] | None = None
) -> Decision:
    """What of these results may leave together, beside what left before."""
    parts = checked_results(results)
    chosen = check_profile(profile)
    hidden, facts, rules, found = {}, {}, {}, []
    for name, result in parts.items():
        gone = withheld(result, str(profile))
        assert gone is not None
        rules[name], facts[name] = rules_for(result.meta.get("source"), chosen), facts_of(result)
        hidden[name] = gone.rows | gone.ends
        for i in np.flatnonzero(hidden[name]):
            own = {str(key): value for key, value in result.rows.iloc[i].items()}
            found.append({"result": name, "row": i, **own, "rule": "few", "found": facts[name]["n_units"].iloc[i]})
    columns = ["result", "row", "rule", "found", "limit", "why"]
    frame = pd.DataFrame(found).reindex(columns=[*dict.fromkeys([*(pd.DataFrame(found).columns), *columns])])
    return Decision(hidden, frame, chosen, rules, facts)


def checked_results(results: Any) -> dict[str, Result]:
    """A mapping of names to results; a single result has the name ``result``."""
    parts = {"result": results} if isinstance(results, Result) else results
    if not isinstance(parts, Mapping) or not parts or not all(isinstance(r, Result) for r in parts.values()):
        raise DataError(
            "What leaves is told by results.",
            where="check_disclosure",
            found=f"a {type(results).__name__}",
            expected="a Result, or a mapping of names to results",
            todo="llo.report.check_disclosure({'training': result}); a frame does not tell whom its numbers rest on",
        )
    return {str(name): result for name, result in parts.items()}
