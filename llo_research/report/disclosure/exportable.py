"""What can leave as a safe file, and of what else the result behind it must be handed over."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from llo_research.errors import DataError
from llo_research.results.exported import is_exported
from llo_research.results.result import Result
from llo_research.results.side_by_side import SideBySide

# what is made of results, and what to do instead, by the name of its type
_INSTEAD = {
    "HypothesisTest": "export the model or table that was tested; outside, .test(...) of it gives the same test",
    "Ranks": "export the result that was ranked; outside, llo.ranks(...) of it gives the same",
    "MetaAnalysis": "export the result that was pooled; outside, llo.meta_analysis(...) of it gives the same",
    "BreakRobustness": "export the change; outside, llo.break_robustness(...) of it gives the same",
    "Naive": "export the result itself; what SPSS would have printed is a story for inside",
    "Sensitivity": "export the model; omitted_variable_bias is for inside, or for a text that an officer reads",
    "WeightReport": "let an officer read llo.report.table(report): it tells sums and extremes of the weights of people",
    "Table": "export the result; outside, llo.report.table(...) of it makes the table",
    "Figure": "export the result; outside, llo.report.figure(...) of it draws it",
    "DataFrame": "export the result that it came from; a frame does not tell whom its numbers rest on",
    "Survey": "people do not leave; export results of them",
}


def exportable(given: Mapping[str, Any]) -> dict[str, Result]:
    """The results to export; models side by side one by one.

    Raises
    ------
    DataError
        What is no result, one that left already, or labels that become one name.
    """
    out: dict[str, Result] = {}
    for name, result in given.items():
        for own, one in _one(name, result):
            if own.casefold() in {other.casefold() for other in out}:
                raise _one_file(own)
            out[own] = one
    return out


def _one_file(name: str) -> DataError:
    """Two results that would overwrite each other."""
    return DataError(
        "Two results would have the same file.",
        where="results",
        found=f"twice {name!r}, the second from labels of models side by side",
        expected="labels that differ by letters, digits, hyphens or dots, and are no name of another result",
        todo="llo.compare(models, labels=[...]) with other labels, or give the models one by one under their own names",
    )


def _one(name: str, result: Any) -> list[tuple[str, Result]]:
    """One of the results, or several that stand side by side, with their names."""
    if isinstance(result, Result):
        if is_exported(result.meta):
            raise DataError(
                "This result has left already.",
                where=f"results[{name!r}]",
                found="a safe file that was read back",
                todo="tell of it by left_before={...}, and export what has not left",
            )
        return [(name, result)]
    if isinstance(result, SideBySide):
        beside = zip(result.labels, result.models, strict=True)  # type: ignore[attr-defined]  # of every kind of it
        return [one for label, model in beside for one in _one(f"{name}_{_as_name(label)}", model)]
    kind = type(result).__name__
    raise DataError(
        f"A {kind} does not leave by itself.",
        where=f"results[{name!r}]",
        found=f"a {kind}",
        expected="a Result: what estimators, models and decompositions return",
        todo=_INSTEAD.get(kind, "export the result that it was made of"),
    )


def _as_name(label: str) -> str:
    """A label as part of the name of a file."""
    return re.sub(r"[^\w.-]+", "_", str(label)).strip("._") or "model"
