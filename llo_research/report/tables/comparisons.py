"""Models side by side as a table: terms in rows, models in columns, and below them what each rests on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from llo_research.report.content.comparison import Line, Shown, model_names, shown_comparison
from llo_research.report.content.labels import capital, said, short_label, word
from llo_research.report.content.model_notes import covariance_text
from llo_research.report.content.model_words import COMPARISONS
from llo_research.report.content.numbers import interval, level_text, number, unit_text
from llo_research.report.tables.grid import Table
from llo_research.report.tables.markup import escape_latex
from llo_research.results.side_by_side import STARS

if TYPE_CHECKING:
    from llo_research.regression.compare import Comparison

_word = partial(said, COMPARISONS)
_MEASURES = ("r2", "r2_within", "r2_between", "pseudo_r2")
_COUNTS = ("n", "n_units", "n_psu")
_BEHIND = (("estimate", ""), ("std_error", "std_error"), ("conf_low", "low"), ("conf_high", "high"))
_ENDS = {"nl": ("onder", "boven"), "en": ("low", "high")}


@dataclass(frozen=True, repr=False)
class ComparisonTable(Table):
    """A table of models side by side; `body` says how many of its rows are terms."""

    body: int = 0

    def to_frame(self) -> pd.DataFrame:
        """The display texts as a DataFrame; for unrounded numbers use ``comparison.to_frame()``."""
        return pd.DataFrame(self.frame.map(lambda text: text.replace("\n", " ")))

    def to_latex(self) -> str:
        """A ``table`` environment as journals print it: needs the packages booktabs and threeparttable.

        Numbers are in mathematics with braces around decimal commas, texts in columns of their own: the cells stand as
        they are in columns of siunitx too.
        """
        return _latex(self)


def comparison_table(given: Comparison, digits: int, language: str, disclosure: str) -> ComparisonTable:
    """The table of a comparison."""
    shown = shown_comparison(given, digits, language, disclosure)
    lines, labels = shown.shown, list(shown.comparison.labels)
    texts = _cells(shown)
    footer = _footer(shown)
    head = _head(labels, language)
    rows = [[line.text, *texts[line.text]] for line in lines] + [[name, *cells] for name, cells, _ in footer]
    content = shown.content
    bracketed = _word(shown.comparison.brackets, language).format(level=level_text(content.level, language))
    starred = [_stars(language)] if shown.comparison.stars else []
    notes = dict(content.notes)
    first = [notes.pop(topic) for topic in ("synthetic", "disclosure") if topic in notes]
    return ComparisonTable(
        content=content,
        frame=pd.DataFrame(rows, columns=[head, *labels], dtype=object),
        alignment="l" + "r" * len(labels),
        row_heads=1,
        title=content.what,
        notes=(*first, bracketed, *starred, *notes.values()),
        full=_full(shown, footer, head),
        body=len(lines),
    )


def _head(labels: list[str], language: str) -> str:
    """The head of the terms, told apart from a model of that name."""
    head = capital(word("term", language))
    return f"{head} " if head in labels else head


def _cells(shown: Shown) -> dict[str, list[str]]:
    """Estimate over error or interval, by term; empty where a model does not have it."""
    content, comparison = shown.content, shown.comparison
    out = {line.text: [""] * len(comparison.labels) for line in shown.shown}
    row = 0
    for line in shown.shown:
        for j, i in enumerate(line.rows):
            if i is not None:
                out[line.text][j] = _cell(shown, row, float(comparison.columns[j].p_value[i]))
                row += 1
    assert row == len(content.estimate)
    return out


def _cell(shown: Shown, row: int, p_value: float) -> str:
    """One estimate, with what stands below it."""
    content, places, language = shown.content, shown.content.decimals[row], shown.content.language
    text = number(content.estimate[row], places, language)
    if not text:
        return content.absent(row)
    if shown.comparison.stars and np.isfinite(p_value):
        text += "*" * sum(p_value < level for level in STARS)
    if shown.comparison.brackets == "interval":
        below = interval(content.low[row], content.high[row], places, language)
    else:
        assert content.std_error is not None
        below = number(content.std_error[row], places, language)
    return f"{text}\n({below or word('no_interval', language)})"


def _stars(language: str) -> str:
    """What the stars mean."""
    levels = [f"{'*' * (i + 1)} p < {number(p, 3 if p < 0.01 else 2, language)}" for i, p in enumerate(STARS)]
    return _word("stars", language).format(levels=", ".join(levels))


def _footer(shown: Shown) -> list[tuple[str, list[str], list[Any]]]:
    """Rows below the terms: name, texts, and the values behind them for spreadsheets."""
    language, columns = shown.content.language, shown.comparison.columns
    rows: list[tuple[str, list[str], list[Any]]] = []

    def row(name: str, texts: list[str], values: list[Any] | None = None) -> None:
        if any(texts):
            rows.append((capital(name), texts, list(texts) if values is None else values))

    row(_word("model", language), model_names(shown))
    responses = [str((meta or {}).get("response", "")) for meta in shown.metas]
    if len(set(responses) - {""}) > 1:
        labels = shown.comparison.meta["labels"]
        row(_word("response", language), [short_label(name, labels, language) for name in responses])
    units = _units(shown)
    if len(set(units)) > 1:
        row(_word("unit", language), units)
    for name, cells in _yes_no(shown):
        row(name, cells)
    for name in _COUNTS:
        values = [column.footer.get(name) for column in columns]
        row(_word(name, language), [_count(value, language) for value in values], values)
    means = [column.footer.get("mean_y") for column in columns]
    row(_word("mean_y", language), [_measure(value, language) for value in means], means)
    for kind in _MEASURES:
        values = [_of_kind(column.footer, kind) for column in columns]
        row(_word(kind, language), [_measure(value, language) for value in values], values)
    named = [
        covariance_text(meta, language) if meta is not None else str(column.footer.get("vcov", ""))
        for meta, column in zip(shown.metas, columns, strict=True)
    ]
    row(_word("vcov", language), named)
    programs = [str(column.footer.get("program", "")) for column in columns]
    if set(programs) != {"llo_research"}:
        row(_word("program", language), programs)
    return rows


def _of_kind(footer: dict[str, Any], kind: str) -> float | None:
    """The measure of fit of this kind."""
    return footer.get("r2") if footer.get("r2_kind", "r2") == kind else None


def _yes_no(shown: Shown) -> list[tuple[str, list[str]]]:
    """Effects that were taken out, and groups of controls: yes or no in each model."""
    language, comparison = shown.content.language, shown.comparison
    yes, no = word("yes", language), word("no", language)
    taken = [
        [name.strip() for name in str(column.footer.get("effects") or "").split(",") if name.strip()]
        for column in comparison.columns
    ]
    out = []
    for name in dict.fromkeys(name for names in taken for name in names):
        own = said(COMPARISONS, f"{name} effect", language) if name in ("unit", "time") else None
        label = own or short_label(name, comparison.meta["labels"], language)
        out.append((_word("effects", language).format(name=label), [yes if name in names else no for names in taken]))
    for group, names in comparison.controls.items():
        there = [
            {n for line in shown.lines if line.rows[j] is not None for n in line.made_of} for j in range(len(taken))
        ]
        cells = [yes if set(names) <= own else _word("in part", language) if set(names) & own else no for own in there]
        label = short_label(group, comparison.meta["labels"], language)
        out.append((label, cells))
    return out


def _units(shown: Shown) -> list[str]:
    """The unit of each model's numbers."""
    units = [""] * len(shown.comparison.labels)
    row = 0
    for line in shown.shown:
        for j, i in enumerate(line.rows):
            if i is not None:
                units[j] = unit_text(shown.content.quantities[row].unit, shown.content.language)
                row += 1
    return [unit or word("coefficient", shown.content.language) for unit in units]


