"""Which rows of a result may not be seen: those of few people, those that one person makes, and what gives them away.

A row is withheld when fewer people than the profile asks stand behind it, or on either side of a share; when everybody
gave one answer; when one person makes up most of it; when its quantile lies among the outermost people; or when nobody
knows how many people it rests on. Then what would give such a row away: the other levels of its variable (they add up
to 100 %, or to 0), the other parts of a total that stands beside them, the other parts of a decomposition.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from llo_research.results.columns import BESIDE_REST
from llo_research.results.exported import EXPORTED, is_exported, rows_of_export
from llo_research.results.marks import facts_in
from llo_research.results.profiles.profile import Profile, Rules
from llo_research.results.rules import AUTO, profile_for

ENDS = "n_ends"  # people at or beyond the ends of an interval, where those are values of people
FACTS = ("n", "n_units", "n_nonzero", "n_complement", "largest_share")
HIDDEN = "·"
_USUAL = "cbs"  # what `auto` stands for where nobody chose otherwise
_ROUNDING = 1e-9  # 100 people times 1 - 0.9 are ten
_NUMBERS = (
    *("estimate", "std_error", "statistic", "df", "df_denominator", "p_value", "conf_low", "conf_high"),
    *("share_of_gap", "p_adjusted", "bound", "p_equivalence", "rank", "rank_low", "rank_high"),
    *("difference", "difference_low", "difference_high", "effect"),
    *("n", "sum_weights", "n_eff", "deff", "cv", "deff_kish", "deff_henry"),
    *("size_not_significant", "size_zero", "size_reversed", "known_shift", "known_shift_se"),
    *("net_of_shift", "net_low", "net_high"),
)
# what a cell of a table book is told against the rest by
_AGAINST_REST = ("difference", "difference_low", "difference_high", "p_value", "p_adjusted", "effect")
_OF_ENDS = ("std_error", "statistic", "p_value", "conf_low", "conf_high", "cv", "n_eff", "deff")
_WORDS = ("flag", "verdict")
_NAMES = ("result", "variable", "level", "term", "component", "measure", "quantile", "of", "minus")
Facts = Callable[[], pd.DataFrame]


@dataclass(frozen=True)
class Withheld:
    """Rows that may not be seen.

    rows : (k,) which.
    ends : (k,) rows that are shown without their interval, whose ends are values of the outermost people.
    rest : (k,) rows of a table book that are shown without their difference from the rest, which is made of others.
    counts : (k,) what stands in the place of n: ``<10``, a dot, or nothing where the row is shown.
    profile, rules : why.
    """

    rows: np.ndarray
    counts: tuple[str, ...]
    profile: Profile
    rules: Rules
    ends: np.ndarray
    rest: np.ndarray

    def __bool__(self) -> bool:
        return bool(self.rows.any() or self.ends.any())

    def gone(self, name: str) -> np.ndarray:
        """(k,) rows whose number in this column may not be seen."""
        ends, rest = name in _OF_ENDS, name in _AGAINST_REST
        return np.asarray(self.rows | (self.ends & ends) | (self.rest & rest))

    def count(self, value: float) -> str:
        """A count in a note, such as people left out: a bound when it is small."""
        return f"<{self.rules.units}" if 0 < value < self.rules.units else f"{value:.0f}"

    def note(self, language: str) -> str:
        """What was withheld, and by which rule."""
        k, ends, rest = (int(gone.sum()) for gone in (self.rows, self.ends, self.rest))
        units, least = self.rules.units, self.rules.complement
        sure, nl = self.profile.confirmed, language == "nl"
        if nl:
            checked = f"nagegaan op {sure}" if sure else "niet bevestigd"
            rows = "1 rij" if k == 1 else f"{k} rijen"
            why = f"minder dan {units} waarnemingen, of een getal dat zulke cellen verraadt"
            of = "het interval van 1 rij" if ends == 1 else f"de intervallen van {ends} rijen"
            far = f"minder dan {least} waarnemingen op of voorbij een grens"
            beside = f"het verschil van {rest} met alle anderen (daartoe horen afgeschermde rijen"
        else:
            checked = f"confirmed on {sure}" if sure else "unconfirmed"
            rows = "1 row" if k == 1 else f"{k} rows"
            why = f"fewer than {units} observations, or a number that would give such cells away"
            of = "the interval of 1 row" if ends == 1 else f"the intervals of {ends} rows"
            far = f"fewer than {least} observations at or beyond an end"
            beside = f"the difference of {rest} from everybody else (among whom are withheld rows"
        told = [f"{rows} ({why}"] if k else []
        told += [f"{of} ({far}"] if ends else []
        told += [beside] if rest else []
        head, profile = ("Afgeschermd", "profiel") if nl else ("Withheld", "profile")
        return f"{head}: {'); '.join(told)}; {profile} {self.profile.name}, {checked})."


def withheld(result: Any, disclosure: str = AUTO) -> Withheld | None:
    """The rows of a result (or of a frame of estimates) that may not be seen; None where all may."""
    told = result.attrs if isinstance(result, pd.DataFrame) else result.meta
    meta = {str(key): value for key, value in told.items()}
    if is_exported(meta) and not isinstance(result, pd.DataFrame):
        return _of_export(result, meta, disclosure)
    if profile_for(meta, disclosure) is None:
        return None
    if not isinstance(result, pd.DataFrame):
        return withheld_rows(result.rows, facts_of(result), meta, disclosure)
    rows = result[[name for name in result.columns if name not in (*_NUMBERS, *_WORDS, *FACTS)]]
    return withheld_rows(rows, facts_of_frame(result), meta, disclosure)


def _of_export(result: Any, meta: Mapping[str, Any], disclosure: str) -> Withheld:
    """Rows that were withheld when the result left, and those that another profile asks for."""
    told = meta[EXPORTED]
    gone, ends = (rows_of_export(meta, name, len(result.rows)) for name in ("withheld", "ends"))
    found = Profile(told["profile"], told["title"], told["confirmed"], {"restricted": Rules(**told["rules"])})
    rules, chosen = found.rules["restricted"], profile_for(meta, disclosure)
    # what left is shown as it left; a profile that is named, or that pages have, may ask for more
    usual = disclosure == AUTO and chosen is not None and chosen[0].name == _USUAL
    if chosen is not None and chosen[0].name != found.name and not usual:
        more = withheld_rows(result.rows, facts_of(result), meta, disclosure)
        assert more is not None
        gone, (found, rules) = gone | more.rows, chosen
    rest = _against_hidden(gone, result.rows) if _is_banner(meta) else np.zeros(len(gone), dtype=bool)
    marks = tuple(HIDDEN if out else "" for out in gone)
    return Withheld(gone, marks, found, rules, ends & ~gone, rest)


def also_withheld(result: Any, alone: Withheld, more: np.ndarray) -> Withheld:
    """What may not be seen of a table book, of which `more` rows (k,) tell something beside other results."""
    rows = alone.rows | more
    marks = [mark or (HIDDEN if gone else "") for mark, gone in zip(alone.counts, rows, strict=True)]
    rest = _against_hidden(rows, result.rows)
    return replace(alone, rows=rows, counts=tuple(marks), ends=alone.ends & ~rows, rest=rest)


def withheld_rows(
    rows: pd.DataFrame, facts: pd.DataFrame, meta: Mapping[str, Any], disclosure: str = AUTO
) -> Withheld | None:
    """The same of rows with the facts of the cells behind them."""
    chosen = profile_for(meta, disclosure)
    if chosen is None:
        return None
    found, rules = chosen
    hidden = rows_to_hide(rows.reset_index(drop=True), facts, rules, meta)
    small = (facts["n_units"] < rules.units).to_numpy()
    counts = ["" if not gone else f"<{rules.units}" if few else HIDDEN for gone, few in zip(hidden, small, strict=True)]
    ends = facts[ENDS].to_numpy() < rules.complement if ENDS in facts else np.zeros(len(hidden), dtype=bool)
    rest = _against_hidden(hidden, rows) if _is_banner(meta) else np.zeros(len(hidden), dtype=bool)
    return Withheld(hidden, tuple(counts), found, rules, ends & ~hidden, rest)


def blanked(frame: pd.DataFrame, hidden: Withheld | None) -> pd.DataFrame:
    """A copy of a tidy frame without the numbers and flags of withheld rows."""
    if hidden is None or not hidden:
        return frame
    out = frame.copy()
    for name in out.columns:
        if name in _NUMBERS:
            known = pd.to_numeric(out[name]).to_numpy(np.float64, na_value=np.nan)
            out[name] = np.where(hidden.gone(name), np.nan, known)
        elif name in _WORDS:
            texts = zip(hidden.rows, hidden.rest, out[name], strict=True)
            out[name] = ["withheld" if gone else _without_rest(text) if rest else text for gone, rest, text in texts]
    return out


def for_reading(frame: pd.DataFrame, hidden: Withheld | None) -> pd.DataFrame:
    """A rounded frame as texts where a row is withheld: a dot for a number, ``<10`` for a count."""
    if hidden is None or not hidden:
        return frame
    out = frame.copy()
    for name in [str(name) for name in out.columns if name in _NUMBERS]:
        marks = hidden.counts if name == "n" else [HIDDEN] * len(out)
        values = [int(v) if name == "n" and v == v else v for v in out[name]]
        texts = [mark if gone else v for gone, mark, v in zip(hidden.gone(name), marks, values, strict=True)]
        out[name] = pd.Series(texts, index=out.index, dtype=object)
    return out


def blanked_like(frame: pd.DataFrame, rows: pd.DataFrame, hidden: Withheld | None) -> pd.DataFrame:
    """A frame of tests with dots wherever a withheld row of the result has the same cell, variable and level."""
    if hidden is None or not hidden:
        return frame
    names = [name for name in frame.columns if name in rows]
    gone = {tuple(map(str, row)) for row in rows.loc[hidden.rows, names].itertuples(index=False, name=None)}
    match = np.array([tuple(map(str, row)) in gone for row in frame[names].itertuples(index=False, name=None)])
    out = frame.copy()
    for name in [name for name in frame.columns if name in (*_NUMBERS, *_WORDS)]:
        mark = "withheld" if name in _WORDS else HIDDEN
        out[name] = pd.Series([mark if m else v for m, v in zip(match, frame[name], strict=True)], dtype=object)
    return out


def in_words(result: Any, row: int, value: float, form: str = ".6g") -> str:
    """An estimate as a message may tell it."""
    hidden = withheld(result)
    return "withheld" if hidden is not None and hidden.rows[row] else format(value, form)


def facts_of(result: Any) -> pd.DataFrame:
    """Counts behind each row of a result; nan where nobody knows them."""
    k = len(result.rows)
    details = result.cell_details() if getattr(result, "cell_details", None) is not None else pd.DataFrame()
    if len(details) != k:
        least = _least_of_scores(getattr(result, "scores", None), k)
        told = getattr(result, "n", None)
        n = np.full(k, np.nan) if told is None else np.asarray(told, dtype=np.float64)
        details = pd.DataFrame({"n": np.fmin(n, least)})
    return _complete(details.reset_index(drop=True))


def facts_of_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """The same of a frame of estimates; counts on both sides of a share by its estimate where the frame has none."""
    known = facts_in(frame)
    if known is not None and known["n"].notna().all():
        return _complete(known)
    details = frame[[name for name in FACTS if name in frame]].reset_index(drop=True)
    unit = frame.attrs.get("unit") or {}
    if "n" in details and "n_nonzero" not in details and "variable" in frame and "estimate" in frame:
        share = np.array([unit.get(str(name)) == "share" for name in frame["variable"]])
        n, part = details["n"].to_numpy(dtype=np.float64), frame["estimate"].to_numpy(dtype=np.float64)
        details["n_nonzero"] = np.where(share, n * part, n)
        details["n_complement"] = np.where(share, n * (1 - part), n)
    return _complete(details.reindex(range(len(frame))))


def _complete(details: pd.DataFrame) -> pd.DataFrame:
    """All facts as numbers, with what follows from the others."""
    out = pd.DataFrame(index=details.index)
    for name in FACTS:
        out[name] = pd.to_numeric(details[name]).astype(np.float64) if name in details else np.nan
    out["n_units"] = out["n_units"].fillna(out["n"])
    if ENDS in details:
        out[ENDS] = pd.to_numeric(details[ENDS]).astype(np.float64)
    if "n_nonzero" in details and "n_complement" not in details:
        out["n_complement"] = np.where(out["n_nonzero"] < out["n"], out["n"] - out["n_nonzero"], out["n"])
    return out


def _least_of_scores(scores: Any, k: int) -> np.ndarray:
    """(k,) the fewest rows in any of the cells that each estimate rests on, by its influence values; nan unknown."""
    if scores is None:
        return np.full(k, np.nan)
    counts = []
    for block in scores.blocks:
        used = np.where(scores.weights != 0, block.codes, block.n_cells)
        found = np.bincount(used, minlength=block.n_cells + 1)[: block.n_cells]
        counts.append(np.repeat(found, block.values.shape[1]))
    base = np.concatenate(counts).astype(np.float64)
    if scores.transform is None:
        return base
    least = np.where(scores.rests(), base[None, :], np.inf).min(axis=1)
    return np.where(np.isfinite(least), least, 0.0)


def rows_to_hide(rows: pd.DataFrame, facts: pd.DataFrame, rules: Rules, meta: Mapping[str, Any]) -> np.ndarray:
    """(k,) rows that may not be seen, and those that would give them away."""
    keys = level_sets(rows, meta)
    hidden = np.any(list(broken_rules(rows, facts, rules, meta).values()), axis=0)
    while True:
        before = hidden.copy()
        hidden = _with_levels(hidden, keys, facts, rules)
        hidden = _with_parts(hidden, rows, facts, rules)
        if _is_banner(meta):
            hidden = _with_rest(hidden, rows, facts, rules)
        if "component" in rows:
            hidden = _whole_groups(hidden, rows.drop(columns=["component", "term"], errors="ignore"))
        if (hidden == before).all():
            return hidden


def broken_rules(
    rows: pd.DataFrame, facts: pd.DataFrame, rules: Rules, meta: Mapping[str, Any]
) -> dict[str, np.ndarray]:
    """By rule, (k,) the rows that break it by themselves."""
    n, inside, outside = (facts[name].to_numpy() for name in ("n_units", "n_nonzero", "n_complement"))
    keys, largest = level_sets(rows, meta), facts["largest_share"].to_numpy()
    extreme = np.zeros(len(rows), dtype=bool)
    with np.errstate(invalid="ignore"):
        if "quantile" in rows:
            q = pd.to_numeric(rows["quantile"]).to_numpy(dtype=np.float64)
            extreme = n * np.minimum(q, 1 - q) < rules.complement - _ROUNDING
        # nobody in one of several levels is no person's answer; nobody at all on one side of a yes or no is everybody's
        one_side = (inside < rules.complement) & ~((keys >= 0) & (inside == 0))
        return {
            "unknown": np.isnan(n),
            "few": (n < rules.units) | _in_margins(rows, keys, inside, meta, rules.units),
            "complement": one_side | (outside < rules.complement),
            "one_category": _one_answer(keys, facts),
            "dominance": (largest > rules.largest_share) | (np.isnan(largest) & ("collapsed" in meta)),
            "extreme": extreme,
        }


def _levels_of(rows: pd.DataFrame, meta: Mapping[str, Any]) -> list[list[str]]:
    """For each row the columns whose values are levels that add up: `level`, or both variables of a crosstab."""
    call = meta.get("call") or {}
    calls = call.get("results") or {}
    out = []
    for i in range(len(rows)):
        own = calls.get(str(rows["result"].iloc[i]), {}) if calls and "result" in rows else call
        own = own or {}
        pair = [str(own.get("row")), str(own.get("column"))] if own.get("function") == "crosstab" else []
        # of a banner `level` is a cell, and the answers to a question add up
        levels = ["answer"] if own.get("function") == "banner" else ["level", *pair]
        out.append([name for name in levels if name in rows and not is_missing(rows[name].iloc[i])])
    return out


def level_sets(rows: pd.DataFrame, meta: Mapping[str, Any]) -> np.ndarray:
    """(k,) a number for each set of levels that add up; -1 for rows that are no level."""
    told: dict[tuple[Any, ...], int] = {}
    out = np.full(len(rows), -1)
    columns = list(rows.columns)
    for i, (names, row) in enumerate(zip(_levels_of(rows, meta), rows.itertuples(index=False, name=None), strict=True)):
        if names:
            key = tuple(str(v) for name, v in zip(columns, row, strict=True) if name not in names)
            out[i] = told.setdefault(key, len(told))
    return out


def _one_answer(keys: np.ndarray, facts: pd.DataFrame) -> np.ndarray:
    """All levels of a cell in which everybody gave the same answer."""
    nobody_else = (facts["n_complement"] == 0).to_numpy()
    return np.isin(keys, keys[nobody_else & (keys >= 0)])


def one_sided_margins(rows: pd.DataFrame, keys: np.ndarray, people: np.ndarray, meta: Mapping[str, Any]) -> np.ndarray:
    """Cells of a crosstab in a row or column of people who are all in one cell of it."""
    return _in_margins(rows, keys, people, meta, 0)


def _in_margins(
    rows: pd.DataFrame, keys: np.ndarray, people: np.ndarray, meta: Mapping[str, Any], floor: int
) -> np.ndarray:
    """Cells of a crosstab in rows or columns of few people (below a floor), or of people who are all in one cell."""
    sums: dict[tuple[Any, ...], list[float]] = {}
    own = []
    for i, names in enumerate(_levels_of(rows, meta)):
        own.append([(keys[i], name, str(rows[name].iloc[i])) for name in names] if len(names) > 1 else [])
        for margin in own[-1]:
            sums.setdefault(margin, []).append(float(people[i]))
    bad = {margin for margin, n in sums.items() if 0 < sum(n) < floor or max(n) == sum(n) > 0}
    return np.array([any(margin in bad for margin in margins) for margins in own], dtype=bool)


def _with_levels(hidden: np.ndarray, keys: np.ndarray, facts: pd.DataFrame, rules: Rules) -> np.ndarray:
    """Hidden levels with as many more as make them untold: two at least, and enough people together."""
    out = hidden.copy()
    people = facts["n_nonzero"].fillna(facts["n_units"]).fillna(0).to_numpy()
    for key in np.unique(keys[hidden & (keys >= 0)]):
        out[_cover(np.flatnonzero(keys == key), out, people, rules.complement)] = True
    return out


def _cover(group: np.ndarray, hidden: np.ndarray, people: np.ndarray, floor: float) -> np.ndarray:
    """Rows of a group that must go with its hidden ones, smallest first; rows with nobody cover nothing."""
    gone = [i for i in group if hidden[i]]
    rest = sorted((i for i in group if not hidden[i] and people[i] > 0), key=lambda i: (people[i], i))
    added: list[int] = []
    while rest and (len(gone) + len(added) < 2 or sum(people[i] for i in [*gone, *added]) < floor):
        added.append(rest.pop(0))
    if len(gone) + len(added) < 2:
        added += [i for i in group if not hidden[i] and i not in added]
    return np.array(added, dtype=np.intp)


def _with_parts(hidden: np.ndarray, rows: pd.DataFrame, facts: pd.DataFrame, rules: Rules) -> np.ndarray:
    """Where a total stands beside its parts, a hidden part with the next smallest, so that neither is the rest."""
    if "result" not in rows or not hidden.any():
        return hidden
    out, people = hidden.copy(), facts["n_units"].fillna(0).to_numpy()
    for group in parts_of_totals(rows, hidden):
        if hidden[group].any():
            out[_cover(group, out, people, rules.units)] = True
    return out


def _with_rest(hidden: np.ndarray, rows: pd.DataFrame, facts: pd.DataFrame, rules: Rules) -> np.ndarray:
    """Cells of a banner: another breakdown of the same people would tell the only hidden one of this one."""
    out, people, keys = hidden.copy(), facts["n_units"].fillna(0).to_numpy(), breakdowns(rows)
    for key in dict.fromkeys(keys[hidden]):
        out[_cover(np.flatnonzero(keys == key), out, people, rules.units)] = True
    return out


def _against_hidden(hidden: np.ndarray, rows: pd.DataFrame) -> np.ndarray:
    """(k,) cells of a banner that are shown, but with the rest of a breakdown in which cells are withheld."""
    keys = breakdowns(rows.reset_index(drop=True))
    return np.asarray(np.isin(keys, keys[hidden]) & ~hidden)


def breakdowns(rows: pd.DataFrame) -> np.ndarray:
    """(k,) the indicator, its answer, and the breakdown of each cell of a banner."""
    named = rows[[name for name in ("variable", "answer", "group") if name in rows]]
    return np.array(["\n".join(map(str, row)) for row in named.itertuples(index=False, name=None)], dtype=object)


def _is_banner(meta: Mapping[str, Any]) -> bool:
    """A table book."""
    return bool((meta.get("call") or {}).get("function") == "banner")


def _without_rest(flags: str) -> str:
    """The flags of a cell without what tells it from the rest."""
    return " ".join(word for word in str(flags).split() if word not in BESIDE_REST)


def margins_without_few(frame: pd.DataFrame, rules: Rules) -> tuple[pd.DataFrame, np.ndarray]:
    """Margins of a weight report without the sums of few people, and which rows (k,) those are.

    Levels of a margin add up to its total, so that a hidden one takes the next smallest with it; targets stay.
    """
    n = frame["n"].to_numpy(dtype=np.float64)
    out = n < rules.units
    keys = np.array(
        ["\n".join(map(str, row)) for row in zip(frame["step"], frame["group"], frame["margin"], strict=True)]
    )
    for key in dict.fromkeys(keys[out].tolist()):
        group = np.flatnonzero((keys == key) & ~np.isnan(n))
        out[_cover(group, out, np.nan_to_num(n), rules.units)] = True
    shown = {name: np.where(out, np.nan, frame[name]) for name in ("before", "after", "now", "n")}
    return frame.assign(**shown), out


def parts_of_totals(rows: pd.DataFrame, hidden: np.ndarray) -> list[np.ndarray]:
    """Rows of another result that split a visible row by further cells: same variable and level, same known cells."""
    by = [name for name in rows.columns if name not in _NAMES]
    if not by:
        return []  # no row is split by anything
    same = [name for name in rows.columns if name in _NAMES and name != "result"]
    cells = rows[by].isna().to_numpy(dtype=bool), rows[by].astype(str).to_numpy(dtype=object)
    names = rows[same].astype(str).to_numpy(dtype=object)
    results = rows["result"].astype(str).to_numpy()
    out = []
    for i in np.flatnonzero(~hidden):
        absent = cells[0][i]
        fits = (names == names[i]).all(axis=1) & (results != results[i])
        fits &= ((cells[1] == cells[1][i]) | absent).all(axis=1)
        finer = ~cells[0] & absent
        groups: dict[tuple[Any, ...], list[int]] = {}
        for j in np.flatnonzero(fits & finer.any(axis=1)):
            groups.setdefault((results[j], *finer[j]), []).append(int(j))
        out += [np.array(group) for group in groups.values()]
    return out


def _whole_groups(hidden: np.ndarray, rows: pd.DataFrame) -> np.ndarray:
    """All rows of every group that has a hidden one."""
    keys = [tuple(str(v) for v in row) for row in rows.itertuples(index=False, name=None)]
    gone = {key for key, out in zip(keys, hidden, strict=True) if out}
    return np.array([key in gone for key in keys], dtype=bool)


def is_missing(value: Any) -> bool:
    """No value."""
    return value is None or value != value or value is pd.NA or value is pd.NaT


def shown_only(values: Sequence[Any], hidden: Withheld | None) -> list[Any]:
    """What belongs to the rows that are shown."""
    if hidden is None:
        return list(values)
    return [value for value, gone in zip(values, hidden.rows, strict=True) if not gone]


def counts_in_words(told: Mapping[str, Any], hidden: Withheld | None) -> dict[str, Any]:
    """Counts of a note, small ones as a bound."""
    return {k: v if hidden is None else hidden.count(float(v)) for k, v in told.items()}
