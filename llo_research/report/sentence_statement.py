"""A statement about several populations in words: where it holds, where it cannot be told, and whether in all."""

from __future__ import annotations

from llo_research.estimation.narrowed import Narrowing
from llo_research.options import check_option
from llo_research.report.content.captions import joined
from llo_research.report.content.conditions import variable_text
from llo_research.report.content.labels import capital, marked, plain, value_label
from llo_research.report.content.numbers import p_text
from llo_research.report.content.sides import side
from llo_research.report.sentence_words import told
from llo_research.report.sentences import Sentences


def statement_told(statement: Narrowing, language: str, disclosure: str) -> Sentences:
    """The statement with the cells in which it holds; of withheld cells nothing can be told."""
    check_option(language, "language", ("nl", "en"))
    own = statement.seen(disclosure)
    holds = own.frame["holds"].to_numpy(dtype=bool)
    cells, n = _cells(own, language), str(len(holds))
    claim = f"{_what(own, language)}: {_claim(own, language)}"
    where = [name for name, here in zip(cells, holds, strict=True) if here]
    others = [name for name, here in zip(cells, holds, strict=True) if not here]
    if where:
        first = told("statement in", language, claim=claim, cells=joined(where, language), k=str(len(where)), n=n)
    else:
        first = told("statement nowhere", language, claim=claim, n=n)
    parts = [f"{capital(first)}."]
    if where and others:
        parts.append(told("statement rest", language, cells=joined(others, language)))
    if len(holds) > 1 and where:
        key = "statement all" if own.holds_in_all else "statement not all"
        parts.append(told(key, language, n=n, p=_p(own.p_all, language)))
    if own.frame["flag"].str.contains("break").any():
        parts.append(told("mixed", language))
    text = " ".join(parts)
    return Sentences(marked(text, language) if own.meta.get("synthetic") else text)


def _p(value: float, language: str) -> str:
    """A p-value as a sentence has it."""
    text = p_text(value, language)
    return f"p {text}" if text.startswith("<") else f"p = {text}"


def _what(statement: Narrowing, language: str) -> str:
    """The outcome, and the break that its change lies across."""
    labels = statement.meta.get("labels") or {}
    name = variable_text(str(statement.result.rows["variable"].iloc[0]), labels, language)
    if not statement.frame["flag"].str.contains("break").any():
        return name
    years = [plain(item["time"]) for item in statement.meta["breaks"]["straddled"]]
    return f"{name}, {told('across', language, breaks=joined(list(dict.fromkeys(years)), language))}"


def _claim(statement: Narrowing, language: str) -> str:
    """What is stated."""
    of, minus = (plain(side(statement.result.rows[n].iloc[0], statement.meta, language)) for n in ("of", "minus"))
    first, second, ways = of, minus, ("way fell", "way rose")
    if statement.because == "minus":
        first, second, ways = minus, of, ways[::-1]
    way, other = (told(key, language) for key in ways)
    at = {name: told("at group", language, name=value) for name, value in (("at_of", first), ("at_minus", second))}
    return told("gap narrowed", language, of=of, minus=minus, way=way, other=other, **at)


def _cells(statement: Narrowing, language: str) -> list[str]:
    """The cells by their labels."""
    labels, frame = statement.meta.get("labels") or {}, statement.frame
    keys = [[value_label(name, value, labels, language) for value in frame[name]] for name in statement.by]
    return [", ".join(parts) for parts in zip(*keys, strict=True)]
