"""A scan: data that stay where they are, and the design by which they were drawn."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd

from llo_research.design.lonely import LONELY_PSU
from llo_research.errors import DataError, DesignError, LloWarning
from llo_research.expression import Expression, parse
from llo_research.options import check_option
from llo_research.scanning.columns import Column, columns_of, found_column, plain_table, refuse_twice
from llo_research.scanning.conditions import Translation, refuse_other, refuse_random
from llo_research.scanning.describing import describe
from llo_research.scanning.engines import is_restricted, opened
from llo_research.scanning.held import ROLES, Domain, Held, Step
from llo_research.scanning.probing import MOST_LEVELS, few_values, probe
from llo_research.scanning.sums import Wanted, sums_of
from llo_research.survey import condition as conditions
from llo_research.survey.arguments import check_mappings_and_columns, check_weight_kind
from llo_research.survey.construct import Names, as_names
from llo_research.survey.describe import Description
from llo_research.survey.formulas import formula_columns
from llo_research.survey.from_sums import survey_of
from llo_research.survey.panel import times_of
from llo_research.survey.survey import Survey
from llo_research.survey.variables import spelled


class Scan(Held):
    """Data that stay where they are: files, or a table of an engine, with their sampling design. Made by :func:`scan`.

    Nothing is read until a result is asked for. Estimators take a scan as they take a :class:`Survey`: they have the
    engine add up what the call names, and compute with the sums.
    """

    def _with(self, **changes: Any) -> Scan:
        """A copy with some parts exchanged."""
        return Scan(**{**self.__dict__, **{f"_{name}": value for name, value in changes.items()}})

    # -- what it is -----------------------------------------------------------------------------------------------

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return list(self._columns)

    @property
    def labels(self) -> dict[str, Any]:
        """Labels of the variables."""
        return dict(self._labels)

    @property
    def source(self) -> dict[str, Any]:
        """Where the data come from."""
        return dict(self._source)

    @property
    def time(self) -> str | None:
        """Column of the waves, if there is one."""
        name: str | None = self._roles["time"]
        return name

    def __repr__(self) -> str:
        rows = "" if self._reading.rows is None else f", {self._reading.rows:,} rows"
        roles = [f"{role}={', '.join(as_names(own))}" for role, own in self._roles.items() if role in ROLES and own]
        domain = [f"where {own.words}" for own in self._domain]
        steps = [step.what for step in self._steps]
        told = "; ".join([*roles, *steps, *domain])
        return f"Scan of {self._reading.words} ({self._reading.engine}{rows}, {len(self._columns)} columns)" + (
            f": {told}" if told else ""
        )

    def describe(self) -> Description:
        """Strata, sampling units, rows, sum of weights, degrees of freedom, as of a Survey; reads the data once.

        With a psu and a unit once more: whether persons lie in more than one psu stands among the problems.
        """
        return describe(self)

    def __getattr__(self, name: str) -> Any:
        """Only for what a scan does not have: where to find it."""
        told = ""
        if not name.startswith("_") and hasattr(Survey, name):
            told = " What to do: scan.collapse([...]) gives a Survey of some columns, which has it."
        raise AttributeError(f"A scan has no {name!r}.{told}")

    def __reduce__(self) -> Any:
        """A scan holds a connection, which another process has not."""
        raise TypeError("A scan is not kept or sent to another process: keep the call of llo.scan, or its results.")

    # -- domains and columns --------------------------------------------------------------------------------------

    def where(self, condition: str) -> Scan:
        """Restrict to a domain, as :meth:`Survey.where`: the design keeps all rows; unknown rows are outside.

        Parameters
        ----------
        condition : str
            In the grammar of :meth:`Survey.where`.

        Raises
        ------
        DataError
            An unknown column or level, or text beside a number. That nobody is in the domain shows when it is read.
        """
        if not isinstance(condition, str):
            raise refuse_other(condition, "scan.where")
        truth = self._truth(parse(condition, logical=True))
        name = f"where {len(self._domain) + 1}: {condition}"
        columns = {**self._columns, name: Column(name, "boolean", "boolean")}
        table = self._table.mutate(**{name: truth})
        domain = (*self._domain, Domain(name, condition))
        return self._with(table=table, columns=columns, domain=domain, profile={})

    def assign(self, **columns: str | Callable[[Any], Any]) -> Scan:
        """Add columns: conditions as text, ``scan.assign(over55="age >= 55")``, or functions of the Ibis table.

        A condition is missing where it is unknown; also in a wave that did not ask one of its questions. Columns that
        make the design, or to which the weights were calibrated, cannot be replaced.
        """
        new = self
        for given, value in columns.items():
            name = spelled(pd.DataFrame(columns=self.columns), given)
            weighted = any(name in step.columns for step in new._steps)
            if weighted or name in new._role_columns:
                raise DesignError(
                    f"{name!r} makes the {'weights' if weighted else 'design'} and cannot be replaced.",
                    where="scan.assign",
                    todo="give the column another name, or make a new scan",
                )
            new = new._assigned(name, value)
        return new

    def _assigned(self, name: str, value: Any) -> Scan:
        """One new column."""
        read: tuple[str, ...] = ()
        if isinstance(value, str):
            expression = parse(value, logical=True)
            read = tuple(
                found_column(self._columns, own, f"scan.assign({name}=...)").name for own in expression.names()
            )
            value = self._asked(self._truth(expression), read)
        elif callable(value):
            value = value(self._table)
        if not (hasattr(value, "type") and hasattr(value, "name")):
            raise refuse_other(value, f"scan.assign({name}=...)")
        refuse_random(value, f"scan.assign({name}=...)")
        refuse_twice([*(own for own in self._columns if own != name), name], f"scan.assign({name}=...)")
        table = plain_table(self._table.mutate(**{name: value}))
        known = {**self._columns, name: columns_of(table.select(name).schema())[name]}
        origins = {
            **self._origins,
            name: tuple(dict.fromkeys([s for own in read for s in (own, *self._origins.get(own, ()))])),
        }
        profile = {own: found for own, found in self._profile.items() if own != name}
        levels = {own: found for own, found in self._levels.items() if own[0] != name}
        return self._with(table=table, columns=known, origins=origins, profile=profile, levels=levels)

    def _asked(self, truth: Any, read: Sequence[str]) -> Any:
        """The condition, unknown in waves in which one of its columns has no answer and it is unknown for somebody."""
        if self.time is None:
            return truth
        table = self._table
        asked = table.select(
            wave=table[self.time], truth=truth, **{f"a{i}": table[name] for i, name in enumerate(read)}
        )
        answers = {f"a{i}": asked[f"a{i}"].count() for i in range(len(read))}
        waves = asked.group_by("wave").agg(unknown=asked.truth.isnull().sum(), **answers)
        found = self._reading.read(waves, "questions asked in each wave").to_pandas()
        silent = (found[list(answers)] == 0).any(axis=1) & (found["unknown"] > 0)
        unasked = found.loc[silent, "wave"].tolist()
        return self._table[self.time].isin(unasked).ifelse(None, truth) if unasked else truth

    def _truth(self, expression: Expression) -> Any:
        """A condition as an expression of the engine: true, false, or missing where unknown."""
        few = probe(self, expression)
        conditions.evaluate(expression.text, few, self._labels)  # refuses what a Survey refuses
        return Translation(expression, self._table, few, self._labels).truth()

    def _with_conditions(self, names: Sequence[str]) -> Scan:
        """The scan with columns for those names that are conditions, as ``"age >= 55"``."""
        frame = pd.DataFrame(columns=self.columns)
        new = self
        for name in names:
            if spelled(frame, name) not in self._columns and conditions.as_condition(name, frame) is not None:
                new = new._assigned(name, name)
        return new

    # -- adding up ------------------------------------------------------------------------------------------------

    def collapse(
        self,
        columns: Sequence[str],
        numbers: Sequence[str] = (),
        together: Sequence[tuple[str, str]] = (),
    ) -> Survey:
        """A Survey with a row for each stratum, sampling unit and pattern of these columns, without loss.

        Parameters
        ----------
        columns : list of str
            Columns (or conditions) whose patterns make the rows: categories, booleans, whole numbers of few values.
        numbers : list of str
            Columns kept as sums: exact for what is linear in them (means, totals, their differences).
        together : list of pairs of str
            Numbers whose products are kept too.

        Returns
        -------
        Survey
            Exact for every estimator of these columns. Its rows are microdata: a pattern may be of one person.

        Raises
        ------
        DataError
            No such column, a damaged file, an empty domain, too many patterns.
        DesignError
            Weights or columns of the design that are missing or contradict each other.
        """
        columns, numbers = as_names(columns, "columns"), as_names(numbers, "numbers")
        scan = self._with_conditions([*columns, *numbers])
        pattern = [found_column(scan._columns, name, "columns").name for name in columns]
        sums = [found_column(scan._columns, name, "numbers").name for name in numbers]
        return scan._collapsed(dict.fromkeys(pattern), dict.fromkeys(sums), _pairs(together, sums))

    def _collapsed(self, pattern: Mapping[str, None], sums: Mapping[str, None], together: Any) -> Survey:
        """The collapsed survey with the domain and the weighting steps of the scan."""
        for name in sums:
            if (
                self._columns[name].kind not in ("whole", "number", "boolean")
                or self._columns[name].declared is not None
            ):
                raise DataError(
                    f"{name!r} holds no numbers.",
                    where="numbers",
                    found=self._columns[name].found,
                    todo="name it among the columns",
                )
        needed = [name for step in self._steps for name in step.columns]
        wanted = Wanted(
            tuple(dict.fromkeys([*pattern, *needed, *(own.column for own in self._domain)])), tuple(sums), together
        )
        account = self._reading.begin()
        with self._reading.work(1 + bool(sums) + 2 * self._unit_alone):
            added = sums_of(self, wanted)
        account["rows"] = int(added.counts.sum())
        roles = {name: own for name, own in self._roles.items() if name != "engine"}
        if roles["weights"] is None:
            warnings.warn(LloWarning("No weights were given: every row counts the same (weight 1)."), stacklevel=4)
        svy = survey_of(added, labels=self._labels, source=self._source, **roles)
        svy = svy._with(
            origins=dict(self._origins),
            beside={**svy._beside, "read": account},
        )
        for step in self._steps:
            svy = step.take(svy)
        return self._restricted(svy)

    def _restricted(self, svy: Survey) -> Survey:
        """The domain, each condition counted in rows of the data."""
        inside, stands = svy.domain.copy(), svy.design.stands
        counts = np.ones(len(svy)) if stands is None else stands.counts
        for own in self._domain:
            truth = svy._frame[own.column]
            unknown = round(counts[inside & truth.isna().to_numpy()].sum())
            before = round(counts[inside].sum())
            inside &= truth.fillna(False).to_numpy(dtype=bool)
            if not inside.any():
                raise DataError(
                    "The domain is empty.",
                    where=own.words,
                    found=f"0 of {before} rows ({unknown} unknown)",
                    todo="check the condition",
                )
            note: dict[str, Any] = {
                "condition": own.words,
                "rows": round(counts[inside].sum()),
                "unknown": unknown,
            }
            if times := times_of(svy._frame, self.time, inside):
                note["times"] = times
            svy = svy._with(domain=inside.copy(), notes=(*svy._notes, note))
        return svy

    def for_call(self, linear: Sequence[str], columns: Sequence[str] = ()) -> Survey:
        """What an estimator asks for: `linear` may be kept as sums, `columns` must be patterns."""
        scan = self._with_conditions([*linear, *columns])
        pattern: dict[str, None] = {}
        sums: dict[str, None] = {}
        for name in dict.fromkeys([*linear, *columns]):
            own = found_column(scan._columns, name, "the call").name
            if name in columns:
                scan._check_pattern(own, "the call")
            (pattern if name in columns or scan._is_pattern(own) else sums)[own] = None
        return scan._collapsed(pattern, sums, tuple(itertools.combinations(sums, 2)))

    def _is_pattern(self, name: str) -> bool:
        """Whether each value of a column can be a row: categories, booleans, text, whole numbers of few values."""
        column = self._columns[name]
        return column.declared is not None or column.kind not in ("whole", "number") or few_values(self, name)

    def _check_pattern(self, name: str, where: str) -> None:
        """Refuse numbers of many values as groups."""
        if not self._is_pattern(name):
            raise DataError(
                f"{name!r} has too many values to make groups of.",
                where=f"{where}, column {name!r} of {self._reading.words}",
                found=f"{self._columns[name].found}, fractions or more than {MOST_LEVELS} values",
                expected=f"categories, booleans, text, or at most {MOST_LEVELS} whole numbers",
                todo=f'make classes of it: scan.assign(high="{name} >= ...")',
            )

    def for_formula(self, formula: str, columns: Sequence[str] = (), linear: bool = False) -> Survey:
        """What a model asks for: the patterns of its columns; of a response in which it is `linear`, sums."""
        response, others = self._of_formula(formula, linear)
        return self.for_call(response, [*others, *columns])

    def collapses(self, formula: str, linear: bool) -> bool:
        """Whether patterns give a model: its regressors are categories or whole numbers of few values."""
        _, others = self._of_formula(formula, linear)
        scan = self._with_conditions(others)
        return all(scan._is_pattern(found_column(scan._columns, name, "formula").name) for name in others)

    def _of_formula(self, formula: str, linear: bool) -> tuple[list[str], list[str]]:
        """The columns of a model: a response that may be sums, and the others."""
        if not isinstance(formula, str) or "~" not in formula:
            raise DataError("A model's formula has a response.", where="formula", found=repr(formula)[:80])
        frame = pd.DataFrame({name: pd.Series(dtype=_DTYPES[own.kind]) for name, own in self._columns.items()})
        left, right = (part.strip() for part in formula.split("~", 1))
        response = [left] if conditions.as_condition(left, frame) is not None else formula_columns(f"~ {left}", frame)
        regressors = formula_columns(f"~ {right}", frame)
        return (response, regressors) if linear and [left] == response else ([], [*response, *regressors])

    def by_passes(self, name: str, call: Mapping[str, Any]) -> Any:
        """What needs passes over the rows: quantiles, models with numbers."""
        return import_module("llo_research.scanning.by_passes").run(self, name, call)

    def then(self, columns: Sequence[str], take: Callable[[Survey], Survey], what: str, domain: bool = False) -> Scan:
        """A step that each collapsed survey takes; the patterns then have its columns.

        domain : whether it takes the whole survey also of a scan that is restricted, as replicates do.
        """
        if self._domain and not domain:
            raise DesignError(
                "A domain cannot be weighted by itself; weights belong to the whole survey.",
                where=what,
                found=f"a scan restricted by {self._domain[-1].words!r}",
                todo=f"{what} the whole scan first, then restrict it with where(...)",
            )
        scan = self._with_conditions(columns)
        names = tuple(found_column(scan._columns, name, what).name for name in columns)
        for name in names:
            scan._check_pattern(name, what)
        weighted = scan._with(steps=(*scan._steps, Step(names, take, what)))
        weighted.collapse([])  # what cannot be weighted so is refused here, not with the first result
        return weighted


def _pairs(together: Any, numbers: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Pairs of numbers whose products are kept."""
    pairs = list(together) if isinstance(together, list | tuple) else [together]
    for pair in pairs:
        if not isinstance(pair, list | tuple) or len(pair) != 2 or not set(pair) <= set(numbers):
            raise DataError(
                "Products are of two of the numbers.",
                where="together",
                found=repr(pair)[:60],
                expected=f"pairs of {', '.join(numbers) or 'numbers=[...]'}",
                todo='numbers=["hours", "age"], together=[("hours", "age")]',
            )
    return tuple((first, second) for first, second in pairs)


