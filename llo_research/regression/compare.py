"""Models side by side: coefficients in rows, models in columns, what they rest on in the footer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.options import check_level, check_option, check_switch, names_of
from llo_research.regression.foreign import linearmodels, ours, pyfixest, statsmodels
from llo_research.regression.foreign.column import Column
from llo_research.results import floors
from llo_research.results.receipts.receipt import Receipt, receipt_of_several
from llo_research.results.result import Result
from llo_research.results.retold import beside_each_other
from llo_research.results.rules import AUTO
from llo_research.results.side_by_side import SideBySide
from llo_research.results.together import withheld_together

_FOREIGN = (statsmodels, linearmodels, pyfixest)
FOOTER = ("n", "n_units", "n_psu", "mean_y", "effects", "controls", "r2", "vcov", "small_sample", "program")


BRACKETS = ("std_error", "interval")
_ROWS = {
    "nl": {"rij": "schatting", "rijen": "schattingen"},
    "en": {"row": "estimate", "rows": "estimates"},
}


@dataclass(frozen=True, repr=False, eq=False)
class Comparison(SideBySide):
    """Several models side by side. Made by :func:`compare`; ``llo.report.table`` and ``llo.report.figure`` show it.

    Attributes
    ----------
    columns : tuple of Column
        The models, without the numbers that may not be seen.
    labels : tuple of str
        Their names.
    meta : dict
        The call; whether any of them rests on synthetic data.
    models : tuple
        The fits themselves.
    controls : dict
        Columns of the data, by the name of their row, whose terms are told in the footer only.
    brackets : {"std_error", "interval"}
        What stands below an estimate.
    stars : bool
        Whether small p-values are marked.
    guards : dict
        Of the models on restricted data what may not be seen, by their label.
    """

    columns: tuple[Column, ...]
    labels: tuple[str, ...]
    meta: dict[str, Any]
    models: tuple[Any, ...] = ()
    controls: dict[str, tuple[str, ...]] = field(default_factory=dict)
    brackets: str = "std_error"
    stars: bool = False
    guards: dict[str, floors.Withheld] = field(default_factory=dict)

    def under(self, disclosure: str) -> Comparison:
        """The same with the rows withheld that may not be seen under ``auto``, ``off`` or a profile."""
        columns, guards = _columns(self.models, self.labels, self.meta["call"]["level"], disclosure)
        out = replace(self, columns=columns, guards=guards)
        hidden = [np.zeros(len(c.terms), dtype=bool) if c.hidden is None else c.hidden for c in columns]
        return replace(out, meta={**self.meta, "withheld": out.note(np.concatenate(hidden), "en")})

    def receipt(self, *, language: str = "en", disclosure: str = "auto") -> Receipt:
        """How each model was made, one after the other; models of other programs have no receipt."""
        pairs = zip(self.labels, self.models, strict=True)
        own = {label: model for label, model in pairs if isinstance(model, Result)}
        return receipt_of_several(own, "llo.compare", language, disclosure)

    def note(self, rows: np.ndarray, language: str) -> str:
        """What is said of withheld estimates, (k,) of those shown, and by which rule; nothing where none is."""
        if not self.guards or not rows.any():
            return ""
        guard = next(iter(self.guards.values()))
        none = np.zeros(len(rows), dtype=bool)
        note = replace(guard, rows=rows, ends=none, rest=none).note(language)
        for word, own in _ROWS[language].items():
            note = note.replace(f" {word} (", f" {own} (")
        return note

    @property
    def terms(self) -> tuple[str, ...]:
        """All terms, in the order in which they first occur; the constant last."""
        every = dict.fromkeys(term for column in self.columns for term in column.terms)
        return (*(term for term in every if term != "Intercept"), *(["Intercept"] if "Intercept" in every else []))

    @property
    def footer(self) -> pd.DataFrame:
        """N, sampling units, mean of the response, absorbed effects, controls, ... in rows; a column for each model."""
        rows = {name: [column.footer.get(name) for column in self.columns] for name in FOOTER}
        known = {name: values for name, values in rows.items() if any(v not in (None, "") for v in values)}
        return pd.DataFrame(list(known.values()), index=list(known), columns=list(self.labels), dtype=object)

    def to_frame(self) -> pd.DataFrame:
        """Tidy: one row for each model and term, with a column `model`; numbers are not rounded."""
        parts = [column.frame().assign(model=label) for column, label in zip(self.columns, self.labels, strict=True)]
        frame = pd.concat(parts, ignore_index=True)
        return frame[["model", *(name for name in frame.columns if name != "model")]]

    def wide(self) -> pd.DataFrame:
        """Terms in rows, each with its estimate and its standard error below; models in columns."""
        index, rows = [], []
        for term in self.terms:
            for name in ("estimate", "std_error"):
                index.append((term, name))
                rows.append([_number(column, term, name) for column in self.columns])
        both = pd.MultiIndex.from_tuples(index, names=["term", "number"])
        return pd.DataFrame(rows, index=both, columns=list(self.labels))

    def to_r(self, path: str = "data.csv") -> str:
        """The scripts in R of our models, one after the other; `answer` has a column `model`, as :meth:`to_frame`.

        Of models of other programs it says that there is none.

        Examples
        --------
        >>> import llo_research as llo
        >>> nea = llo.synthetic("nea", years=[2022])
        >>> models = [llo.glm("training ~ age", nea), llo.glm("training ~ age + education", nea)]
        >>> "model" in llo.compare(models).to_r()
        True
        """
        return beside_each_other("R", self.labels, self.models, path)

    def to_stata(self, path: str = "data.dta") -> str:
        """The do-files of our models, one after the other; not run."""
        return beside_each_other("Stata", self.labels, self.models, path)

    def to_spss(self, path: str = "data.sav") -> str:
        """The scripts in SPSS of our models, one after the other; not run."""
        return beside_each_other("SPSS", self.labels, self.models, path)

    def summary(self) -> str:
        """The table as text, rounded."""
        head = ["SYNTHETIC DATA: shows method, not the population", ""] if self.meta.get("synthetic") else []
        foot = ["", self.meta["withheld"]] if self.meta.get("withheld") else []
        return "\n".join([*head, self._shown().to_string(), *foot])

    def _shown(self) -> pd.DataFrame:
        """Estimates with standard errors in brackets, and the footer."""
        body = self.wide()
        texts = [
            ["" if v is None or np.isnan(v) else f"({v:.4f})" if name == "std_error" else f"{v + 0.0:.4f}" for v in row]
            for (_, name), row in zip(body.index, body.to_numpy(), strict=True)
        ]
        index = [term if name == "estimate" else "" for term, name in body.index]
        shown = pd.DataFrame(texts, index=index, columns=list(self.labels))
        return pd.concat([shown, self.footer.map(_told)])

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        note = "<p><strong>Synthetic data</strong></p>" if self.meta.get("synthetic") else ""
        hidden = self.meta.get("withheld")
        return note + str(self._shown().to_html()) + (f"<p>{escape(hidden)}</p>" if hidden else "")


def compare(
    models: Sequence[Any] | Mapping[str, Any],
    labels: Sequence[str] | None = None,
    *,
    level: float = 0.95,
    controls: Sequence[str] | Mapping[str, Sequence[str]] | None = None,
    brackets: str = "std_error",
    stars: bool = False,
) -> Comparison:
    """Models side by side, ours and those of statsmodels, linearmodels and pyfixest.

    Parameters
    ----------
    models : list or mapping
        Fits; a mapping names them.
    labels : list of str, optional
        A name for each column; default ``(1)``, ``(2)``, ...
    level : float
        Level of the intervals of other programs' models; ours keep their own.
    controls : list or mapping, optional
        Columns of the data whose terms are not shown: a row in the footer says yes or no for each, or, of a mapping
        ``{"person": ["age", "education"]}``, for each group. A term goes when all its columns are among them.
    brackets : {"std_error", "interval"}
        What stands below each estimate in a table.
    stars : bool
        Whether a table marks p-values below 0.05, 0.01 and 0.001. Intervals say more.

    Returns
    -------
    Comparison
        ``.to_frame()`` is tidy with a column `model`, ``.wide()`` has terms in rows and models in columns,
        ``.footer`` N, sampling units, mean of the response, effects, controls and covariance. For a page:
        ``llo.report.table(comparison)`` and ``llo.report.figure(comparison)``.

    Raises
    ------
    DataError
        No models, something that is no fitted model, labels that do not fit or repeat, controls that no model has.

    Notes
    -----
    Coefficients of models on different rows, or on different scales (logits and shares), do not compare as numbers:
    the footer says what each rests on. Between nested logits the residual scale moves as well (Mood, 2010): compare
    average marginal effects.

    References
    ----------
    Mood, C. (2010). Logistic regression: why we cannot do what we think we can do, and what we can do about it.
    European Sociological Review, 26, 67-82.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"y": [1.0, 2.0, 2.0, 4.0], "x": [0.0, 1.0, 2.0, 3.0], "w": 1.0})
    >>> svy = llo.Survey(frame, weights="w")
    >>> both = llo.compare([llo.glm("y ~ 1", svy), llo.glm("y ~ x", svy)], labels=["mean", "line"])
    >>> both.wide().xs("estimate", level="number").round(2).values.tolist()
    [[nan, 0.9], [2.25, 0.9]]
    """
    check_level(level)
    if isinstance(models, Mapping):
        labels, models = list(map(str, models)) if labels is None else labels, list(models.values())
    if isinstance(models, str | Result) or not isinstance(models, Sequence) or not len(models):
        raise DataError(
            "Models are compared in a list.",
            where="compare",
            found=f"a {type(models).__name__}",
            expected="[fit1, fit2], or {'name': fit1, ...}",
            todo="put the fits into a list, also when there is one",
        )
    names = tuple(f"({i + 1})" for i in range(len(models))) if labels is None else tuple(map(str, labels))
    if len(names) != len(models) or len(set(names)) < len(names):
        raise DataError(
            "Each model has a label of its own.",
            where="labels",
            found=f"{len(names)} labels for {len(models)} models: {list(names)[:6]}",
            expected="as many labels as models, all different",
            todo="leave labels out for (1), (2), ...",
        )
    check_option(brackets, "brackets", BRACKETS)
    check_switch(stars, "stars")
    metas = [model.meta for model in models if isinstance(model, Result)]
    made = Comparison(
        (),
        names,
        {
            "call": {"function": "compare", "labels": list(names), "level": level},
            "models": [meta.get("call") for meta in metas],
            "synthetic": any(_is_synthetic(meta) for meta in metas),
            "labels": {name: told for meta in metas for name, told in (meta.get("labels") or {}).items()},
        },
        tuple(models),
        _groups(controls),
        brackets,
        stars,
    )
    return made.under(AUTO)


def _columns(
    models: Sequence[Any], labels: Sequence[str], level: float, disclosure: str
) -> tuple[tuple[Column, ...], dict[str, floors.Withheld]]:
    """The models as columns under a profile, and what may not be seen of each of ours.

    What may not be seen of one model is not seen of another program's either: it may rest on the same people.
    """
    ours_of = {label: model for label, model in zip(labels, models, strict=True) if isinstance(model, Result)}
    hidden = withheld_together(ours_of, disclosure)
    columns = [_column(model, label, level, hidden.get(label)) for model, label in zip(models, labels, strict=True)]
    gone = {
        term
        for column in columns
        if column.hidden is not None
        for term, there in zip(column.terms, column.hidden, strict=True)
        if there
    }
    if gone:  # the mean of everybody and the numbers of most of them tell those of the rest
        columns = [
            (c if isinstance(m, Result) else c.without(gone)).untold("mean_y")
            for c, m in zip(columns, models, strict=True)
        ]
    least = max((part.rules.units for part in hidden.values()), default=0)
    return tuple(_by_base(_apart(columns, least))), hidden


def _by_base(columns: list[Column]) -> list[Column]:
    """Columns in which a coefficient against another base level is another term: its name says the base.

    Other programs do not tell their base levels: they are taken to be ours, unless they have a coefficient for it.
    """
    known: dict[str, Any] = {}
    for column in columns:
        for factor, base in column.bases.items():
            known.setdefault(factor, base)
    out = []
    for column in columns:
        bases = column.bases if column.rows is not None else known
        odd = {f: base for f, base in column.bases.items() if base != known[f]}
        if column.rows is None:
            own = set(column.terms)
            odd = {f: "another" for f, base in known.items() if f"{f}[T.{base}]" in own}
        terms = [
            next((f"{term} (base: {base})" for factor, base in odd.items() if f"{factor}[T." in term), term)
            for term in column.terms
        ]
        kept = bases if column.rows is not None else {f: b for f, b in bases.items() if f not in odd}
        out.append(replace(column, terms=tuple(terms), bases=kept))
    return out


def _apart(columns: list[Column], least: int) -> list[Column]:
    """Columns without an n that differs from an earlier one by fewer people than may be told."""
    seen: list[float] = []
    out = []
    for column in columns:
        n = column.footer.get("n")
        if isinstance(n, str) and n.isdigit():
            n = int(n)
        if least and isinstance(n, int) and any(0 < abs(n - other) < least for other in seen):
            told = {name for name in ("n", "n_units", "n_psu") if column.footer.get(name) is not None}
            column = replace(column, footer={**column.footer, **dict.fromkeys(told, floors.HIDDEN)})
        elif isinstance(n, int):
            seen.append(n)
        out.append(column)
    return out


def _is_synthetic(meta: Mapping[str, Any]) -> bool:
    """Whether a result, or its source, says that its data are synthetic."""
    return bool(meta.get("synthetic") or (meta.get("source") or {}).get("synthetic"))


def _groups(controls: Sequence[str] | Mapping[str, Sequence[str]] | None) -> dict[str, tuple[str, ...]]:
    """The columns of each row of controls."""
    if controls is None:
        return {}
    if isinstance(controls, Mapping):
        return {str(name): tuple(names_of(columns, f"controls[{name!r}]")) for name, columns in controls.items()}
    return {name: (name,) for name in names_of(controls, "controls")}


def _column(model: Any, label: str, level: float, hidden: floors.Withheld | None) -> Column:
    """One model as a column."""
    if isinstance(model, Result):
        return ours.column(model, hidden)
    package = type(model).__module__.split(".")[0]
    for foreign in _FOREIGN:
        if package == foreign.PACKAGE:
            made: Column = foreign.column(model, level)
            return made
    raise DataError(
        "This is no fitted model.",
        where=f"compare, {label}",
        found=f"a {type(model).__name__} of {package}",
        expected="a fit of llo.glm, llo.ordered or llo.panel, or a result of statsmodels, linearmodels or pyfixest",
        todo="fit the model first: statsmodels' and linearmodels' models have .fit()",
    )


def _number(column: Column, term: str, name: str) -> float:
    """A number of a term; nan where the model does not have it."""
    return float(getattr(column, name)[column.terms.index(term)]) if term in column.terms else np.nan


def _told(value: Any) -> str:
    """A value of the footer."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    return f"{value:.4f}" if isinstance(value, float) else str(value)
