"""What a scan is, in a dozen lines, from one pass over its rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from llo_research.scanning.columns import EVERY_ROW
from llo_research.scanning.held import Held
from llo_research.scanning.probing import weight_of
from llo_research.survey.describe import Description, is_guarded


def describe(scan: Held) -> Description:
    """Rows, sampling units, sum of weights and degrees of freedom, added up by stratum."""
    counted = _inside(scan) & (weight_of(scan, scan._table) != 0)
    found = _by_stratum(scan, counted)
    total = found.filter(regex="^[^k]").sum()
    used = found[found["n_used"] > 0]
    units = _distinct(scan, found, counted)
    deff = total["n_used"] * total["w2"] / total["w"] ** 2 if total["w"] else np.nan
    return Description(
        n=int(total["n"]),
        n_domain=int(total["n_domain"]),
        n_zero_weight=int(total["zero"]),
        strata=len(found),
        psus=int(total["units"]),
        replicates=None,
        sum_weights=float(total["w"]),
        weight=scan._roles["weights"],
        weight_kind=str(scan._roles["weight_kind"]),
        df=float(units - len(used)),
        deff_weighting=float(deff),
        n_eff=float(total["n_used"] / deff) if total["w"] else 0.0,
        synthetic=bool(scan._source.get("synthetic", False)),
        problems=_problems(scan, found, total),
        columns={
            role: ", ".join(names)
            for role in ("weights", "strata", "psu", "unit", "time")
            if (names := scan._names(role))
        },
        guarded=is_guarded(scan._source),
    )


def _by_stratum(scan: Held, counted: Any) -> pd.DataFrame:
    """Counts and sums of each stratum, in one pass."""
    table, weight, inside, unit = scan._table, weight_of(scan, scan._table), _inside(scan), _unit(scan)
    keys = {f"k{place}": table[name] for place, name in enumerate(scan._names("strata"))}
    sums: dict[str, Any] = {
        "n": table.count(),
        "n_domain": inside.sum(),
        "n_used": counted.sum(),
        "zero": (weight == 0).sum(),
        "negative": (weight < 0).sum(),
        "lacking": weight.isnull().sum(),
        "w": counted.ifelse(weight, 0.0).sum(),
        "w2": counted.ifelse(weight * weight, 0.0).sum(),
    }
    if unit is not None:
        sums |= {"units": unit.nunique(), "units_used": unit.nunique(where=counted)}
    query = table.group_by(**keys).agg(**sums) if keys else table.aggregate(**sums)
    found: pd.DataFrame = scan._reading.read(query, "description").to_pandas()
    if unit is None:
        found["units"], found["units_used"] = found["n"], found["n_used"]
    return found


def _inside(scan: Held) -> Any:
    """Whether a row is in the domain."""
    truth = scan._table[EVERY_ROW] == 1
    for own in scan._domain:
        truth = truth & scan._table[own.column].fill_null(False)
    return truth


def _unit(scan: Held) -> Any:
    """The sampling unit within its stratum; None where every row is its own."""
    name = scan._names("psu") or scan._names("unit")
    return scan._table[name[0]] if name else None


def _distinct(scan: Held, found: pd.DataFrame, counted: Any) -> int:
    """Units of the domain; those of waves drawn by themselves count once."""
    if scan._unit_alone and scan._roles["time"] in scan._names("strata"):
        unit = _unit(scan)
        answer = scan._reading.read(scan._table.aggregate(n=unit.nunique(where=counted)), "units")
        return int(answer["n"][0].as_py())
    return int(found["units_used"].sum())


def _moved(scan: Held) -> int:
    """How many sampling units persons have beyond one each, which a Survey refuses: a pass of its own."""
    psu, unit = scan._names("psu"), scan._roles["unit"]
    if not psu or unit is None:
        return 0
    keys = {f"k{place}": scan._table[name] for place, name in enumerate([*scan._names("strata"), *psu])}
    pairs = scan._table.select(unit=scan._table[unit], **keys).distinct()
    answer = scan._reading.read(pairs.aggregate(pairs=pairs.count(), units=pairs.unit.nunique()), "units in psus")
    return int(answer["pairs"][0].as_py() - answer["units"][0].as_py())


def _problems(scan: Held, found: pd.DataFrame, total: pd.Series) -> tuple[str, ...]:
    """What will get in the way, one sentence each."""
    problems = []
    lonely = found[found["units"] == 1]
    if len(lonely):
        names = ", ".join(
            ":".join(str(row[key]) for key in found.columns if key.startswith("k"))
            for _, row in lonely.head(5).iterrows()
        )
        problems.append(
            f"{len(lonely)} strata with a single sampling unit at stage 1 ({names}); "
            f"lonely_psu={scan._roles['lonely_psu']!r}"
        )
    problems += [
        f"{int(total[key])} {word} weights"
        for key, word in (("lacking", "missing"), ("negative", "negative"))
        if total[key]
    ]
    if moved := _moved(scan):
        problems.append(f"{moved} more pairs of unit and psu than units: persons who lie in more than one psu")
    if scan._roles["weights"] and scan._roles["weight_kind"] == "expansion" and abs(total["w"] / total["n"] - 1) < 1e-6:
        problems.append("expansion weights that sum to the number of rows: proportional weights?")
    return tuple(problems)
