"""From a call of a causal decomposition to its people, and from numbers of both groups to a result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.decomposition.assembly import facts_of
from llo_research.decomposition.breaks import between_groups
from llo_research.decomposition.oaxaca import asked_of, outcome_size, unit_of
from llo_research.decomposition.parts import TOTAL
from llo_research.decomposition.potential import People, Scored, scored
from llo_research.decomposition.sides import Sides, sides_of
from llo_research.design.scores import Block, Scores
from llo_research.errors import DataError, IdentificationError
from llo_research.estimation.target import check_survey
from llo_research.expression import parse
from llo_research.numerics.groups import Codes, Floats
from llo_research.options import check_seed
from llo_research.results.breaks import flagged
from llo_research.results.columns import FEW_CARRY
from llo_research.results.decomposition import Decomposition, decomposition_of
from llo_research.results.estimates import Estimates, smooth
from llo_research.survey.variables import Variable, variable

if TYPE_CHECKING:
    from llo_research.survey.survey import Survey

# A treatment with more levels is a number that no model of chances by level speaks of.
_MOST_LEVELS = 10
_FEWEST = 2


@dataclass(frozen=True, eq=False)
class Treated:
    """The people of a call, their treatment, and the numbers of both groups."""

    sides: Sides
    treatment: Variable
    people: People
    made: Scored
    base: Estimates

    def at(self, kind: str, level: int | None, side: str) -> int:
        """Where a number stands."""
        return self.people.names().index((kind, level, side))


def treated(
    formula: str, svy: Survey, treatment: str, groups: tuple[Any, Any, Any], missing: str, folds: int, seed: Any
) -> Treated:
    """The numbers of a call; `groups` are group, of and minus."""
    if not isinstance(treatment, str):
        raise DataError("The treatment is a column, or a condition.", where="treatment", found=repr(treatment)[:60])
    check_survey(svy)
    svy = svy._with_conditions([treatment])
    asked = asked_of(*groups, None, missing, "raise")
    sides = sides_of(formula, svy, asked, (), also=[treatment])
    found = variable(sides.data.svy._frame, treatment, "treatment", sides.data.svy._labels)
    _check_treatment(sides, found)
    rows = sides.groups.rows
    codes = found.codes[rows]
    present = np.unique(codes)
    levels = tuple(found.levels[code] for code in present)
    level = np.searchsorted(present, codes)
    _check_levels(sides, found.name, levels, level)
    of = sides.groups.cell == 0
    y, x = sides.groups.y, np.column_stack([of.astype(np.float64), sides.groups.x])
    binary = bool(np.isin(y, (0.0, 1.0)).all())
    people = People(y, x, of, level, levels, folds_of(sides, folds, seed), binary)
    made = scored(people, sides.groups.weights)
    return Treated(sides, found, people, made, _estimates(sides, people, made))


def _check_treatment(sides: Sides, found: Variable) -> None:
    """A treatment that is neither in the formula nor one of too many values."""
    data = sides.data
    if found.name in data.columns or found.name == sides.asked.group:
        raise DataError(
            "The treatment is neither the group nor a column of the formula.",
            where=f"treatment={found.name!r}, formula {data.formula!r}",
            todo="leave it out of the formula: it is in every model by itself",
        )
    if len(found.levels) > _MOST_LEVELS:
        raise DataError(
            "The treatment has too many levels to say what chance people have of each.",
            where=f"treatment={found.name!r}",
            found=f"{len(found.levels)} values",
            expected=f"at most {_MOST_LEVELS}",
            todo=f"make a condition of it: '{found.name} >= ...', or classes with svy.assign(...)",
        )


def _check_levels(sides: Sides, name: str, levels: tuple[Any, ...], level: Codes) -> None:
    """People of both groups at every level, and two levels at least."""
    if len(levels) < _FEWEST:
        raise IdentificationError(
            "Everybody has the same treatment.",
            where=f"treatment={name!r}",
            found=f"{levels[0]!r} in all {len(level)} rows used",
            expected="two levels at least",
        )
    for number, one in enumerate(levels):
        for side, text in enumerate(("of", "minus")):
            if not ((level == number) & (sides.groups.cell == side)).any():
                raise IdentificationError(
                    "A group has nobody with a level of the treatment: what its people would do with it is unknown.",
                    where=f"{name} level {one!r}, {text}={sides.asked.told[text]!r}",
                    found="no row",
                    todo="join levels of the treatment, or widen the groups",
                )


def folds_of(sides: Sides, folds: int, seed: Any) -> Codes:
    """(m,) the fold of each row: the sampling units of each stratum dealt in turn, in order of their labels or drawn.

    Where every row is a unit without a label, rows are dealt in order of their values: that of the file plays no role.
    """
    if isinstance(folds, bool) or not isinstance(folds, int | np.integer) or folds < 1:
        raise DataError("folds is a whole number, 1 for none.", where="folds", found=repr(folds)[:40])
    check_seed(seed)
    groups, stages = sides.groups, sides.data.svy.design.stages
    rows = groups.rows
    if folds == 1:
        return np.zeros(len(rows), dtype=np.intp)
    stratum = stages[0].stratum[rows] if stages else np.zeros(len(rows), dtype=np.intp)
    if stages and stages[0].unit is not None:
        drawn, waves = stages[0].unit[rows], stages[0].occasions
        # who was drawn in several waves is one, and in one fold
        unit = np.unique(drawn if waves is None else waves.who[drawn], return_inverse=True)[1].ravel()
    else:
        unit = np.empty(len(rows), dtype=np.intp)
        unit[np.lexsort([*groups.x.T, groups.weights, groups.y, groups.cell])] = np.arange(len(rows))
    number = int(unit.max()) + 1
    if number < folds:
        raise DataError(
            "There are fewer sampling units than folds.",
            where="folds",
            found=f"{number} units, {folds} folds",
            todo="folds=1 fits the models to everybody",
        )
    key = np.arange(number) if seed is None else np.random.default_rng(seed).permutation(number)
    home = np.full(number, np.iinfo(np.intp).max, dtype=np.intp)
    np.minimum.at(home, unit, stratum)
    fold = np.empty(number, dtype=np.intp)
    fold[np.lexsort([key, home])] = np.arange(number) % folds
    return fold[unit]


def _estimates(sides: Sides, people: People, made: Scored) -> Estimates:
    """The numbers of both groups as estimates."""
    n = len(sides.data.svy)
    values = np.zeros((n, made.influence.shape[1]))
    values[sides.groups.rows] = made.influence
    codes = np.ones(n, dtype=np.intp)
    codes[sides.groups.rows] = 0
    replicates, at = sides.data.svy.design.replicates, None
    if replicates is not None:
        weights = replicates.at(sides.groups.rows)
        at = np.stack([_or_nothing(people, w, len(made.numbers)) for w in weights.T])
    return Estimates(made.numbers, Scores((Block(codes, values, 1),), sides.data.all_weights), at)


def _or_nothing(people: People, w: Floats, k: int) -> Floats:
    """The numbers at a replicate; nan where a model cannot be fitted there."""
    try:
        return scored(people, w).numbers
    except IdentificationError:
        return np.full(k, np.nan)


def result_of_rows(
    found: Treated,
    rows: Sequence[str],
    f: Callable[[Any], Any],
    parts: Sequence[str],
    call: dict[str, Any],
    told: dict[str, Any],
    level: float,
) -> Decomposition:
    """The rows f(numbers) as a result; `parts` have a share of the row ``gap``."""
    sides, k = found.sides, len(rows)
    estimates = smooth(found.base, f, uses=np.ones((k, len(found.base.value)), dtype=bool))
    table = pd.DataFrame({"term": TOTAL, "component": list(rows), **sides.asked.told})
    breaks = between_groups(sides, table)
    data = sides.data
    meta = data.meta(call, {"formula": data.formula})
    meta |= {"left_out": sides.left_out, "base_levels": {**meta["base_levels"], **sides.asked.told}}
    known = data.svy.labels
    spoken = [name for name in (sides.asked.group, *_columns_in(found.treatment.name)) if name in known]
    meta["labels"] = {**meta["labels"], **{str(name): known[name] for name in spoken}}
    meta |= {"lowest_chance": found.made.lowest, "n_eff_at_a_level": found.made.carried}
    few = (np.arange(k) > list(rows).index("gap")) & (found.made.carried < FEW_CARRY)
    meta |= {"treatment_levels": list(map(_plain, found.people.levels)), **told}
    of, minus = np.bincount(sides.groups.cell, minlength=2).astype(np.float64)
    n = [of if row.endswith("_of") else minus if row.endswith("_minus") else of + minus for row in rows]
    whole = np.where(np.isin(rows, parts), list(rows).index("gap"), -1)
    return decomposition_of(
        estimates,
        table,
        data.svy.design,
        meta | breaks.meta,
        flags=flagged(breaks.flags or ("",) * k, few, "few_carry"),
        unit=unit_of(sides),
        level=level,
        n=np.array(n),
        cells=_facts(found, rows),
        by=[],
        whole=whole,
        outcome=np.repeat(outcome_size(sides), k),
        support=sides.support,
    )


def _facts(found: Treated, rows: Sequence[str]) -> pd.DataFrame:
    """Counts for disclosure control: beyond the gap those of the smallest group at one level of the treatment."""
    facts = facts_of(found.sides, [(row, TOTAL) for row in rows])
    counts = np.bincount(2 * found.people.level + found.people.of, minlength=2 * found.people.number)
    beyond = np.arange(len(rows)) > list(rows).index("gap")
    for name in ("n", "n_units", "n_nonzero", "n_complement"):
        facts[name] = np.where(beyond, np.minimum(facts[name], counts.min()), facts[name])
    return facts


def _columns_in(treatment: str) -> list[str]:
    """The columns of a treatment, which is one itself or a condition on some."""
    try:
        return [treatment, *parse(treatment, logical=True).names()]
    except DataError:  # a column whose name is no expression
        return [treatment]


def _plain(value: Any) -> Any:
    """A level as files keep it."""
    return value.item() if isinstance(value, np.generic) else value


def assumptions(found: Treated) -> dict[str, Any]:
    """What must be true for parts to be effects, with the names of the call; as a sentence, and what it is made of."""
    columns = sorted(name for name in found.sides.data.columns if name != found.sides.data.response)
    said = (
        f"read as effects of {found.treatment.name} only if, among people of the same group who are alike in "
        f"{', '.join(columns)}, who has which level of it has nothing more to do with the outcome; if all could have "
        f"each level; and if what one has changes nothing for others"
    )
    told = {"treatment": found.treatment.name, "columns": columns}
    return {"assumes": said, "assumed": told | {"unit": unit_of(found.sides), "levels": found.people.number}}
