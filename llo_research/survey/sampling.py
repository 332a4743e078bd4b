"""From the columns that a Survey is given to its design and its weights."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from llo_research.design.design import Design
from llo_research.errors import DesignError, LloWarning
from llo_research.numerics.groups import Floats
from llo_research.survey.construct import as_names, replicate_design, sampling_stages, weights_of
from llo_research.survey.panel import check_fpc_of_waves, check_times, check_units_in_psus

_REPLICATE_OPTIONS = ("replicate_method", "replicate_scale", "replicate_rscales", "fay")


def sampling_of(frame: pd.DataFrame, arguments: Mapping[str, Any]) -> tuple[Design, Floats]:
    """Design and weights from the constructor's arguments."""
    strata, psu, fpc = (as_names(arguments[role], role) for role in ("strata", "psu", "fpc"))
    unit, time = arguments["unit"], arguments["time"]
    roles = {name: arguments[name] for name in ("strata", "psu", "fpc", "unit", "time")}
    replicates = None
    if arguments["replicate_weights"] is not None:
        replicates = replicate_design(frame, arguments["replicate_weights"], arguments)
    elif lost := [name for name in _REPLICATE_OPTIONS if arguments[name] is not None]:
        raise DesignError(
            "There are no replicate weights.",
            where="replicate_weights",
            found=f"None, with {lost[0]}={arguments[lost[0]]!r}",
            expected="the columns of replicate weights",
            todo='give replicate_weights, as "SPFWT[1-80]", or leave the options of replicates out',
        )
    if unit is not None and not psu:
        sampling = sampling_stages(frame, strata, [unit], fpc, nest=False, role="unit", time=time)
    else:
        sampling = sampling_stages(frame, strata, psu, fpc, nest=arguments["nest"], time=time)
    first = sampling.stages[0]
    if unit is not None and psu:
        check_units_in_psus(frame, unit, first, psu[0], nested_waves=arguments["nest"] and time in strata)
    if time is not None and replicates is None:
        check_times(frame, time, first, free=unit is None and not psu, strata=strata)
        if fpc and time not in strata:
            check_fpc_of_waves(frame, time, first, fpc[0], persons=unit is not None and not psu)
    if arguments["weights"] is not None:
        weights = weights_of(frame, arguments["weights"])
    elif sampling.weights is not None:
        weights = sampling.weights
    else:
        warnings.warn(
            LloWarning("No weights and no fpc were given: every row counts the same (weight 1)."),
            stacklevel=3,
        )
        weights = np.ones(len(frame))
    persons = None if unit is None else pd.factorize(frame[unit])[0].astype(np.int64)
    design = Design(
        len(frame), sampling.stages, arguments["lonely_psu"], replicates, persons=persons, frames=(frame,), roles=roles
    )
    return design, weights
