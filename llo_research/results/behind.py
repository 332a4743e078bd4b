"""What stands behind numbers that are computed from the rows of a result, such as contrasts of levels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from llo_research.results.floors import level_sets, one_sided_margins


def facts_of_parts(rows: pd.DataFrame, facts: pd.DataFrame, meta: Mapping[str, Any]) -> pd.DataFrame:
    """Facts of rows as parts of a computation: a level that hides another one counts as that one does.

    Levels add up. The smallest of a set is protected by the next smallest, and by as many more as it takes to have
    enough people; what is computed from one of those would tell the smallest. So the second smallest counts for as
    many people as the smallest, and any further one for at most as many as all smaller ones together.
    """
    if "n_nonzero" not in facts or not len(rows):
        return facts
    out = facts.reset_index(drop=True).copy()
    people = out["n_nonzero"].fillna(out["n"]).to_numpy(dtype=np.float64)
    counted = people.copy()
    largest = out["largest_share"].to_numpy(dtype=np.float64).copy() if "largest_share" in out else np.zeros(len(out))
    own = largest.copy()
    keys = level_sets(rows.reset_index(drop=True), meta)
    for key in np.unique(keys[keys >= 0]):
        order = sorted((i for i in np.flatnonzero(keys == key) if people[i] > 0), key=lambda i: (people[i], i))
        below = np.cumsum(people[order])
        for place, i in enumerate(order):
            if place == 1:
                counted[i] = people[order[0]]
            elif place > 1:
                counted[i] = min(people[i], below[place - 1])
        if len(order) > 1:
            # a level that one person dominates is protected by the smallest other one
            largest[order[0]] = np.nanmax(own[order])
            largest[order[1]] = np.nanmax(own[[order[0], order[1]]])
    counted[one_sided_margins(rows.reset_index(drop=True), keys, people, meta)] = 0
    out["n_nonzero"] = counted.astype(facts["n_nonzero"].dtype) if np.isfinite(counted).all() else counted
    return out.assign(largest_share=largest) if "largest_share" in out else out
