"""Which weight a call needs: variables with a weight of their own (halves of a sample), and the kind of a weight."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from llo_research.errors import DesignError
from llo_research.numerics.groups import Floats

A_SERIES = "a boolean Series"
# Weights of mean 1 to rounding of their decimals sum to the sample.
_MEAN_OF_ONE = 1e-6


def needed_weights(
    names: Sequence[str],
    groups: Sequence[str],
    arguments: Mapping[str, Any],
    notes: Sequence[Mapping[str, Any]],
    sources_of: Callable[[str], Sequence[str]],
) -> dict[str, str | None]:
    """The weight that each variable of a call needs; `groups` and the domain only if they have one of their own.

    A domain given as a Series says no names: where its rows lie in one half, that half's weight holds for variables
    without a weight of their own.

    arguments, notes : those of the survey.
    sources_of : the columns that a column or a condition was made of, itself first.
    """
    own, main = arguments["item_weights"], arguments["weights"]
    if not own:
        return dict.fromkeys(names, main)
    needed: dict[str, str | None] = {}
    for name in [*names, *groups, *_of_domain(notes)]:
        needed |= {source: own[source] for source in sources_of(name) if source in own}
    noted = [note["item_weight"] for note in notes if note.get("item_weight")]
    weights = [weight for entry in noted for weight in ([entry] if isinstance(entry, str) else entry)]
    halves = {f"a domain in the half of {weight}": weight for weight in weights if weight in own.values()}
    plain = [name for name in names if not any(source in own for source in sources_of(name))]
    return {**needed, **halves, **({} if halves else dict.fromkeys(plain, main))}


def _of_domain(notes: Sequence[Mapping[str, Any]]) -> list[str]:
    """The conditions of ``svy.where`` that were given as text."""
    return [note["condition"] for note in notes if note.get("condition", A_SERIES) != A_SERIES]


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


def half_of(
    rows: np.ndarray, weights: Floats, base_weights: Floats, item_weights: Mapping[str, Floats]
) -> str | list[str] | None:
    """The item weight that all these rows have and others lack: the half they lie in; several that differ as a list.

    None where the rows lie in no half, or where their weight is that of all (years before a split).

    item_weights : (n,) values of each item weight, nan where missing.
    """
    counted = weights > 0
    rows = rows & counted
    seen, halves = [base_weights[rows]], []
    for name, values in item_weights.items():
        has = np.nan_to_num(values) > 0
        if not has[rows].all() or has[counted].all() or any(np.array_equal(values[rows], other) for other in seen):
            continue
        seen.append(values[rows])
        halves.append(name)
    return halves if len(halves) > 1 else halves[0] if halves else None


def kind_of(name: str, values: Floats, kinds: Mapping[str, str], source: Mapping[str, Any]) -> str:
    """The kind of a weight column: as known of this column, as its source tells, else by its mean.

    values : (n,) the weights, nan where missing.
    """
    of_source = source.get("weight_kinds")
    known_kinds = {**(of_source if isinstance(of_source, Mapping) else {}), **kinds}
    if name in known_kinds:
        return str(known_kinds[name])
    mean = float(np.nanmean(values))
    return "proportional" if abs(mean - 1) <= _MEAN_OF_ONE else "expansion"