_DTYPES = {"whole": "int64", "number": "float64", "boolean": "boolean", "text": "object", "other": "object"}


def scan(
    data: Any,
    *,
    weights: str | None = None,
    strata: Names = None,
    psu: Names = None,
    unit: str | None = None,
    time: str | None = None,
    weight_kind: str = "expansion",
    lonely_psu: str = "error",
    engine: Any = None,
    labels: Mapping[str, Any] | None = None,
    source: Mapping[str, Any] | None = None,
) -> Scan:
    """Data beyond memory: files or a table of an engine, with their sampling design; the same numbers as a Survey.

    The engine adds up where the data lie (DuckDB in this process; Spark for whoever has it), and the estimators compute
    with the sums: a row for each stratum, sampling unit and pattern of the columns that a call names.

    Parameters
    ----------
    data : path, glob, list of these, Ibis table or PySpark DataFrame
        Parquet or CSV files with the same columns, or a table of an engine; with `engine` also a table's name.
    weights, strata, psu, unit, time, weight_kind, lonely_psu, labels
        As of :class:`Survey`; PSU labels repeat over strata. That each person of `unit` lies in one PSU, which a Survey
        checks at once, takes a pass: ``describe()`` looks, and :func:`llo_research.panel.fixed_effects`.
    engine : Ibis or DuckDB connection, or PySpark session, optional
        What reads the files. By default DuckDB, with 2 GB of memory; what does not fit goes to a folder of the project
        that is removed: ``engine=ibis.duckdb.connect(memory_limit="8GB")`` gives more.
    source : mapping, optional
        Where the data come from. Results are shown with the care that restricted microdata ask, unless it says
        ``{"restricted": False}``.

    Returns
    -------
    Scan
        Lazy: nothing but the types of the columns is read. ``where``, ``assign``, ``describe`` and ``collapse`` work as
        those of a Survey; each result says in ``.meta["read"]`` what was read.

    Raises
    ------
    DataError
        A package that is not installed; no such file or column; a damaged file; columns that differ between files;
        later a file that was changed after the scan was made.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> pd.DataFrame({"training": [1, 0, 1, 1], "w": [2.0, 3.0, 1.0, 4.0]}).to_parquet("a.parquet")  # doctest: +SKIP
    >>> big = llo.scan("a.parquet", weights="w")                                                     # doctest: +SKIP
    >>> llo.mean("training", big).to_frame()["estimate"].tolist()                                    # doctest: +SKIP
    [0.7]
    """
    roles: dict[str, Any] = {"weights": weights, "strata": strata, "psu": psu, "unit": unit, "time": time}
    check_weight_kind(weight_kind)
    check_option(lonely_psu, "lonely_psu", LONELY_PSU, error=DesignError)
    check_mappings_and_columns({**roles, "labels": labels, "source": source})
    restricted = is_restricted(source)
    table, columns, reading = opened(data, engine)
    for role, given in roles.items():
        own = [found_column(columns, name, role).name for name in as_names(given, role)]
        roles[role] = (own or None) if isinstance(given, list | tuple) else next(iter(own), None)
    if weights is not None and columns[roles["weights"]].kind not in ("whole", "number"):
        raise DesignError(
            "The weights are not numbers.",
            where=f"column {weights!r}",
            found=columns[roles["weights"]].found,
            expected="a column of numbers",
        )
    if len(as_names(psu)) > 1:
        raise DesignError(
            "A scan has sampling units of one stage.",
            where="psu",
            found=list(as_names(psu)),
            expected="the column of the first stage",
            todo="give the first stage; without fpc, later stages add nothing to the variance",
        )
    told = {
        "title": reading.words,
        "files": [{"path": name} for name in reading.files],
        "synthetic": False,
        "edition": {"nl": "besloten microdata", "en": "restricted microdata"} if restricted else "",
        "kind": "restricted" if restricted else "own",
        "restricted": restricted,
        **dict(source or {}),
    }
    roles |= {"weight_kind": weight_kind, "lonely_psu": lonely_psu}
    return Scan(
        _table=table, _columns=columns, _reading=reading, _roles=roles, _labels=dict(labels or {}), _source=told
    )
