"""Whether results are the same call on M imputations: variables, domains and names may differ in one number only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from llo_research.errors import DataError
from llo_research.results.imputed_names import Numbered, common_group, common_name, common_text, names_in
from llo_research.results.result import Result

Common = Callable[[Sequence[str], list[Numbered]], str | None]

# arguments of a call, and columns of rows, that hold names or conditions; all others are the same to the letter
_NAMES = ("variable", "variables", "row", "column", "numerator", "denominator", "by", "group", "time", "results")
_GROUPS = ("of", "minus")
_TERMS = ("variable", "term", "result")
_COUNTS = ("rows", "unknown", "rows_without", "unmatched_rows")
_YEARS = range(1900, 2101)
_TODO = "make the same call on each imputation; names may differ in the number at their end (PV1, PV2) and only there"


def aligned(results: Sequence[Result]) -> tuple[list[Result], list[Numbered], dict[str, list[str]]]:
    """The results under common rows and labels, what is numbered in their names, and the variables by stem."""
    seen: list[Numbered] = []
    rows, imputed = _rows(results, seen)
    _check_settings(results)
    _check_calls(results, seen)
    labels = _labels(results, imputed, seen)
    call = dict(results[0].meta)
    if imputed and "unit" in call:
        call["unit"] = {**call["unit"], **{s: call["unit"][n[0]] for s, n in imputed.items() if n[0] in call["unit"]}}
    new = dict(zip(results[0].rows.columns, rows.columns, strict=True))
    if "by" in call:
        call["by"] = [new.get(name, name) for name in call["by"]]
    if "contrast" in call:
        call["contrast"] = dict(zip(labels, call["contrast"].values(), strict=True))
    draws = [replace(result, rows=rows, labels=labels) for result in results]
    return [replace(draws[0], meta=call), *draws[1:]], seen, imputed


def check_repeated(results: Sequence[Result], seen: Sequence[Numbered]) -> None:
    """Each imputation once, and one number for each."""
    numbers = [found.numbers for found in seen]
    years = [found for found in seen if any(number in _YEARS for number in found.numbers)]
    if years:
        raise DataError(
            "The names differ in a year, which is no number of an imputation.",
            where="combine_imputations",
            found=", ".join(years[0].names[:5]),
            expected="imputations numbered 1, 2, 3, ...",
            todo="years are compared with llo.change or llo.joint; if they are imputations, give them other names",
        )
    if len(set(numbers)) > 1:
        other = next(found for found in seen if found.numbers != numbers[0])
        raise DataError(
            "The names do not carry the same number in one result.",
            where="combine_imputations",
            found=f"{', '.join(seen[0].names[:4])} beside {', '.join(other.names[:4])}",
            expected="one number for each imputation, in all its names",
            todo="combine P1 with Q1, P2 with Q2: what was drawn together",
        )
    for j, result in enumerate(results):
        for i, earlier in enumerate(results[:j]):
            if numbers[0][i] == numbers[0][j] if numbers else _same_data(earlier, result):
                raise DataError(
                    "An imputation is there twice.",
                    where=f"results {i + 1} and {j + 1}",
                    found=f"{', '.join(result.labels[:3])} of the same {'number' if numbers else 'data'}",
                    expected="each imputation once: a repeated one hides the variance between them",
                    todo="give the results of different imputations; without imputed values one result says all",
                )


def _same_data(one: Result, other: Result) -> bool:
    """Whether two results of the same names are one: of the same frame, or equal with nothing else to tell by."""
    same = [(one.estimate, other.estimate), (one.covariance, other.covariance)]
    if one is other or not all(np.array_equal(*pair, equal_nan=True) for pair in same):
        return one is other
    sums = [None if result.data is None else result.data() for result in (one, other)]
    return one.design is other.design or (None not in sums and sums[0] == sums[1])


def _refuse(what: str, number: int, given: Any, first: Any) -> DataError:
    """The error for results that are not the same call."""
    return DataError(
        f"The results are not the same call: {what} differs.",
        where=f"result {number}",
        found=repr(given)[:120],
        expected=repr(first)[:120],
        todo=_TODO,
    )


def _equal(what: str, values: Sequence[Any]) -> None:
    """The same value in all results."""
    for number, value in enumerate(values[1:], start=2):
        if not _alike(value, values[0]):
            raise _refuse(what, number, value, values[0])


def _alike(one: Any, other: Any) -> bool:
    """Whether two arguments say the same; arrays are as lists, and what is missing in both is."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return list(one) == list(other) and all(_alike(one[key], other[key]) for key in one)
    one, other = (value.tolist() if isinstance(value, np.ndarray) else value for value in (one, other))
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(_alike(a, b) for a, b in zip(one, other, strict=True))
    missing = isinstance(one, float) and isinstance(other, float) and np.isnan(one) and np.isnan(other)
    return bool(missing or one == other)


