"""One finding in words: more, less, that it cannot be told; no difference only within a bound."""

from __future__ import annotations

from dataclasses import dataclass

from llo_research.definitions import DIFFERING
from llo_research.errors import DataError
from llo_research.estimation.narrowed import Narrowing
from llo_research.report.content.captions import joined
from llo_research.report.content.conditions import variable_text
from llo_research.report.content.content import Content
from llo_research.report.content.identifiers import by_columns
from llo_research.report.content.labels import capital, flag_text, is_missing, lowered, marked, plain, value_label, word
from llo_research.report.content.reading import content_of
from llo_research.report.content.sides import side
from llo_research.report.readings import LESS, MORE, Reader, within_bound
from llo_research.report.sentence_parts import (
    coefficient_told,
    focal_label,
    is_focal,
    moved,
    parts_told,
    totals_of,
    whole_of,
)
from llo_research.report.sentence_statement import statement_told
from llo_research.report.sentence_words import NAMED
from llo_research.report.sentences import Sentences
from llo_research.results.result import Result
from llo_research.results.rules import AUTO

_SIDES = ("of", "minus")


def sentence(
    result: Result | Narrowing,
    *,
    language: str = "nl",
    bound: float | None = None,
    digits: int = 1,
    disclosure: str = AUTO,
) -> Sentences:
    """The finding of a result in words, whose direction is that of its interval.

    Three readings of a comparison: more, less, or that it cannot be told (the interval holds no difference). A fourth,
    no difference, is said only where `bound` tells which differences count as none, and the data exclude larger ones.
    A decomposition is told as the gap, the part that goes with the characteristics, and the rest.

    Parameters
    ----------
    result : Result
        One finding: a single row (a share, a mean, a gap, a contrast), a change or a change of a gap (of several later
        times the last is told, with its year), a trend, or one decomposition; or a statement about several populations
        (:func:`llo.narrowing`).
    language : {"nl", "en"}
    bound : float, optional
        The largest difference that counts as none, as in ``result.equivalence(bound)``: in the unit of the estimates
        (0.02 for two percentage points), a factor above 1 for ratios.
    digits : int
        Decimals of percentages, as in :func:`table`.
    disclosure : str
        Which rows are withheld, as in :func:`table`; of those no number is told, nor a direction.

    Returns
    -------
    Sentences
        A text; in a notebook it shows itself.

    Raises
    ------
    DataError
        Something that is no result, or a result of several findings; a bound for a result that compares nothing.

    See Also
    --------
    sentences : text of one's own with numbers of several results, and ``{gap:direction|more|less|cannot be told}``.

    Notes
    -----
    Within the bound: two one-sided tests at 1 - level (Schuirmann 1987), as ``result.equivalence``. The terms that a
    decomposition names as largest are beyond the critical value for as many as there are (Bonferroni). A comparison
    across a method break says so before its number; one of surveys that ask something else each, behind it.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"y": [1, 1, 1, 0] * 20 + [0, 0, 0, 1] * 20, "g": ["a"] * 80 + ["b"] * 80, "w": 1.0})
    >>> gap = llo.gap("y", llo.Survey(frame, weights="w"), group="g", of="a", minus="b")
    >>> str(llo.report.sentence(gap, language="en")).replace(chr(160), " ")
    'Y: 50.0 percentage points more for a than for b (36.5 to 63.5).'
    """
    if isinstance(result, Narrowing):
        return statement_told(result, language, disclosure)
    if not isinstance(result, Result):
        raise DataError(
            "A sentence tells the finding of a result.",
            found=type(result).__name__,
            expected="what an estimator returns",
            todo="llo.report.sentences(template, name=frame) fills in numbers of a frame",
        )
    content = content_of(result, digits, language, disclosure)
    finding = Finding(Reader(content, within_bound(result, bound), bound), result)
    rows = _one_finding(result, content)
    if not content.defined[rows[0]]:
        gone = bool(content.withheld and content.withheld[rows[0]])
        text = finding.reader.say("withheld" if gone else "empty", what=finding.what(rows[0]))
    elif _adds_up(content):
        text = f"{_whole(finding, rows)} {parts_told(finding.reader, rows)}".rstrip()
    elif _is_trend(content):
        text = _trend(finding)
    else:
        text = _statement(finding, rows[0])
    text = capital(text if text.endswith(".") else f"{text}.")
    apart = [flag for flag in DIFFERING if any(flag in content.flags[i] for i in rows)]
    text += "".join(f" {capital(flag_text(flag, language))}." for flag in apart)
    return Sentences(marked(text, language) if content.synthetic else text)


