"""Models side by side as rows and columns: which terms are the same, in words, and what is said below."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError
from llo_research.options import nearest
from llo_research.report.content.content import Content, heading_of
from llo_research.report.content.labels import capital, is_missing, said, short_label, value_label, word
from llo_research.report.content.model_notes import is_model, model_name, small_sample_text
from llo_research.report.content.model_words import COMPARISONS
from llo_research.report.content.numbers import decimals_for, level_text, number
from llo_research.report.content.reading import content_of
from llo_research.report.content.terms import Factor, Terms, columns_in, is_constant
from llo_research.report.content.units import factors
from llo_research.results.quantities import Quantity
from llo_research.results.result import Result

if TYPE_CHECKING:
    from llo_research.regression.compare import Comparison
    from llo_research.regression.foreign.column import Column

_WITHIN = ("panel.conditional_logit", "panel.fixed_effects_ordered")
_TOLD_ELSEWHERE = ("n", "interval", "model")
_FOREIGN = Quantity("coefficient", "number", 0.0)


@dataclass(frozen=True)
class Line:
    """A term of some of the models: its words, what it is made of, and its row in each model."""

    text: str
    made_of: tuple[str, ...]
    rows: tuple[int | None, ...]

    @property
    def constant(self) -> bool:
        """Whether it is a constant or a threshold, which is on a scale of its own."""
        return not self.made_of


@dataclass(frozen=True)
class Shown:
    """A comparison under a profile: all terms, those shown, and their content (a row for each term and model)."""

    comparison: Comparison
    lines: tuple[Line, ...]
    shown: tuple[Line, ...]
    content: Content
    metas: tuple[Mapping[str, Any] | None, ...]


def shown_comparison(
    given: Comparison, digits: int, language: str, disclosure: str, *, constants: bool = True
) -> Shown:
    """What a table or figure shows of a comparison."""
    comparison = given.under(disclosure)
    parts = [
        content_of(m, digits, language, disclosure, comparison.guards.get(label)) if isinstance(m, Result) else None
        for label, m in zip(comparison.labels, comparison.models, strict=True)
    ]
    metas = tuple(None if part is None else part.meta for part in parts)
    lines = lines_of(comparison, metas, language)
    _check_controls(comparison, lines)
    taken = {name for names in comparison.controls.values() for name in names}
    shown = tuple(
        line for line in lines if not (line.made_of and set(line.made_of) <= taken) and (constants or not line.constant)
    )
    content = _content(comparison, shown or lines, parts, digits, language)
    hidden = np.array([bool(mark) for mark in content.withheld], dtype=bool)
    content.notes.pop("disclosure", None)
    if note := comparison.note(hidden, language):
        content.notes["disclosure"] = note
    if not constants:
        content.notes.update(_of_figure(comparison, lines, shown, language))
    return Shown(comparison, lines, shown or lines, content, metas)


def _of_figure(
    comparison: Comparison, lines: tuple[Line, ...], shown: tuple[Line, ...], language: str
) -> dict[str, str]:
    """What a figure says below that stands in the footer of a table: n, and what is not drawn."""
    told = {"n": _counts(comparison, language)}
    gone = [line for line in lines if line not in shown] if shown else []
    if any(line.constant for line in gone):
        every = [term for column in comparison.columns for term in column.terms]
        kinds = {"constant": "Intercept" in every, "thresholds": any("|" in term for term in every)}
        told["constant"] = " ".join(said(COMPARISONS, kind, language) for kind, there in kinds.items() if there)
    if comparison.controls and not all(line.constant for line in gone):
        names = [short_label(name, comparison.meta["labels"], language) for name in comparison.controls]
        told["controls"] = said(COMPARISONS, "not drawn", language).format(names="; ".join(names))
    return {topic: text for topic, text in told.items() if text}


def _counts(comparison: Comparison, language: str) -> str:
    """The number of observations of each model, once where it is the same."""
    known = [column.footer.get("n") for column in comparison.columns]
    texts = ["" if n is None else number(float(n), 0, language) if str(n).isdigit() else str(n) for n in known]
    if not all(texts):
        return ""
    same = len(set(texts)) == 1 and texts[0].strip("<").replace(".", "").replace(",", "").isdigit()
    each = (
        texts[0] if same else ", ".join(f"{text} ({name})" for name, text in zip(comparison.labels, texts, strict=True))
    )
    return said(COMPARISONS, "counts", language).format(n=each)


def lines_of(comparison: Comparison, metas: tuple[Mapping[str, Any] | None, ...], language: str) -> tuple[Line, ...]:
    """The terms of all models, each once, the constants last; terms are the same when they are made of the same."""
    labels = comparison.meta["labels"]
    found: dict[tuple[Any, ...], list[int | None]] = {}
    words: dict[tuple[Any, ...], str] = {}
    for j, (column, meta) in enumerate(zip(comparison.columns, metas, strict=True)):
        terms = Terms(labels, language, column.bases, str((meta or {}).get("response", "")))
        for i in range(len(column.terms)):
            key, text = _named(column, i, terms)
            found.setdefault(key, [None] * len(metas))[j] = i
            words.setdefault(key, text)
    texts = list(words.values())
    made = [
        Line(words[key] if texts.count(words[key]) == 1 else f"{words[key]} [{_raw(key)}]", _columns_of(key), tuple(at))
        for key, at in found.items()
    ]
    return tuple(sorted(made, key=lambda line: line.constant))


def _named(column: Column, i: int, terms: Terms) -> tuple[tuple[Any, ...], str]:
    """What a row of a model is, and that in words: its cell, its term, the levels that it compares."""
    if column.rows is None or "term" not in column.rows:
        return _same(terms.key(column.terms[i])), terms.text(column.terms[i])
    row = column.rows.iloc[i]
    others = [
        name for name in map(str, column.rows) if name not in ("term", "of", "minus") and not is_missing(row[name])
    ]
    cells = [value_label(name, row[name], terms.labels, terms.language) for name in others]
    term, of = str(row["term"]), row.get("of")
    if is_missing(of):
        key, text = terms.key(term), terms.text(term)
    else:
        key = (Factor(term, str(of), None if is_missing(row.get("minus")) else str(row["minus"]), True),)
        text = terms.compared(term, of, row.get("minus"))
    return (*key, *zip(others, cells, strict=True)), ", ".join([text, *cells])


def _same(factors: tuple[Factor, ...]) -> tuple[Factor, ...]:
    """A boolean is a number to some programs, and the level True of a category to others: one regressor."""
    return tuple(Factor(f.name, mean=f.mean) if f.treated and f.level == "True" else f for f in factors)


def _columns_of(key: tuple[Any, ...]) -> tuple[str, ...]:
    """The columns of a term, also of one that is computed from them; none of a constant or threshold."""
    names = tuple(dict.fromkeys(part.name for part in key if isinstance(part, Factor)))
    return () if is_constant(names) else tuple(dict.fromkeys(one for name in names for one in columns_in(name)))


def _raw(key: tuple[Any, ...]) -> str:
    """A term by the names of its columns."""
    return ":".join(part.name for part in key if isinstance(part, Factor))


def _check_controls(comparison: Comparison, lines: tuple[Line, ...]) -> None:
    """Controls are in at least one of the models."""
    known = sorted({name for line in lines for name in line.made_of})
    for group, names in comparison.controls.items():
        for name in names:
            if name not in known:
                raise DataError(
                    f"No model has a term of {name!r}.",
                    where=f"controls, {group}" if group != name else "controls",
                    found=f"{name!r}{nearest(name, known, 'in the models')}",
                    expected=", ".join(known),
                    todo="name columns of the data, not terms",
                )


def _content(
    comparison: Comparison, lines: tuple[Line, ...], parts: list[Content | None], digits: int, language: str
) -> Content:
    """A row for each term and model."""
    pairs = [(line, j, i) for line in lines for j, i in enumerate(line.rows) if i is not None]
    quantities = [_quantity(comparison.models[j], i) for _, j, i in pairs]
    factor = factors(quantities)

    def numbers(name: str) -> np.ndarray:
        return np.array([getattr(comparison.columns[j], name)[i] for _, j, i in pairs], dtype=np.float64)

    std_error = numbers("std_error") * factor
    places: dict[str, int] = {}
    for (line, _, _), error, quantity in zip(pairs, std_error, quantities, strict=True):
        own = digits if quantity.unit in ("percent", "points") else decimals_for(error / 10, digits)
        places[line.text] = max(places.get(line.text, 0), own)
    gone = [(column.hidden if column.hidden is not None else ()) for column in comparison.columns]
    withheld = tuple("·" if len(gone[j]) and gone[j][i] else "" for _, j, i in pairs)
    names = pd.DataFrame({"term": [p[0].text for p in pairs], "model": [comparison.labels[p[1]] for p in pairs]})
    level = _level(comparison)
    return Content(
        names=names,
        heads={name: capital(word(name, language)) for name in ("term", "model")},
        raw=names.copy(),
        estimate=numbers("estimate") * factor,
        low=numbers("conf_low") * factor,
        high=numbers("conf_high") * factor,
        n=None,
        quantities=tuple(quantities),
        decimals=tuple(places[line.text] for line, _, _ in pairs),
        flags=((),) * len(pairs),
        before=("",) * len(pairs),
        covariance=None,
        df=numbers("df"),
        what=title_of(comparison, parts, language),
        heading=heading_of(quantities, language),
        notes=merged_notes(comparison.labels, parts, language),
        meta=comparison.meta,
        level=level,
        language=language,
        synthetic=bool(comparison.meta["synthetic"]),
        withheld=withheld if any(withheld) else (),
        std_error=std_error,
    )


def _quantity(model: Any, i: int) -> Quantity:
    """What a row of a model is."""
    return model.quantity[i] if isinstance(model, Result) else _FOREIGN


def _level(comparison: Comparison) -> float:
    """The level of the intervals, which is one for all models."""
    own = {
        model.level if isinstance(model, Result) else comparison.meta["call"]["level"] for model in comparison.models
    }
    if len(own) > 1:
        raise DataError(
            "The models have intervals of different levels.",
            where="compare",
            found=", ".join(level_text(level, "en") + "%" for level in sorted(own)),
            expected="one level",
            todo="fit them with the same level=, and give it to llo.compare for other programs' models",
        )
    return float(own.pop())


def title_of(comparison: Comparison, parts: list[Content | None], language: str) -> str:
    """The outcome and how many models are compared."""
    names = dict.fromkeys(
        short_label(str(part.meta["response"]), comparison.meta["labels"], language)
        for part in parts
        if part is not None and "response" in part.meta
    )
    response = ", ".join(names) or capital(word("coefficients", language))
    key = "title" if len(parts) > 1 else "title of one"
    return capital(said(COMPARISONS, key, language).format(response=response, count=len(parts)))


def merged_notes(labels: tuple[str, ...], parts: list[Content | None], language: str) -> dict[str, str]:
    """The notes of all models: what holds for all once, what holds for some with their names."""
    told: dict[str, dict[str, list[str]]] = {}
    ours = [(label, part) for label, part in zip(labels, parts, strict=True) if part is not None]
    for label, part in ours:
        own = {t: text for t, text in part.notes.items() if t not in _TOLD_ELSEWHERE}
        if "vcov_facts" in part.meta and (factor := small_sample_text(part.meta, language)):
            own["factor"] = said(COMPARISONS, "factor", language).format(told=factor)
        for topic, text in own.items():
            told.setdefault(topic, {}).setdefault(text, []).append(label)
    out = {}
    for topic, texts in told.items():
        lines = [
            text
            if len(who) == len(ours) == len(labels) or topic in ("synthetic", "source")
            else f"{', '.join(who)}: {text}"
            for text, who in texts.items()
        ]
        out[topic] = " ".join(lines)
    kinds = [_scale(part.meta) for _, part in ours]
    coefficients = [kind for kind in kinds if kind[2] != "margins"]
    if len({kind[:2] for kind in coefficients if kind[0]}) > 1 or (len(coefficients) not in (0, len(ours))):
        out["scales"] = said(COMPARISONS, "scales", language)
    elif len([k for k in coefficients if k[0] in ("binomial", "ordered")]) > 1:
        out["scales"] = said(COMPARISONS, "nonlinear", language)
    if "source" in out:
        out["source"] = out.pop("source")
    return out


def _scale(meta: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    """On what scale coefficients are; log odds of one person are one, whether of a yes or of a step of a scale."""
    function = meta["call"].get("function")
    return ("within" if function in _WITHIN else meta.get("family")), meta.get("link"), function


def model_names(shown: Shown) -> list[str]:
    """What kind of model each column is; nothing of means, gaps and changes."""
    language = shown.content.language
    return [
        (model_name(meta, language) if is_model(meta) else "")
        if meta is not None
        else type(model).__name__.removesuffix("Wrapper")
        for meta, model in zip(shown.metas, shown.comparison.models, strict=True)
    ]
