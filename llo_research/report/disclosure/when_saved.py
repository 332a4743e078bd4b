"""What each of the library's profiles holds of a result, found while it is known who stands behind it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from llo_research.report.disclosure.decided import decide
from llo_research.results.result import Result

_PROFILES = ("cbs", "publication", "strict")


def checked(result: Result) -> list[dict[str, Any]]:
    """By profile its rules, the rules that rows break, and rows of which errors or digits tell of few."""
    out = []
    for profile in _PROFILES:
        found = decide({"result": result}, profile)
        own = found.covariances["result"]
        broken = found.findings[["row", "rule", "found", "limit"]].itertuples(index=False, name=None)
        rows = [[int(row), str(rule), float(value), float(limit)] for row, rule, value, limit in broken]
        out.append({"rules": asdict(found.rules["result"]), "rows": rows, "ends": own.ends, "coarse": own.coarse})
    return out