def _one_finding(result: Result, content: Content) -> list[int]:
    """The rows of one finding: all, those of the last of several later times, the slopes of a trend."""
    rows = list(range(len(content.estimate)))
    call = result.meta.get("call") or {}
    time = call.get("time") or call.get("over")
    if isinstance(time, str) and time in result.rows and not _is_trend(content):
        last = result.rows[time].iloc[-1]
        rows = [i for i in rows if result.rows[time].iloc[i] == last]
    cells = [name for name in by_columns(result.rows) if name not in (time, "base")]
    several = bool(cells) and len(result.rows[cells].iloc[rows].drop_duplicates()) > 1
    chosen = result.rows.iloc[rows]
    pairs = set(zip(*(chosen[name].astype(str) for name in _SIDES), strict=True)) if "of" in chosen else set()
    trend = _is_trend(content) and result.rows["variable"].nunique() == 1
    measures = chosen["measure"].nunique() if "measure" in chosen else 1
    divided = trend or (_adds_up(content) and len(pairs) <= 1 and measures <= 1)
    if several or "result" in result.rows or (not divided and len(rows) > 1):
        raise DataError(
            "A sentence tells one finding; this result holds several.",
            where="sentence",
            found=f"rows {list(result.labels)[:6]}",
            expected="one row, or one decomposition",
            todo="compare two groups with llo.gap, take one cell with svy.where(...), one number with "
            "result.contrast({label: 1}), or name rows in llo.report.sentences('{r[label]}', r=result)",
        )
    return rows


def _is_trend(content: Content) -> bool:
    """Slopes with and without terms for breaks."""
    return {quantity.kind for quantity in content.quantities} == {"trend"}


def _adds_up(content: Content) -> bool:
    """Components of a whole, or parts by term with their total, as factors of a rate and shares of R2."""
    raw = content.raw
    if "component" in raw:
        return True
    return "term" in raw and list(raw["term"].astype(str)).count("total") == 1


@dataclass(frozen=True)
class Finding:
    """A result with the reading of its rows."""

    reader: Reader
    result: Result

    @property
    def content(self) -> Content:
        """What is shown of it."""
        return self.reader.content

    def what(self, i: int) -> str:
        """What a row speaks of: the outcome, and its cell where the result has cells or levels."""
        content, rows = self.content, self.result.rows
        meta, language = content.meta, content.language
        labels = meta.get("labels") or {}
        call = meta.get("call") or {}
        name = rows["variable"].iloc[i] if "variable" in rows else meta.get("response") or call.get("response")
        if "contrast" in meta or (name is None and "component" not in rows):
            asked = call.get("variables") or []
            of = [variable_text(asked[0], labels, language)] if "contrast" in meta and len(asked) == 1 else []
            return ", ".join([*of, content.row_name(i)])
        parts = [variable_text(str(name), labels, language)] if name is not None else [content.what.partition(":")[0]]
        if "level" in rows and not is_missing(rows["level"].iloc[i]):
            parts.append(value_label(str(name), rows["level"].iloc[i], labels, language))
        times = (call.get("time"), call.get("over"))
        parts += [
            value_label(n, rows[n].iloc[i], labels, language) for n in by_columns(rows) if n not in (*times, "base")
        ]
        if "quantile" in rows and not is_missing(rows["quantile"].iloc[i]):
            parts.append(word(content.quantities[i].kind, language))
        if {"component", "measure"} <= set(rows) and str(rows["measure"].iloc[i]) not in ("", "mean"):
            parts.append(value_label("measure", rows["measure"].iloc[i], {}, language))
        if content.quantities[i].kind in NAMED:
            parts.append(word(content.quantities[i].kind, language))
        if "term" in rows and not _adds_up(content) and not _is_trend(content):
            parts.append(str(content.names["term"].iloc[i]) if "term" in content.names else str(rows["term"].iloc[i]))
        return ", ".join(part for part in parts if part)

    def sides(self, i: int) -> dict[str, str] | None:
        """Both sides of a comparison by their labels, and with what goes before them; None where it has none."""
        rows, meta = self.result.rows, self.content.meta
        call = meta.get("call") or {}
        if "focal" in call or not set(_SIDES) <= set(rows):
            return None
        over_time = "over" in call or (call.get("group") is None and not {"of", "rank"} & set(call))
        names = [side(rows[name].iloc[i], meta, self.content.language) for name in _SIDES]
        names = [plain(name) for name in names]
        at = [self.reader.say("at time" if over_time else "at group", name=name) for name in names]
        return {"of": names[0], "minus": names[1], "at_of": at[0], "at_minus": at[1]}

    def times(self, i: int) -> dict[str, str]:
        """The earlier and the later time of a change of a gap."""
        rows, call = self.result.rows, self.content.meta["call"]
        base = rows["base"].iloc[i] if "base" in rows else self.content.meta.get("base", call.get("base"))
        return {"base": plain(base), "later": plain(rows[call["time"]].iloc[i])}

    def breaks(self, i: int) -> tuple[str, str]:
        """What is said of a method break before a number, and after it."""
        flags = self.content.flags[i]
        key = "across" if "break" in flags else "net of" if "break_adjusted" in flags else None
        if key is None:
            return "", ""
        found = [item["time"] for item in (self.content.meta.get("breaks") or {}).get("straddled", [])]
        years = joined([plain(year) for year in dict.fromkeys(found)], self.content.language)
        before = self.reader.say(key, breaks=years or self.reader.say("some year"))
        return before, f" {self.reader.say('mixed')}" if key == "across" else ""


