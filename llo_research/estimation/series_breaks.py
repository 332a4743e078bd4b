"""What series breaks do to comparisons of waves: which rows straddle one, and the known shifts of their means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from llo_research.errors import DataError
from llo_research.estimation.comparisons import Shifts
from llo_research.estimation.placing import conditions_of, original_of, roots_of, sources_of
from llo_research.estimation.waves import Plan, Waves
from llo_research.expression import parse
from llo_research.numerics.groups import Floats
from llo_research.results.breaks import Break, Exposure, Shift, breaks_in
from llo_research.results.dated import text_of
from llo_research.results.standing import POOLED, YEAR

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey

# Weights that should add up to 0 do so to rounding.
NONE = 1e-9


def exposure(waves: Waves, plan: Plan) -> Exposure:
    """Which rows of a comparison straddle which breaks.

    A row is a combination of the means of waves whose weights add up to 0. It straddles a break when a shift of all
    people after the break would move it, in one group at least; among means that all pool both sides, when it would
    move it by more than a part of itself.
    """
    found, masks = [], []
    size = np.abs(plan.weights).sum(axis=2)
    lost = plan.of(waves).empty
    for known in breaks_in(waves.target.svy.source):
        concerned = np.array([concerned_by(known, waves.target.svy, waves.columns(j)) for j in range(len(waves.heads))])
        if not concerned.any():
            continue
        share = np.nan_to_num(after_by_wave(waves, known))[plan.cell, plan.head] * plan.uses
        pooled = (share > 0) & (share < 1)
        limit = np.where((pooled | ~plan.uses).all(axis=(1, 2))[:, None], POOLED * size / 2, NONE * size)
        moved = (np.abs((plan.weights * share).sum(axis=2)) > limit).any(axis=1)
        straddles = concerned[plan.head] & moved & ~lost
        if straddles.any():
            found.append(known)
            masks.append(straddles)
    table = np.column_stack(masks) if masks else np.zeros((len(plan.cell), 0), dtype=bool)
    return Exposure(tuple(found), table)


def concerned_by(known: Break, svy: Survey, names: Iterable[str]) -> bool:
    """Whether a break concerns one of these columns or conditions, or what it was made from."""
    return any(known.concerns(sources_of(svy, name)) for name in names)


def after_by_wave(waves: Waves, known: Break) -> Floats:
    """(G, p, S, T) share of the people of each mean that stands after a break; nan where the break concerns nobody."""
    found = waves.clock.share_after(known)
    found = np.full(len(waves.means.estimate), np.nan) if found is None else found
    share = found.reshape(-1, len(waves.heads))[np.maximum(waves.place, 0)]
    return np.asarray(np.moveaxis(np.where(waves.place[..., None] >= 0, share, np.nan), 3, 1))


def refuse(seen: Exposure, waves: Waves, *, what: str, adjustable: bool = True) -> None:
    """Raise when a row straddles a break."""
    if not seen.breaks:
        return
    known = seen.breaks[0]
    every = dict.fromkeys(name for j in range(len(waves.heads)) for name in waves.columns(j))
    names = [_told(waves.target.svy, name) for name in every if concerned_by(known, waves.target.svy, [name])]
    others = "".join(f"; {other.time}: {other.what}" for other in seen.breaks[1:])
    adjust = ", or breaks='adjust' where the size of the break is known" if adjustable else ""
    raise DataError(
        f"{what} straddles a series break.",
        where=f"{', '.join(names)}, {waves.time} {text_of(waves.times[0])} to {text_of(waves.times[-1])}",
        found=f"break of {known.time}: {known.what}{others}",
        expected="times on one side of the break",
        todo="choose times on one side (svy.where), or breaks='flag' to see it marked and llo.break_robustness for how "
        f"large the break would have to be{adjust}",
    )


def _told(svy: Survey, name: str) -> str:
    """A variable, with what it was made from."""
    roots = [root for root in roots_of(svy, name) if root != name]
    return f"{name} (from {', '.join(roots)})" if roots else name


def known_shifts(waves: Waves, breaks: Sequence[Break], *, needed: np.ndarray | None) -> tuple[Shifts, np.ndarray]:
    """The known shifts of each mean, and the means (m,) of which a shift is not known.

    needed : (m,) means for which a missing shift is an error; None asks for none.
    """
    m, p = len(waves.means.estimate), len(waves.heads)
    columns: dict[int, Floats] = {}
    records: dict[int, Shift] = {}
    names: dict[int, str] = {}
    unknown = np.zeros(m, dtype=bool)
    domain = " & ".join(_conditions_on_people(waves))
    for known in breaks:
        share = after_by_wave(waves, known)
        for g, side, j in np.ndindex(*waves.place.shape[:2], p):
            there = share[g, j, side] > 0
            places = waves.place[g, side, there] * p + j
            if not concerned_by(known, waves.target.svy, waves.columns(j)) or not len(places):
                continue
            identity = _identity(waves, g, side, j, domain)
            pooled = share[g, j, side][there] < 1
            shift = None if pooled.any() else _find(known, identity)
            unknown[places] |= shift is None
            lacking = shift is None or np.isnan(shift.std_error)
            if lacking and needed is not None and needed[places].any():
                raise _pooled(known, waves, identity) if pooled.any() else _not_known(known, waves, identity, shift)
            if shift is not None:
                records[id(shift)] = shift
                names[id(shift)] = f"break {known.time} {known.what}: {sorted(shift.keys.items())}"
                columns.setdefault(id(shift), np.zeros(m))[places] += 1
    found = list(records)
    design = np.column_stack([columns[i] for i in found]) if found else np.zeros((m, 0))
    sizes, errors = ([getattr(records[i], name) for i in found] for name in ("size", "std_error"))
    told = tuple(names[i] for i in found)
    return Shifts(design, np.array(sizes, dtype=np.float64), np.array(errors, dtype=np.float64), told), unknown


def _conditions_on_people(waves: Waves) -> list[str]:
    """The conditions of ``svy.where``, without those that only choose times."""
    return [text for text in conditions_of(waves.target.svy) if not _only_about(waves, text)]


def _only_about(waves: Waves, condition: str) -> bool:
    """Whether a condition speaks of times alone."""
    svy = waves.target.svy
    clocks = {waves.time, svy.time, YEAR}
    try:
        names = parse(condition, logical=True).names()
    except DataError:
        return False
    return bool(names) and all(name in clocks or set(roots_of(svy, name)) <= clocks for name in names)


def _identity(waves: Waves, g: int, side: int, j: int, domain: str) -> dict[str, str]:
    """What identifies a mean: its variable, level, cell, group and domain; copies by the name of their original."""
    svy = waves.target.svy
    out: dict[str, Any] = {**waves.heads[j], "variable": original_of(svy, waves.heads[j]["variable"])}
    out |= {original_of(svy, str(name)): waves.keys[name].iloc[g] for name in waves.keys.columns}
    if waves.sides is not None:
        out |= {original_of(svy, name): level for name, level in waves.sides.keys(side).items()}
    if domain:
        out["domain"] = domain
    return {name: str(value) for name, value in out.items()}


def _find(known: Break, identity: dict[str, str]) -> Shift | None:
    """The most specific shift that speaks of a mean; several that say as much are an error."""
    holding = [s for s in known.shifts if s.keys.items() <= identity.items()]
    fitting = [s for s in holding if s.uniform or len(s.keys) == len(identity)]
    if "level" in identity:
        fitting = [s for s in fitting if "level" in s.keys]
    most = max((len(s.keys) for s in fitting), default=0)
    best = [s for s in fitting if len(s.keys) == most]
    if len(best) > 1:
        raise DataError(
            "Two shifts of a series break speak of the same mean.",
            where=f"source['breaks'], break of {known.time}",
            found=f"{[s.size for s in best]} for {identity}",
            expected="one shift",
            todo="drop one of them from source['breaks'], or make one more specific",
        )
    return best[0] if best else None


def _not_known(known: Break, waves: Waves, identity: dict[str, str], shift: Shift | None) -> DataError:
    """A break of unknown size."""
    told = ", ".join(f"{name} {value}" for name, value in identity.items())
    found = "no shift" if shift is None else f"a shift of {shift.size:g} without shift_se"
    if shift is None and known.shifts:
        found = f"shifts for other means only: {known.shifts[0].keys}, not said to be uniform"
    roots = [root for root in roots_of(waves.target.svy, identity["variable"]) if root != identity["variable"]]
    if shift is None and not concerned_by(known, waves.target.svy, [identity["variable"]]):
        found = f"a break of {', '.join(known.series)}, by which others are in the group; {found}"
    elif shift is None and any(own.keys["variable"] in roots for own in known.shifts):
        found = f"a shift of {', '.join(roots)}, which is not that of what is made from it"
    return DataError(
        f"The size of the series break of {known.time} is not known.",
        where=told,
        found=f"{found}; the break: {known.what}",
        expected="a shift with its standard error for this very mean, from a parallel run of both methods",
        todo="add it to source['breaks'] as shift and shift_se (shifts for groups); or breaks='flag', with "
        "llo.break_robustness and llo.trend(...) for a model with a step at the break",
    )


def _pooled(known: Break, waves: Waves, identity: dict[str, str]) -> DataError:
    """A shift that would have to be taken off a part of the people of a mean."""
    return DataError(
        f"A time pools people before and after the series break of {known.time}.",
        where=", ".join([f"time={waves.time!r}", *(f"{name} {value}" for name, value in identity.items())]),
        found=f"a class of times with both; the break: {known.what}",
        expected="times that lie on one side of the break, for a shift to be taken off",
        todo="divide the times at the break, or breaks='flag'",
    )
