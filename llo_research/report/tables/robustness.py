"""The robustness of a change against a method break, as a table: how large the break would have to be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from llo_research.estimation.break_robustness import BreakRobustness
from llo_research.report.content.content import Content
from llo_research.report.content.estimates import estimates_content
from llo_research.report.content.labels import LANGUAGES, capital, plain, spoken, word
from llo_research.report.content.numbers import interval, number, unit_text, with_unit
from llo_research.report.tables.columns import Column, number_column, with_columns
from llo_research.report.tables.tables import EMPTY, Table, table_of_content
from llo_research.results.floors import blanked
from llo_research.results.rules import AUTO

_SIZES = ("size_not_significant", "size_zero", "size_reversed")
_KNOWN = ("breaks", "what", "known_shift", "known_shift_se", "net_of_shift", "net_low", "net_high", "verdict")
_WORDS = {
    "title": ("{what}, en de methodebreuk die dat teniet zou doen", "{what}, and the method break that would undo it"),
    "break": ("breuk", "break"),
    "none": ("geen", "none"),
    "size_not_significant": ("niet significant vanaf", "not significant from"),
    "size_zero": ("nul bij", "zero at"),
    "size_reversed": ("omgekeerd vanaf", "reversed from"),
    "known_shift": ("bekende verschuiving", "known shift"),
    "net_of_shift": ("zonder die verschuiving", "net of that shift"),
    "verdict": ("oordeel", "verdict"),
    "se": ("standaardfout", "standard error"),
    "no se": ("zonder standaardfout", "without standard error"),
    "undefined": ("geen verandering te schatten", "no change can be estimated"),
    "no break": ("geen bekende breuk ertussen", "no known break in between"),
    "adjusted": ("na aftrek van de bekende verschuiving", "net of the known shift"),
    "unknown": ("grootte van de breuk onbekend", "size of the break not known"),
    "shift without se": ("verschuiving bekend zonder standaardfout", "shift known without standard error"),
    "stands": ("blijft staan na de bekende verschuiving", "stands after the known shift"),
    "falls": ("blijft niet staan na de bekende verschuiving", "does not stand after the known shift"),
    "undone": ("een breuk van {size} of verder is genoeg", "a break of {size} or beyond is enough"),
    "not significant": ("op zichzelf al niet significant", "not significant to begin with"),
    "reading": (
        "Een breuk is wat de nieuwe methode op hetzelfde moment toevoegt (nieuw {minus} oud). Vanaf de eerste grootte "
        "is de rest niet meer van geen verandering te onderscheiden, bij de tweede blijft niets over, vanaf de derde "
        "is de rest een significante verandering de andere kant op.",
        "A break is what the new method adds at the same moment (new {minus} old). From the first size on the rest can "
        "no longer be told from no change, at the second nothing is left, from the third on the rest is a significant "
        "change the other way.",
    ),
    "minus": ("min", "minus"),
    "over": ("gedeeld door", "over"),
    "beyond": (
        "De bekende verschuiving is er al af: de grootten gelden daarbovenop.",
        "The known shift was taken off already: the sizes are beyond it.",
    ),
    "no breaks": (
        "Tussen de vergeleken tijden ligt geen bekende methodebreuk.",
        "No known method break lies between the times compared.",
    ),
    "size known": ("bekend over de grootte", "known of its size"),
}


def _word(key: str, language: str) -> str:
    """A word of this module."""
    return _WORDS[key][LANGUAGES.index(language)]


def robustness_content(found: BreakRobustness, digits: int, language: str, disclosure: str = AUTO) -> Content:
    """The changes with their intervals; the breaks that they straddle are told, and no other."""
    hidden = found.withheld(disclosure)
    frame = blanked(found.frame, hidden).drop(columns=[name for name in (*_SIZES, *_KNOWN) if name in found.frame])
    zero, end = (found.frame[name].to_numpy(dtype=np.float64) for name in ("size_zero", "size_reversed"))
    with np.errstate(divide="ignore", invalid="ignore"):
        other = zero**2 / end if _factors(found) else 2 * zero - end
    frame = frame.assign(conf_low=np.minimum(end, other), conf_high=np.maximum(end, other))
    meta = {**found.meta, "labels": found.meta.get("labels", {})}
    level = float(found.meta.get("level", 0.95))
    content = estimates_content(frame, meta, None, None, level, digits, language, hidden)
    straddled = {plain(item["time"]) for item in found.meta["breaks"]["straddled"]}
    breaks = tuple((time, what) for time, what in content.breaks if plain(time) in straddled)
    notes = {"reading": _reading(found, language), **content.notes, "breaks": _breaks(found, breaks, language)}
    last = {"source": notes.pop("source")} if "source" in notes else {}
    return replace(content, breaks=breaks, notes={**notes, **last})


def robustness_table(found: BreakRobustness, content: Content, disclosure: str = AUTO) -> Table:
    """The table: change, interval, break, the three sizes, what is known of it, and what it comes to."""
    found = replace(found, frame=blanked(found.frame, found.withheld(disclosure)))
    language, frame, made = content.language, found.frame, table_of_content(content)
    unit = unit_text(content.scales[0].unit, language) if len(content.units) == 1 else ""
    factor = np.array([scale.factor for scale in content.scales])

    def head(key: str) -> str:
        return capital(_word(key, language)) + (f" ({unit})" if unit else "")

    breaks = tuple(str(text) or _word("none", language) for text in frame["breaks"])
    columns = [Column(capital(_word("break", language)), breaks)]
    for key in _SIZES:
        columns.append(number_column(head(key), frame[key].to_numpy() * factor, content.decimals, language))
    if frame["known_shift"].notna().any():
        columns += [Column(head(key), _known(frame, key, content), "r") for key in ("known_shift", "net_of_shift")]
    verdicts = tuple(_verdict(found, content, i) for i in range(len(frame)))
    columns.append(Column(capital(_word("verdict", language)), verdicts))
    title = _word("title", language).format(what=made.title)
    return replace(with_columns(made, columns, after=len(made.frame.columns)), title=title)


def _factors(found: BreakRobustness) -> bool:
    """Whether sizes are factors, as those of ratios and odds are."""
    return "measure" in found.frame and bool(found.frame["measure"].isin(["ratio", "odds"]).all())


def _known(frame: pd.DataFrame, key: str, content: Content) -> tuple[str, ...]:
    """The known shift with its standard error, or what is left without it with its interval."""
    language, texts = content.language, []
    for i, row in frame.iterrows():
        place, scale = content.decimals[int(str(i))], content.scales[int(str(i))]
        text = number(float(row[key]) * scale.factor, place, language)
        if key == "known_shift":
            error = number(float(row["known_shift_se"]) * scale.factor, place + 1, language)
            beside = f"{_word('se', language)} {error}" if error else _word("no se", language)
        else:
            low, high = float(row["net_low"]) * scale.factor, float(row["net_high"]) * scale.factor
            beside = interval(low, high, place, language)
        texts.append((f"{text} ({beside})" if beside else text) if text else EMPTY)
    return tuple(texts)


def _verdict(found: BreakRobustness, content: Content, i: int) -> str:
    """What a row comes to, in words."""
    language, row = content.language, found.frame.iloc[i]
    least = float(row["size_not_significant"])
    if not np.isfinite(least):
        return content.absent(i) if content.withheld and content.withheld[i] else _word("undefined", language)
    size = with_unit(least * content.scales[i].factor, content.decimals[i], content.scales[i].unit, language)
    undone = _word("undone", language).format(size=size)
    significant = least != (1.0 if _factors(found) else 0.0)
    end = undone if significant else _word("not significant", language)
    return capital(f"{_word(_case(found, row), language)}; {end}")


def _case(found: BreakRobustness, row: pd.Series) -> str:
    """What is known of the break of a row."""
    if not row["breaks"]:
        return "no break"
    if found.meta["breaks"]["option"] == "adjust":
        return "adjusted"
    if not np.isfinite(row["known_shift"]):
        return "unknown"
    if not np.isfinite(row["known_shift_se"]):
        return "shift without se"
    return "stands" if (row["net_low"] > 0 if row["estimate"] > 0 else row["net_high"] < 0) else "falls"


def _reading(found: BreakRobustness, language: str) -> str:
    """How to read the sizes."""
    text = _word("reading", language).format(minus=_word("over" if _factors(found) else "minus", language))
    beyond = f" {_word('beyond', language)}" if found.meta["breaks"]["option"] == "adjust" else ""
    return text + beyond


def _breaks(found: BreakRobustness, breaks: tuple[tuple[float, str], ...], language: str) -> str:
    """The breaks that are straddled, with what is known of their size."""
    texts, straddled = {plain(time): text for time, text in breaks}, found.meta["breaks"]["straddled"]
    if not straddled:
        return _word("no breaks", language)
    told = []
    for item in straddled:
        what = texts.get(plain(item["time"])) or spoken(item.get("what"), language)
        size = spoken(item.get("known_size"), language)
        parts = [what, f"{_word('size known', language)}: {size}" if size else ""]
        beside = "; ".join(part for part in parts if part)
        told.append(f"{word('break', language)} {plain(item['time'])}" + (f": {beside}" if beside else ""))
    return capital("; ".join(told)) + "."
