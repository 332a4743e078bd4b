"""Persons and waves: what a panel may not contradict, and which times some rows have."""

from __future__ import annotations

import numpy as np
import pandas as pd

from llo_research.design.stages import Stage
from llo_research.errors import DesignError
from llo_research.numerics.groups import Codes, distinct_pairs
from llo_research.survey.construct import crossed_codes


def check_units_in_psus(frame: pd.DataFrame, unit: str, stage: Stage, psu: str, *, nested_waves: bool) -> None:
    """Every person lies in one primary sampling unit.

    `nested_waves`: the time is among the strata, and PSU labels start anew in each stratum, so in each wave.
    """
    codes, labels = crossed_codes(frame, [unit], "unit")
    assert stage.unit is not None
    home = stage.unit if stage.occasions is None else stage.occasions.who[stage.unit]
    psu_of = np.empty(len(labels), dtype=np.intp)
    psu_of[codes] = home
    moved = psu_of[codes] != home
    if moved.any():
        raise DesignError(
            f"{len(np.unique(codes[moved]))} units lie in more than one psu.",
            where=f"unit {unit!r}, psu {psu!r}, for example unit {labels[codes[moved.argmax()]]}",
            expected="a psu that is coarser than the unit",
            todo="nest=False says that a label of the psu is the same psu in every wave"
            if nested_waves
            else "give each person the psu of the first wave",
        )


def check_fpc_of_waves(frame: pd.DataFrame, time: str, stage: Stage, fpc: str, *, persons: bool) -> None:
    """A panel drawn once has no sampling fraction in one wave alone: who is absent did not respond.

    PSUs that are all there in every wave keep theirs.
    """
    codes, labels = crossed_codes(frame, [time], "time")
    if len(labels) < 2 or (not persons and _all_in_every_wave(stage, codes, len(labels))):
        return
    raise DesignError(
        "A finite population correction needs to know how each wave was drawn.",
        where=f"fpc {fpc!r}, time {time!r}",
        found=f"units of {len(labels)} waves, and no {time!r} among the strata",
        expected=f"strata with {time!r} in it, when each wave was drawn by itself (people may return)",
        todo=f"strata=[{time!r}, ...]; for a panel that was drawn once leave fpc out: absence there is response",
    )


def _all_in_every_wave(stage: Stage, wave: Codes, n_waves: int) -> bool:
    """Whether every sampling unit has rows in every wave of the data."""
    unit = np.arange(len(wave)) if stage.unit is None else stage.unit
    return len(distinct_pairs(unit, wave, n_waves)[0]) == stage.n_units * n_waves


def check_times(frame: pd.DataFrame, time: str, stage: Stage, *, free: bool, strata: list[str]) -> None:
    """Without persons or PSUs, the waves are independent samples, and a stratum lies in one of them."""
    codes, labels = crossed_codes(frame, [time], "time")
    if not free or len(labels) < 2:
        return
    first = np.empty(len(stage.units_per_stratum), dtype=np.intp)
    first[stage.stratum] = codes
    spans = first[stage.stratum] != codes
    if spans.any():
        raise spanned(time, strata, stage.names[stage.stratum[spans.argmax()]] or "(all rows)")


def spanned(time: str, strata: list[str], name: str) -> DesignError:
    """The error for strata of several times whose rows belong to nobody."""
    return DesignError(
        "Strata span several times, and neither unit nor psu says which rows belong together.",
        where=f"time {time!r}, for example stratum {name}",
        expected="independent samples have their own strata at each time",
        todo=f"strata={[time, *strata]!r} for independent samples; unit=... when persons are followed",
    )


def times_of(frame: pd.DataFrame, time: str | None, mask: np.ndarray) -> list[float]:
    """The first and the last time of these rows; nothing without times that are numbers."""
    if time is None or not pd.api.types.is_numeric_dtype(frame[time]):
        return []
    times = frame[time].to_numpy(dtype=np.float64, na_value=np.nan)[mask]
    return [float(np.nanmin(times)), float(np.nanmax(times))] if np.isfinite(times).any() else []


def waves_of(frame: pd.DataFrame, names: list[str]) -> np.ndarray:
    """(n,) number of the wave of each row, by these columns."""
    if not names:
        return np.zeros(len(frame), dtype=np.int64)
    return frame.groupby(names, sort=False, observed=True, dropna=False).ngroup().to_numpy(dtype=np.int64)
