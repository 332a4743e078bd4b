"""Means, shares, totals, ratios and what is taken of them in Stata: ``svy: mean``, ``lincom`` and ``nlcom``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from llo_research.results.receipts.narrowing import NARROWING
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.stata.conditions import true
from llo_research.results.receipts.stata.opening import domain, filled
from llo_research.results.receipts.stata.rows import Row, linear
from llo_research.results.receipts.stata.words import code, fresh, is_coded, name, text
from llo_research.results.receipts.told import Told

Rows = list[Row | None]
# [D] fvset and [U] 11.4.3: levels of factor variables are whole, not negative
_LARGEST = 2**31


@dataclass(frozen=True)
class Over:
    """A column of ``over()``: its name, and the number of each of our values."""

    column: str
    codes: Mapping[str, str]

    def number(self, value: Any) -> str:
        """The number of a value."""
        return self.codes.get(_key(value), text(value))


def _key(value: Any) -> str:
    """A value as the rows of a result may spell it."""
    value = value.item() if hasattr(value, "item") else value
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def over(told: Told, script: Script, column: str, values: Sequence[Any]) -> Over:
    """A column for ``over()``; text, and numbers that are no whole ones, get numbers of their own."""
    distinct = list({_key(value): value for value in values}.values())
    if told.levels(column) is not None and is_coded(told, column):
        return Over(name(column), {_key(value): code(told, column, value) for value in distinct})
    plain = [v.item() if hasattr(v, "item") else v for v in distinct]
    if all(isinstance(v, int | float) and float(v).is_integer() and 0 <= v < _LARGEST for v in plain):
        return Over(name(column), {_key(v): text(v) for v in plain})
    made = fresh(told, f"{name(column)[:24]}_number")
    script.say(f"{made}: {', '.join(f'{i} {value}' for i, value in enumerate(distinct, start=1))}")
    script.add(f"generate int {made} = .")
    script.add(*(f"replace {made} = {i} if {name(column)} == {text(v)}" for i, v in enumerate(plain, start=1)))
    return Over(made, {_key(v): str(i) for i, v in enumerate(distinct, start=1)})


def averaged(told: Told, script: Script, variables: Sequence[str]) -> dict[tuple[str, str], str]:
    """Variable and level -> the column to average: the number itself, or an indicator of the level."""
    made: dict[tuple[str, str], str] = {}
    for variable, level in dict.fromkeys(told.heads):
        if variable not in variables:
            continue
        if level is None:
            made[variable, "None"] = name(variable)
            continue
        column = fresh(told, f"{name(variable)[:26]}_{len(made) + 1}")
        own = code(told, variable, level)
        script.add(f"generate byte {column} = {name(variable)} == {own} if !missing({name(variable)})  // {level}")
        made[variable, str(level)] = column
    return made


def _estimate(command: str, columns: Sequence[str], by: Sequence[Over], made: str) -> str:
    """``svy, subpop(): mean ..., over()``."""
    groups = f", over({' '.join(one.column for one in by)})" if by else ""
    return f"svy, subpop({made}): {command} {' '.join(columns)}{groups}"


def coefficient(column: str, by: Sequence[Over], values: Sequence[Any]) -> str:
    """The name of a coefficient: ``_b[c.y@2014.year#1.education]``; ``svy: mean y`` alone has ``_b[y]``."""
    if not by:
        return f"_b[{column}]"
    levels = [f"{one.number(value)}.{one.column}" for one, value in zip(by, values, strict=True)]
    return f"_b[c.{column}@{'#'.join(levels)}]"


def people(made: str, by: Sequence[Over], values: Sequence[Any]) -> str:
    """The condition of the people of a cell."""
    return " & ".join([made, *(f"{one.column} == {one.number(v)}" for one, v in zip(by, values, strict=True))])


def blocks(told: Told, variables: Sequence[str]) -> list[list[str]]:
    """Variables that are estimated of the same people, together."""
    apart = told.call.get("missing") == "available" and len(variables) > 1
    return [[own] for own in variables] if apart else [list(variables)]


@dataclass(frozen=True)
class Plan:
    """What the rows of a family are made of.

    command : mean or total. by : columns of ``over()``, of rows first. cells : (k) of each row, the values of `by` of
    each mean that it is made of. scale : what is taken of these, the first against the second (and third against the
    fourth): ``difference``, ``ratio``, ``odds``. also : conditions of the people. weights : (k) of the means
    of each row, where they are none of these. within : how many columns of `by` tell the people, where not all do.
    """

    command: str
    by: Sequence[Over]
    cells: Sequence[Sequence[Sequence[Any]]]
    scale: str = "difference"
    also: Sequence[str] = ()
    weights: Sequence[Sequence[float]] = ()
    within: int | None = None


def write(told: Told, script: Script, variables: Sequence[str], plan: Plan) -> Rows:
    """The commands and the rows; variables of their own people get a command of their own, printed at once."""
    out: Rows = [None] * len(told.rows)
    groups = blocks(told, variables)
    several, known = len(groups) > 1, [one.column for one in plan.by]
    made_columns = [averaged(told, script, own) for own in groups]
    inside = []
    for place, own in enumerate(groups, start=1):
        needed = [*map(name, own), *known]
        inside.append(domain(told, script, needed, plan.also, place if several else 0, fill=False))
    filled(script, [*map(name, variables), *(one for own in made_columns for one in own.values()), *known])
    for place, (columns, made) in enumerate(zip(made_columns, inside, strict=True), start=1):
        script.add(_estimate(plan.command, list(dict.fromkeys(columns.values())), plan.by, made))
        stored = fresh(told, f"block_{place}") if several else ""
        script.add(*([f"estimates store {stored}"] if several else []))
        for i, (variable, level) in enumerate(told.heads):
            column = columns.get((variable, str(level)))
            if column is not None and not told.empty[i]:
                out[i] = replace(_row(column, made, plan, i), stored=stored)
    return out


def _row(column: str, made: str, plan: Plan, i: int) -> Row:
    """A mean, or what is taken of several."""
    cells = plan.cells[i]
    means = [coefficient(column, plan.by, values) for values in cells]
    parts = [people(made, plan.by[: plan.within], values[: plan.within]) for values in cells]
    several = [*dict.fromkeys(f"({part})" for part in parts)]
    who = parts[0] if len(means) == 1 or plan.within is not None else " | ".join(several)
    if plan.weights or plan.scale == "difference":
        weights = plan.weights[i] if plan.weights else map(float, (1, -1, -1, 1)[: len(means)])
        return linear(dict(zip(means, weights, strict=True)), who)
    odd = [f"({m} / (1 - {m}))" if plan.scale == "odds" else m for m in means]
    return Row(f"({' * '.join(odd[::3])}) / ({' * '.join(odd[1:3])})", who)


def grouped(told: Told, script: Script, columns: Sequence[str]) -> tuple[list[Over], list[list[Any]]]:
    """Columns of the rows as ``over()``, and their values in each row."""
    values = {column: told.rows[column].tolist() for column in columns}
    return (
        [over(told, script, column, values[column]) for column in columns],
        [[values[column][i] for column in columns] for i in range(len(told.rows))],
    )


def mean(told: Told, script: Script) -> Rows:
    """Means and shares."""
    by, values = grouped(told, script, told.listed("by"))
    return write(told, script, told.listed("variables"), Plan("mean", by, [[own] for own in values]))


def share(told: Told, script: Script) -> Rows:
    """Shares of levels, as ``svy: proportion`` has them: means of indicators, whose coefficients have plain names."""
    script.say("svy: proportion prints the same shares; as means of indicators their coefficients have simpler names")
    return mean(told, script)


def total(told: Told, script: Script) -> Rows:
    """Totals."""
    by, values = grouped(told, script, told.listed("by"))
    return write(told, script, told.listed("variables"), Plan("total", by, [[own] for own in values]))


def ratio(told: Told, script: Script) -> Rows:
    """Ratios of totals: ``svy: ratio`` prints them; the rows are taken of the two totals, with the same error."""
    by, values = grouped(told, script, told.listed("by"))
    above, below = name(str(told.call["numerator"])), name(str(told.call["denominator"]))
    made = domain(told, script, [above, below, *(one.column for one in by)])
    groups = f", over({' '.join(one.column for one in by)})" if by else ""
    script.add(f"svy, subpop({made}): ratio ({above} / {below}){groups}")
    script.say("the same of two totals, whose coefficients have names that do not change with the version of Stata")
    script.add(_estimate("total", [above, below], by, made))
    rows = []
    for i, own in enumerate(values):
        words = f"{coefficient(above, by, own)} / {coefficient(below, by, own)}"
        rows.append(None if told.empty[i] else Row(words, people(made, by, own)))
    return rows


def _sides(told: Told, script: Script) -> Over:
    """`side`: 1 of those who are compared, 2 of those they are compared with."""
    made = fresh(told, "side")
    of, minus, group = told.call["of"], told.call["minus"], told.call.get("group")
    if group is None:
        one, other = (true(told, str(words)) for words in (of, minus))
    else:
        one, other = (f"{name(str(group))} == {code(told, str(group), level)}" for level in (of, minus))
    script.part(f"The two sides: 1 {of}, 2 {minus}.")
    script.add(f"generate byte {made} = 1 if {one}", f"replace {made} = 2 if {other}")
    return Over(made, {"of": "1", "minus": "2"})


def gap(told: Told, script: Script) -> Rows:
    """A difference, ratio or odds ratio of two groups."""
    side = _sides(told, script)
    by, values = grouped(told, script, told.listed("by"))
    cells = [[[*own, "of"], [*own, "minus"]] for own in values]
    plan = Plan("mean", [*by, side], cells, str(told.call.get("scale", "difference")))
    return write(told, script, told.listed("variable"), plan)


def change(told: Told, script: Script) -> Rows:
    """A later time against the base."""
    time, base = str(told.call["time"]), told.call["base"]
    by, values = grouped(told, script, told.listed("by"))
    times = told.rows[time].tolist()
    when = over(told, script, time, [*times, base])
    cells = [[[*own, times[i]], [*own, base]] for i, own in enumerate(values)]
    plan = Plan("mean", [*by, when], cells, str(told.call.get("scale", "difference")))
    return write(told, script, told.listed("variables"), plan)


def gap_change(told: Told, script: Script) -> Rows:
    """A gap at a later time against the gap at the base."""
    side = _sides(told, script)
    time, base = str(told.call["time"]), told.call["base"]
    by, values = grouped(told, script, told.listed("by"))
    times = told.rows[time].tolist()
    when = over(told, script, time, [*times, base])
    cells = [[[*own, t, s] for t in (times[i], base) for s in ("of", "minus")] for i, own in enumerate(values)]
    plan = Plan("mean", [*by, when, side], cells, str(told.call.get("scale", "difference")))
    return write(told, script, told.listed("variable"), plan)


# as in NARROWING: a group, at the base or later
_FOUR = (("of", 0), ("of", 1), ("minus", 0), ("minus", 1))


def narrowing(told: Told, script: Script) -> Rows:
    """Differences of four means: two groups, at the base and later."""
    side = _sides(told, script)
    time, base = str(told.call["time"]), told.call["base"]
    by, values = grouped(told, script, [own for own in told.listed("by") if own != time])
    times = [base, *(own for own in told.meta["times"] if own != base)]
    when = over(told, script, time, times)
    weights = [NARROWING[str(measure)] for measure in told.rows["measure"]]
    cells = [
        [[*own, times[t], s] for (s, t), weight in zip(_FOUR, row, strict=True) if weight]
        for own, row in zip(values, weights, strict=True)
    ]
    plan = Plan("mean", [*by, when, side], cells, weights=[[float(w) for w in row if w] for row in weights])
    return write(told, script, told.listed("variable"), plan)


def trend(told: Told, script: Script) -> Rows:
    """Lines of least squares through the means of waves: combinations of these, with known weights."""
    time, waves = str(told.call["time"]), [float(one) for one in told.meta["times"]]
    by, values = grouped(told, script, told.listed("by"))
    own_times = told.levels(time)
    spelled = list(own_times) if own_times and len(own_times) == len(waves) else waves
    when = over(told, script, time, spelled)
    weights = [_least_squares(told, i, waves) for i in range(len(told.rows))]
    plan = Plan("mean", [*by, when], [[[*own, t] for t in spelled] for own in values], weights=weights, within=len(by))
    out = write(told, script, told.listed("variable"), plan)
    script.say("slopes: each wave's mean times its weight of least squares")
    return out


def _least_squares(told: Told, i: int, waves: Sequence[float]) -> list[float]:
    """The weight of each wave's mean in the term of a row."""
    terms = told.rows["term"].astype(str).tolist()
    steps = list(dict.fromkeys(term for term in terms if term.startswith("step ")))
    if "measure" in told.rows and told.rows["measure"].iloc[i] == "without break term":
        steps = []
    x = np.array(waves)
    columns = {"": np.ones(len(x)), "slope": x - x.mean()}
    columns |= {term: (x >= float(term.removeprefix("step "))).astype(float) for term in steps}
    design = np.column_stack(list(columns.values()))
    solved = np.linalg.solve(design.T @ design, design.T)
    return [float(w) for w in solved[list(columns).index(terms[i])]]


def pairs(told: Told, script: Script) -> Rows:
    """Variances, covariances and correlations: functions of the means of numbers, squares and products."""
    variables = told.listed("variables")
    by, values = grouped(told, script, told.listed("by"))
    script.say("variances, covariances and correlations are functions of the means of numbers, squares and products")
    both = [tuple(own.split(":")) if told.function != "variance" else (own, own) for own, _ in told.heads]
    made: dict[str, str] = {}
    for one, other in dict.fromkeys(both):
        for a, b in ((one, other), (one, one), (other, other)):
            column = fresh(told, f"product_{len(made) + 1}")
            if f"{a}:{b}" not in made:
                script.add(f"generate double {column} = {name(a)} * {name(b)}")
                made[f"{a}:{b}"] = column
    inside = domain(told, script, [*(name(v) for v in variables), *made.values(), *(one.column for one in by)])
    script.add(_estimate("mean", [*map(name, variables), *made.values()], by, inside))
    out: Rows = []
    for i, (a, b) in enumerate(both):

        def at(column: str, i: int = i) -> str:
            return coefficient(column, by, values[i])

        def moment(a: str, b: str, at: Any = at) -> str:
            return f"({at(made[f'{a}:{b}'])} - {at(name(a))} * {at(name(b))})"

        if told.function == "correlation":
            words = f"{moment(a, b)} / sqrt({moment(a, a)} * {moment(b, b)})"
        else:
            count = fresh(told, f"people_{i + 1}")
            script.add(
                f"quietly count if {people(inside, by, values[i])} & {fresh(told, 'final')} > 0",
                f"scalar {count} = r(N)",
            )
            words = f"{moment(a, b)} * {count} / ({count} - 1)"
        out.append(None if told.empty[i] else Row(words, people(inside, by, values[i])))
    return out


def crosstab(told: Told, script: Script) -> Rows:
    """``svy: tabulate`` with its tests, and each cell's share."""
    given = [str(told.call[side]) for side in ("row", "column")]
    row, column = (over(told, script, one, told.rows[one].tolist()) for one in given)
    both = [(row.number(a), column.number(b)) for a, b in zip(*(told.rows[one] for one in given), strict=True)]
    by, values = grouped(told, script, told.listed("by"))
    script.say("rows missing in either variable are outside the domain")
    inside = domain(told, script, [row.column, column.column, *(one.column for one in by)])
    table = f"tabulate {row.column} {column.column}, cell se ci pearson"
    if by:
        script.say("svy: tabulate has no over(): one table a cell, by subpop()")
        for own in {tuple(map(str, v)): v for v in values}.values():
            script.add(f"svy, subpop(if {people(inside, by, own)}): {table}")
    else:
        script.say("pearson: Rao and Scott's second-order correction, an F; our test('F')")
        script.add(f"svy, subpop({inside}): {table} wald")
    made: dict[tuple[str, str], str] = {}
    for a, b in dict.fromkeys(both):
        made[a, b] = fresh(told, f"cell_{len(made) + 1}")
        script.add(f"generate byte {made[a, b]} = {row.column} == {a} & {column.column} == {b}")
    script.add(_estimate("mean", list(made.values()), by, inside))
    return [
        None if told.empty[i] else linear({coefficient(made[key], by, values[i]): 1.0}, people(inside, by, values[i]))
        for i, key in enumerate(both)
    ]
