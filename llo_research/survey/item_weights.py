"""Which weight a call needs: variables with a weight of their own (halves of a sample), and the kind of a weight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from llo_research.errors import DesignError
from llo_research.numerics.groups import Floats
from llo_research.survey.arguments import check_design_option
from llo_research.survey.variables import column

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey

A_SERIES = "a boolean Series"
# Weights of mean 1 to rounding of their decimals sum to the sample.
_MEAN_OF_ONE = 1e-6


def needed_weights(svy: Survey, names: Sequence[str], groups: Sequence[str]) -> dict[str, str | None]:
    """The weight that each variable of a call needs; `groups` and the domain only if they have one of their own.

    A domain given as a Series says no names: where its rows lie in one half, that half's weight holds for variables
    without a weight of their own.
    """
    own, main = svy._arguments["item_weights"], svy._arguments["weights"]
    if not own:
        return dict.fromkeys(names, main)
    needed: dict[str, str | None] = {}
    for name in [*names, *groups, *_of_domain(svy)]:
        needed |= {source: own[source] for source in svy._sources_of(name) if source in own}
    noted = [note["item_weight"] for note in svy._notes if note.get("item_weight")]
    known = [weight for given in noted for weight in ([given] if isinstance(given, str) else given)]
    halves = {f"a domain in the half of {weight}": weight for weight in known if weight in own.values()}
    plain = [name for name in names if not any(source in own for source in svy._sources_of(name))]
    return {**needed, **halves, **({} if halves else dict.fromkeys(plain, main))}


def _of_domain(svy: Survey) -> list[str]:
    """The conditions of ``svy.where`` that were given as text."""
    return [note["condition"] for note in svy._notes if note.get("condition", A_SERIES) != A_SERIES]


def chosen_weight(needed: Mapping[str, str | None]) -> str | None:
    """The one weight of a call."""
    chosen = sorted({str(weight) for weight in needed.values()})
    if len(chosen) > 1:
        raise DesignError(
            "The variables of this call need different weights.",
            where=f"item_weights of {', '.join(needed)}",
            found=", ".join(f"{name}: {weight}" for name, weight in needed.items()),
            todo="call them one by one, or choose one with svy.use_weights(...)",
        )
    return chosen[0] if chosen else None


def half_of(svy: Survey, rows: np.ndarray) -> str | list[str] | None:
    """The item weight that all these rows have and others lack: the half they lie in; several that differ as a list.

    None where the rows lie in no half, or where their weight is that of all (years before a split).
    """
    counted = svy._weights > 0
    rows = rows & counted
    seen, found = [svy._base_weights[rows]], []
    for name in dict.fromkeys(svy._arguments["item_weights"].values()):
        values = column(svy._frame, name, "item_weights").to_numpy(dtype=np.float64, na_value=np.nan)
        has = np.nan_to_num(values) > 0
        if not has[rows].all() or has[counted].all() or any(np.array_equal(values[rows], known) for known in seen):
            continue
        seen.append(values[rows])
        found.append(str(name))
    return found if len(found) > 1 else found[0] if found else None


def kind_of_column(svy: Survey, name: str) -> str:
    """The kind of a weight column of the survey."""
    return kind_of(svy, name, None, column(svy._frame, name, "weights").to_numpy(dtype=np.float64, na_value=np.nan))


def kind_of(svy: Survey, name: str, given: str | None, values: Floats) -> str:
    """The kind of a weight column: as said, as known of this column, as its source tells, else by its mean.

    values : (n,) the weights, nan where missing.
    """
    if given is not None:
        check_design_option(given, "weight_kind")
        return given
    told = svy._source.get("weight_kinds")
    known = {**(told if isinstance(told, Mapping) else {}), **svy._kinds}
    if name in known:
        return str(known[name])
    mean = float(np.nanmean(values))
    return "proportional" if abs(mean - 1) <= _MEAN_OF_ONE else "expansion"