def _check_settings(results: Sequence[Result]) -> None:
    """Level, interval, weight and design are the same."""
    _equal("the kind of result", [type(result).__name__ for result in results])
    for name in ("level", "interval", "simultaneous", "tested"):
        _equal(name, [getattr(result, name) for result in results])
    for name in ("weight", "weight_kind", "synthetic"):
        _equal(name.replace("_", " "), [result.meta.get(name) for result in results])
    designs = [result.meta.get("design") or {} for result in results]
    _equal("the design", [{k: v for k, v in design.items() if k != "steps"} for design in designs])
    _equal("the weighting", [[_texts(step) for step in design.get("steps", [])] for design in designs])
    sources = [result.meta.get("source") or {} for result in results]
    for name in ("instrument", "year", "years", "cycle", "country", "survey"):
        _equal(f"the source's {name}", [source.get(name) for source in sources])


def _texts(told: Any) -> Any:
    """What a step says in words, without the numbers that imputed data may change."""
    if not isinstance(told, Mapping):
        return str(told)
    return {key: value for key, value in told.items() if isinstance(value, str)}


def _check_calls(results: Sequence[Result], seen: list[Numbered]) -> None:
    """The calls, their domains and contrasts are the same but for numbers in names."""
    calls = [result.meta.get("call") or {} for result in results]
    _equal("the function", [call.get("function") for call in calls])
    _common("the call", calls, "call", seen)
    _check_domains(results, seen)
    known, own = [names_in(call) for call in calls], len(seen)
    for name in ("contrast", "contrast_of"):
        _common(f"the {name.replace('_of', '')}", [result.meta.get(name) for result in results], "contrast", seen)
    known = [k | names_in(r.meta.get("contrast_of")) for k, r in zip(known, results, strict=True)]
    for found in seen[own:]:
        for number, name in enumerate(found.names):
            if name not in known[number]:
                raise DataError(
                    "The results are not the same call: the contrasts are of different levels.",
                    where=f"result {number + 1}",
                    found=", ".join(found.names[:5]),
                    expected="names of variables that differ in their number, and the same levels",
                    todo=_TODO,
                )


def _common(what: str, values: Sequence[Any], role: str, seen: list[Numbered]) -> None:
    """Go through the arguments of calls side by side."""
    first = values[0]
    alike = all(isinstance(value, type(first)) for value in values)
    if alike and isinstance(first, Mapping) and all(len(value) == len(first) for value in values):
        if role == "call":
            _equal(what, [list(value) for value in values])
        for items in zip(*(value.items() for value in values), strict=True):
            if role != "call":
                _common(what, [str(key) for key, _ in items], role, seen)
            key = str(items[0][0])
            inner = role if role != "call" else key if key in (*_NAMES, *_GROUPS) else "option"
            if role == "results":
                inner = "call"
            _common(f"{key} in {what}", [value for _, value in items], inner, seen)
    elif alike and isinstance(first, list | tuple) and all(len(value) == len(first) for value in values):
        for items in zip(*values, strict=True):
            _common(what, items, role, seen)
    elif not alike or not isinstance(first, str) or role == "option":
        _equal(what, list(values))
    elif (common_group if role in _GROUPS else common_text)(list(values), seen) is None:
        number = next(i for i, value in enumerate(values) if value != first)
        raise _refuse(what, number + 1, values[number], first)