def _count(value: Any, language: str) -> str:
    """A count, or the bound that stands in its place."""
    return (
        value
        if isinstance(value, str) and not value.isdigit()
        else ""
        if value is None
        else number(float(value), 0, language)
    )


def _measure(value: Any, language: str) -> str:
    """A mean or a measure of fit."""
    return "" if value is None or not np.isfinite(value) else number(float(value), 3, language)


def _full(shown: Shown, footer: list[tuple[str, list[str], list[Any]]], head: str) -> Any:
    """Columns for a spreadsheet: of each model estimate, standard error and both ends, unrounded."""
    language, lines = shown.content.language, shown.shown
    below = [name for name, _, _ in footer]
    columns: list[tuple[str, list[Any], list[str]]] = [
        (head, [line.text for line in lines] + below, [""] * (len(lines) + len(below)))
    ]
    places = _places(shown)
    for j, label in enumerate(shown.comparison.labels):
        for name, key in _BEHIND:
            values = [_behind(shown, line, j, name) for line in lines]
            more = [_plain(cells[j]) for _, _, cells in footer] if name == "estimate" else [None] * len(below)
            text = {"": "", "std_error": word("std_error", language)}.get(key)
            text = _ENDS[language][key == "high"] if text is None else text
            styles = [f"0.{'0' * (places[line.text] + (name == 'std_error'))}" for line in lines]
            formats = ["#,##0" if isinstance(value, int) else "0.000" for value in more]
            columns.append((f"{label}: {text}" if text else label, values + more, styles + formats))
    return tuple(columns)


