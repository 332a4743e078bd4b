"""What stands behind each number of a synthetic survey: a published one, a place between published ones, or nothing."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llo_research.data.synthetic.parameters import folder

if TYPE_CHECKING:
    import pandas as pd

    from llo_research.monitor.plans import Plan
    from llo_research.results.result import Result

PUBLISHED, INTERPOLATED, INVENTED = "published", "interpolated", "invented"


def how_known(plan: Plan, result: Result) -> list[str]:
    """For each row whether its level was published, put between published ones, or invented; empty for real data.

    A level is published where the generator was fitted to a figure of ``llo.published()`` of just that group and year;
    a part of it, chosen by a condition, is not.
    """
    if not (result.meta.get("source") or {}).get("synthetic"):
        return []
    only = next(iter(plan.surveys))
    groups = [name for name in result.meta["by"] if name not in ("survey", "year")]
    if plan.where is not None or "year" not in result.rows:
        return [INVENTED] * len(result.rows)
    return [_of(row, str(row.get("survey", only)), groups, plan) for row in _rows(result.rows)]


def _rows(frame: pd.DataFrame) -> list[Mapping[Any, Any]]:
    """The rows as mappings."""
    return [dict(row) for row in frame.to_dict("records")]


def _of(row: Mapping[Any, Any], survey: str, groups: list[str], plan: Plan) -> str:
    """What stands behind one row."""
    variable, year = str(row["variable"]), int(row["year"])
    variable = plan.indicator.formulas.get(variable, variable)
    where: dict[str, list[str]] = {}
    for name in groups:
        where |= _told().get("same", {}).get(name, {}).get(row[name], {name: [row[name]]})
    if (variable, year, _key(where)) in _fitted(survey):
        return PUBLISHED
    between = _told()["interpolated"].get(survey, {}).get(variable, [])
    return INTERPOLATED if not groups and year in between else INVENTED


@cache
def _fitted(survey: str) -> frozenset[tuple[str, int, tuple[Any, ...]]]:
    """The targets that the generator was fitted to: variable, year and group."""
    raw = tomllib.loads((folder() / f"{survey}.toml").read_text(encoding="utf-8"))
    found = [target for target in raw["targets"] if target.get("fit") and isinstance(target["year"], int)]
    return frozenset((one["variable"], one["year"], _key(one.get("where", {}))) for one in found)


def _key(where: Mapping[str, Any]) -> tuple[Any, ...]:
    """A group as something that can be looked up."""
    return tuple(sorted((name, tuple(map(str, levels))) for name, levels in where.items()))


@cache
def _told() -> dict[str, Any]:
    """What stands in ``how_known.toml``."""
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