def _check_domains(results: Sequence[Result], seen: list[Numbered]) -> None:
    """The same domain; one given as a Series has no name, and is compared itself."""
    told = [result.meta.get("domain") or [] for result in results]
    notes = [[{k: v for k, v in note.items() if k not in _COUNTS} for note in notes] for notes in told]
    _equal("the domain", [[sorted(note) for note in some] for some in notes])
    for side in zip(*notes, strict=True):
        for key in side[0]:
            _common("the domain", [note[key] for note in side], "by", seen)
    if not any(note.get("condition") == "a boolean Series" for note in notes[0]):
        return
    masks = [None if r.scores is None else r.scores.support(np.arange(r.scores.size)) for r in results]
    for number, mask in enumerate(masks[1:], start=2):
        if mask is None or masks[0] is None or not np.array_equal(mask, masks[0]):
            raise DataError(
                "The results are of different domains, or nobody can tell.",
                where=f"result {number}",
                found="a domain given as a Series",
                expected="the same people in all, or a condition on numbered columns",
                todo='svy.assign(imp1=..., imp2=...), and svy.where("imp1 == 1"), svy.where("imp2 == 1")',
            )


def _rows(results: Sequence[Result], seen: list[Numbered]) -> tuple[Any, dict[str, list[str]]]:
    """The rows under names for all, and the names of the variables by their stem."""
    frames, first = [result.rows for result in results], results[0].rows
    if any(frame.shape != first.shape for frame in frames):
        raise _other_rows(results, next(i for i, frame in enumerate(frames) if frame.shape != first.shape))
    out, imputed = first.copy(), {}
    for place, name in enumerate(first.columns):
        columns = [frame.iloc[:, place].astype(str).tolist() for frame in frames]
        how: Common | None = common_text if name in _TERMS else common_group if name in _GROUPS else None
        texts = [_cell(list(cells), how, seen) for cells in zip(*columns, strict=True)]
        if None in texts:
            row = texts.index(None)
            raise _other_rows(results, next(i for i, column in enumerate(columns) if column[row] != columns[0][row]))
        if texts != columns[0]:
            out[name] = _distinct(texts, columns[0], len(results))
        if name == "variable":
            imputed = {stem: list(cells) for stem, *cells in zip(out[name].astype(str), *columns, strict=True)}
            imputed = {stem: names for stem, names in imputed.items() if len(set(names)) > 1}
    heads = [common_name([str(frame.columns[i]) for frame in frames], seen) for i in range(first.shape[1])]
    if None in heads:
        place = heads.index(None)
        raise _other_rows(results, next(i for i, f in enumerate(frames) if f.columns[place] != first.columns[place]))
    if len(set(heads)) == len(heads):
        out.columns = heads
    return out, imputed


def _cell(texts: list[str], how: Common | None, seen: list[Numbered]) -> str | None:
    """The common text of one cell of the rows."""
    if how is None or len(set(texts)) == 1:
        return texts[0] if len(set(texts)) == 1 else None
    return how(texts, seen)


def _distinct(stems: Sequence[str | None], names: Sequence[str], m: int) -> list[str]:
    """Stems where they tell apart what the names told apart; else the first names with the count."""
    together = len({*stems}) == len({*names})
    return [str(stem) if together else f"{name} ({m} imputations)" for stem, name in zip(stems, names, strict=True)]


def _other_rows(results: Sequence[Result], number: int) -> DataError:
    """The error for results of different rows."""
    first, other = results[0], results[number]
    found: Any = list(other.labels)[:5]
    expected: Any = list(first.labels)[:5]
    if found == expected:
        found, expected = (r.rows.head(3).astype(str).to_dict("list") for r in (other, first))
    return DataError(
        "The results do not have the same rows.",
        where=f"result {number + 1}",
        found=found,
        expected=expected,
        todo=f"{_TODO}; levels must be declared where one of them may be absent",
    )


def _labels(results: Sequence[Result], imputed: Mapping[str, Sequence[str]], seen: list[Numbered]) -> tuple[str, ...]:
    """The labels under names for all."""
    own = {names[0]: stem for stem, names in imputed.items()}
    out = []
    for texts in zip(*(result.labels for result in results), strict=True):
        parts = [text.split(":") for text in texts]
        if len(set(texts)) == 1:
            out.append(texts[0])
        elif all(len(part) == len(parts[0]) for part in parts):
            pieces = zip(*parts, strict=True)
            out.append(":".join(own.get(piece[0]) or common_text(piece, seen) or piece[0] for piece in pieces))
        else:
            out.append(common_text(texts, seen) or texts[0])
    return tuple(out)