def _places(shown: Shown) -> dict[str, int]:
    """Decimals by term."""
    return dict(zip(shown.content.names["term"], shown.content.decimals, strict=True))


def _behind(shown: Shown, line: Line, j: int, name: str) -> float | None:
    """A number of a term in a model, in the units shown."""
    if line.rows[j] is None:
        return None
    names = shown.content.names
    row = int(np.flatnonzero((names["term"] == line.text) & (names["model"] == shown.comparison.labels[j]))[0])
    source = {"estimate": "estimate", "std_error": "std_error", "conf_low": "low", "conf_high": "high"}[name]
    value = float(getattr(shown.content, source)[row])
    return value + 0.0 if np.isfinite(value) else None


def _plain(value: Any) -> Any:
    """A footer value as a number where it is one."""
    if isinstance(value, str):
        return int(value) if value.isdigit() else value
    return None if value is None or not np.isfinite(value) else value


def _latex(table: ComparisonTable) -> str:
    """Two lines a term, rules of booktabs, notes below."""
    rows = table.frame.astype(str).to_numpy().tolist()
    body = [line for row in rows[: table.body] for line in _two_lines(row)]
    foot = [" & ".join([escape_latex(row[0]), *map(_latex_cell, row[1:])]) + r" \\" for row in rows[table.body :]]
    heads = " & ".join(["", *(f"{{{escape_latex(str(head))}}}" for head in table.frame.columns[1:])]) + r" \\"
    notes = [rf"\item {escape_latex(note)}" for note in table.notes]
    return "\n".join(
        [
            r"\begin{table}[htbp]",
            r"\centering",
            r"\begin{threeparttable}",
            *([rf"\caption{{{escape_latex(table.caption)}}}"] if table.caption else []),
            rf"\begin{{tabular}}{{l{'c' * (len(table.frame.columns) - 1)}}}",
            r"\toprule",
            heads,
            r"\midrule",
            *body,
            r"\midrule",
            *foot,
            r"\bottomrule",
            r"\end{tabular}",
            *([r"\begin{tablenotes}\footnotesize", *notes, r"\end{tablenotes}"] if notes else []),
            r"\end{threeparttable}",
            r"\end{table}",
            "",
        ]
    )


def _two_lines(row: list[str]) -> list[str]:
    """A term: its estimates, and what stands in brackets below them."""
    pairs = [cell.partition("\n") for cell in row[1:]]
    first = " & ".join([escape_latex(row[0]), *(_latex_cell(above) for above, _, _ in pairs)]) + r" \\"
    return [first, " & ".join(["", *(_latex_cell(below) for _, _, below in pairs)]) + r" \\"]


def _latex_cell(text: str) -> str:
    """A cell in braces, numbers in mathematics: no column type reads it as anything else."""
    if not text:
        return ""
    bare = text.rstrip("*")
    stars = text[len(bare) :]
    inner = bare.strip("()")
    if inner and not set(inner) - set("0123456789.,-"):
        shown = f"${inner.replace(',', '{,}')}$"
        shown = f"({shown})" if bare.startswith("(") else shown
        return "{" + shown + (f"$^{{{stars}}}$" if stars else "") + "}"
    return "{" + escape_latex(text) + "}"