def _statement(finding: Finding, i: int) -> str:
    """One number: what it is, and on which side of no difference it lies."""
    content, reader = finding.content, finding.reader
    what = finding.what(i)
    if content.quantities[i].null is None and not _of_aggregates(finding):
        value = f"{content.before[i]} {reader.value(i)}".strip()
        return reader.say("level", what=what, value=value, ends=reader.ends(i))
    before, after = finding.breaks(i)
    below = reader.below_bound(i) if reader.verdict(i) in (MORE, LESS) else ""
    text = f"{compared(finding, i)}{below}.{after}"
    head = ", ".join(part for part in ("" if _of_aggregates(finding) else what, before) if part)
    return f"{head}: {text}" if head else text


def _of_aggregates(finding: Finding) -> bool:
    """Parts of the difference of two populations, of tables that do not say of what."""
    return _adds_up(finding.content) and finding.sides(0) is not None and finding.content.quantities[0].null is None


def compared(finding: Finding, i: int) -> str:
    """The comparison of two groups or times, or of a number with none."""
    reader, quantity = finding.reader, finding.content.quantities[i]
    verdict, on_logs = reader.verdict(i), quantity.on == "log"
    places = {"size": reader.size(i), "value": reader.value(i), "ends": reader.ends(i), "bound": reader.bound_text(i)}
    sides = finding.sides(i)
    turned = {"ends": reader.ends(i, -1.0)} if verdict == LESS and not on_logs else {}
    if sides is None:
        null = reader.say("one" if quantity.null == 1.0 else "zero")
        if on_logs:
            places["size"] = places["value"]
        return reader.say(f"alone {verdict}", null=null, **{**places, **(turned if not on_logs else {})})
    places |= sides
    if (finding.content.meta.get("call") or {}).get("function") in ("gap_change", "oaxaca_change"):
        places |= finding.times(i)
        if on_logs:
            return reader.say(f"factor {verdict}", ratio=word(quantity.kind, finding.content.language), **places)
        return reader.say(moved(finding.content, i, verdict), **{**places, **turned})
    factor = "odds" if quantity.kind == "odds" else "ratio"
    return reader.say(f"{factor} {verdict}" if on_logs else verdict, **{**places, **turned})


def _whole(finding: Finding, rows: list[int]) -> str:
    """What is divided, as a sentence of its own."""
    content, reader = finding.content, finding.reader
    totals = totals_of(content, rows)
    i = whole_of(totals)
    if is_focal(content):
        return f"{finding.what(i)}, {lowered(focal_label(content))}: {coefficient_told(reader, i, rows)}."
    is_total = "component" in content.raw and content.raw["component"].iloc[i] == "total"
    if is_total or ("component" not in content.raw and finding.sides(i) is None):
        return f"{finding.what(i)}: {reader.value(i)}{reader.ends(i)}."
    return _statement(finding, i)


def _trend(finding: Finding) -> str:
    """The slope with terms for breaks where there are breaks, and beside it the slope without."""
    reader, rows = finding.reader, finding.result.rows
    slopes = {str(rows["measure"].iloc[i]): i for i in range(len(rows)) if rows["term"].iloc[i] == "slope"}
    if len(slopes) != (rows["term"] == "slope").sum():
        raise DataError("A sentence tells one finding; this result holds several trends.", todo="take one cell")
    with_term, without = slopes.get("with break term"), slopes.get("without break term")
    first = with_term if with_term is not None else without
    assert first is not None
    text = f"{finding.what(first)}: {_slope(finding, first)}"
    if with_term is not None and without is not None:
        text += reader.say("with term") + reader.say("without term", told=_slope(finding, without))
    return text


def _slope(finding: Finding, i: int) -> str:
    """A slope a year."""
    reader = finding.reader
    if {"saturated", "not_identified", "no_df"} & set(finding.content.flags[i]) or not finding.content.defined[i]:
        return reader.say("slope not told")
    verdict = reader.verdict(i)
    ends = reader.ends(i, -1.0 if verdict == LESS else 1.0)
    return reader.say(
        f"slope {verdict}", size=reader.size(i), value=reader.value(i), ends=ends, bound=reader.bound_text(i)
    )
