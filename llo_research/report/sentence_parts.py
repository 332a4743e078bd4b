"""A decomposition in one or two sentences: the gap, what goes with the characteristics, and the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import stats

from llo_research.report.content.captions import joined
from llo_research.report.content.conditions import row_head
from llo_research.report.content.content import Content
from llo_research.report.content.labels import capital, lowered, plain, short_label, value_label
from llo_research.report.content.sides import side
from llo_research.report.content.terms import Terms, columns_of_formula
from llo_research.report.readings import LESS, MORE, NONE, UNCLEAR, Reader

WHOLES = ("gap", "gap_change", "change", "base", "total")
_LEVELS = ("mean_of", "mean_minus")
# The part that goes with the characteristics, and the rest, by what a decomposition calls them.
_PAIRS = (("explained", "unexplained"), ("explained", "full"))
_MOST_TERMS = 2


def totals_of(content: Content, rows: list[int]) -> dict[str, int]:
    """The aggregate rows by component; of results without components, the rows by term."""
    raw = content.raw
    if "component" not in raw:
        return {str(raw["term"].iloc[i]): i for i in rows}
    whole = raw["term"].astype(str) == "total" if "term" in raw else raw["component"] != ""
    return {str(raw["component"].iloc[i]): i for i in rows if whole.iloc[i]}


def whole_of(totals: Mapping[str, int]) -> int:
    """The row that the others add up to."""
    return next(totals[name] for name in WHOLES if name in totals)


def parts_told(reader: Reader, rows: list[int]) -> str:
    """How the whole divides, without a full stop."""
    totals = totals_of(reader.content, rows)
    pair = next((pair for pair in _PAIRS if set(pair) <= set(totals)), None)
    whole = whole_of(totals)
    if "closed" in totals:
        return _closing(reader, totals)
    if reader.verdict(whole) in (UNCLEAR, NONE):
        return _of_nothing(reader, totals, pair, rows)
    if pair is None:
        return _listed(reader, totals, whole)
    return _divided(reader, whole, totals[pair[0]], totals[pair[1]], rows)


def _of_nothing(reader: Reader, totals: Mapping[str, int], pair: tuple[str, str] | None, rows: list[int]) -> str:
    """A gap near zero: nothing to divide, unless its parts cancel."""
    if pair is None:
        return _listed(reader, totals, whole_of(totals))
    part, rest = (totals[name] for name in pair)
    if all(reader.verdict(i) in (UNCLEAR, NONE) for i in (part, rest)):
        return reader.say("nothing")
    return reader.say(
        "focal beneath" if is_focal(reader.content) else "beneath",
        drivers=drivers(reader, rows),
        part=reader.with_points(part),
        ends=reader.ends(part),
        rest=_rest(reader, rest, 1.0),
    )


def _divided(reader: Reader, whole: int, part: int, rest: int, rows: list[int]) -> str:
    """A gap with its sign taken off: a part of it, more than it, against it, or that it cannot be told."""
    content = reader.content
    sign = 1.0 if reader.verdict(whole) == MORE else -1.0
    way = {MORE: 1.0, LESS: -1.0}.get(reader.verdict(part), 0.0) * sign
    moves = content.raw["component"].iloc[whole] in ("gap_change", "change")
    key = "part unclear" if way == 0 else "opposite" if way < 0 else "part"
    if key == "part" and sign * content.estimate[part] > sign * content.estimate[whole]:
        key = "larger unclear" if reader.verdict(rest) in (UNCLEAR, NONE) else "larger"
    key = "opposite move" if key == "opposite" and moves else key
    focal = is_focal(content)
    told = 1.0 if focal else sign
    turned = -told if focal and key == "opposite" else told
    noun = "change" if moves else "gap"
    names = drivers(reader, rows)
    places = {
        "whole": reader.with_points(whole, told),
        "part": reader.again(part, turned) if not key.startswith("larger") else reader.with_points(part, told),
        "ends": reader.ends(part, turned),
        "rest": _rest(
            reader, rest, told, bare=key in ("part", "larger", "larger unclear", "opposite move") and not focal
        ),
        "drivers": capital(names) if key.startswith("opposite") and not focal else names,
        "noun": reader.say(noun),
        "the_noun": reader.say(f"the {noun}"),
    }
    key = f"focal {key}" if focal else key
    text = reader.say(key, **places)
    if key.endswith("part unclear"):
        return text if reader.is_brief else text + reader.say(f"estimates of {key}", **places)
    unsaid = reader.verdict(rest) in (UNCLEAR, NONE) and not key.endswith("larger unclear")
    text += reader.say("rest unclear") if unsaid else ""
    terms = _main_terms(reader, rows, sign, told) if key.endswith(("part", "larger", "larger unclear")) else []
    return text + (reader.say("mainly", terms=joined(terms, reader.language)) if terms else "")


def _rest(reader: Reader, i: int, sign: float, *, bare: bool = False) -> str:
    """What is left, with its interval; `bare` where it stands within brackets."""
    ends = reader.interval(i, sign)
    return reader.again(i, sign) + ("" if not ends else f"; {ends}" if bare else f" ({ends})")


def _listed(reader: Reader, totals: Mapping[str, int], whole: int) -> str:
    """Parts one after another, signed as the whole is told, with intervals, and which cannot be told from zero."""
    parts = []
    sign = -1.0 if reader.verdict(whole) == LESS else 1.0
    for name, i in totals.items():
        if i == whole or name in _LEVELS:
            continue
        ends = reader.interval(i, sign)
        unclear = f"; {reader.say('not told')}" if ends and reader.verdict(i) in (UNCLEAR, NONE) else ""
        shown = f" ({ends}{unclear})" if ends else ""
        parts.append(f"{part_name(reader.content, i)} {reader.with_points(i, sign)}{shown}")
    listed = reader.say("listed", parts=joined(parts, reader.language)) if parts else ""
    return f"{listed}. {reader.say('only if')}" if "assumed" in reader.content.meta else listed


def _closing(reader: Reader, totals: Mapping[str, int]) -> str:
    """What would be left of a gap if something were given otherwise."""
    content = reader.content
    meta, call, language = content.meta, content.meta["call"], content.language
    labels = {**(meta.get("spoken") or {}), **(meta.get("labels") or {})}
    to, name = call["to"], str(call["intervene"])
    if to in ("of", "minus"):
        key, given = "if alike", side(call[to], meta, language)
    elif isinstance(to, bool):
        key, given = "if all" if to else "if nobody", ""
    else:
        key, given = "if all at", value_label(name, to, labels, language)
    closed, left = (
        f"{reader.with_points(i)}{reader.ends(i)}" for i in (totals["closed"], totals["counterfactual_gap"])
    )
    unclear = reader.verdict(totals["closed"]) in (UNCLEAR, NONE)
    given = reader.say(key, what=row_head(name, labels, language), given=plain(given))
    text = reader.say("closing unclear" if unclear else "closing", given=given, closed=closed, left=left)
    return f"{text}. {reader.say('only if')}"


def part_name(content: Content, i: int) -> str:
    """What a part is called: its component where it is an aggregate, else its term."""
    column = "component" if "component" in content.names else "term"
    return str(content.names[column].iloc[i])


def drivers(reader: Reader, rows: list[int]) -> str:
    """What the explained part goes with: differences in these variables."""
    content = reader.content
    names = _variables(content, rows)
    moves = "time" in (content.meta.get("call") or {})
    if 0 < len(names) <= reader.most_names:
        listed = joined([lowered(name) for name in names], reader.language)
    else:
        listed = reader.say("many", k=str(len(names)))
    if is_focal(content):
        return listed
    return reader.say("moves in" if moves else "differences in", names=listed)


def is_focal(content: Content) -> bool:
    """Whether it is a coefficient that is divided, and no gap."""
    return "focal" in (content.meta.get("call") or {})


def focal_label(content: Content) -> str:
    """The variable whose coefficient is divided."""
    meta = content.meta
    told = Terms(meta.get("labels") or {}, content.language, meta.get("base_levels") or {})
    return told.text(str(meta["call"]["focal"]))


def coefficient_told(reader: Reader, i: int, rows: list[int]) -> str:
    """The coefficient that is divided, as it is without what divides it."""
    key = {UNCLEAR: "coefficient unclear", NONE: "coefficient none"}.get(reader.verdict(i), "coefficient")
    places = {"value": reader.value(i), "ends": reader.ends(i), "bound": reader.bound_text(i)}
    return reader.say(key, drivers=drivers(reader, rows), **places)


def _variables(content: Content, rows: list[int]) -> list[str]:
    """The named groups of terms, or the variables of the right-hand side, subsets standing for theirs."""
    call = content.meta.get("call") or {}
    for role in ("groups", "blocks"):
        if isinstance(call.get(role), Mapping):
            return [str(name) for name in call[role]]
    labels: Mapping[str, Any] = content.meta.get("labels") or {}
    kept = columns_of_formula(str(call["formula"])) if call.get("formula") else []
    subsets = {str(label): items for label, items in (call.get("subsets") or {}).items()}
    of = {
        column: label
        for label, items in subsets.items()
        for item in ([items] if isinstance(items, str) else items)
        for column in (columns_of_formula(f"~ {item}") if "[" not in item else ())
    }
    told = [of[name] if name in of else short_label(name, labels, content.language) for name in kept]
    return list(dict.fromkeys([*told, *subsets]))


def _main_terms(reader: Reader, rows: list[int], sign: float, told: float) -> list[str]:
    """The largest terms of the explained part that can be told from zero, for as many as could have been picked.

    sign : of the whole; told : the sign with which numbers are shown.
    """
    content = reader.content
    raw = content.raw
    if "component" not in raw or "term" not in raw or content.std_error is None:
        return []
    own = [i for i in rows if raw["component"].iloc[i] == "explained" and str(raw["term"].iloc[i]) != "total"]
    out = []
    for i in sorted(own, key=lambda i: (-sign * content.estimate[i], i)):
        error, df = content.std_error[i], content.df[i]
        if not (np.isfinite(error) and error > 0 and df > 0) or len(own) < 2:
            continue
        if sign * content.estimate[i] > stats.t.isf((1 - content.level) / 2 / len(own), df) * error:
            name = lowered(str(content.names["term"].iloc[i]))
            numbers = [text for text in (reader.again(i, told), reader.interval(i, told)) if text]
            out.append(f"{name} ({'; '.join(numbers)})")
    return out[:_MOST_TERMS]


def moved(content: Content, i: int, verdict: str) -> str:
    """Whether a gap widened or narrowed, which only its sign at both times tells."""
    if verdict in (UNCLEAR, NONE):
        return f"moved {verdict}"
    signs = content.meta.get("gap_signs")
    before, after = (0, 0) if signs is None else (signs["earlier"][i], signs["later"][i])
    if before != after or before == 0:
        return "rose" if verdict == MORE else "fell"
    return "widened" if (verdict == MORE) == (before > 0) else "narrowed"
