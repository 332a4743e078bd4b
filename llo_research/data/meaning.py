"""A file's own labels beside the codebook: no code may mean something else than the codebook says."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import pandas as pd

from llo_research.data.beside import parts_of_answers, waves_beside
from llo_research.data.exact import find, key_of, keys_of, nfc, number_of, plain
from llo_research.data.harmonised_file import Named
from llo_research.data.instrument import CodebookVariable, Instrument
from llo_research.data.layout import Layout
from llo_research.data.mapping import told as written
from llo_research.data.readers import Table
from llo_research.data.rules import numbers_of
from llo_research.data.shifted import check_shift
from llo_research.data.soi import Levels
from llo_research.data.turned import turned
from llo_research.data.wording import Book, lines_of, means_missing
from llo_research.errors import DataError, LloWarning

_PARTS = 3  # so many answers mapped are those of items


def book_of_variable(instrument: Instrument, variable: CodebookVariable) -> Book:
    """All that each code of a variable is called: its labels, and those of the classes that are made of it."""
    texts: dict[Any, list[str]] = {code: list(label.values()) for code, label in variable.values.items()}
    for code, more in variable.also.items():
        texts[code] += more
    for name, entry in instrument.harmonised.items():
        for rule in entry["rules"]:
            if rule.get("recode") == variable.name:
                for category, called in instrument.wordings(name).items():
                    # A label that names the codes of its class (hbo of wo) would name them too; its other words do not.
                    general = called[2:] or called
                    for code in rule.get(category, ()):
                        texts[code] += [text for text in general if text not in texts[code]]
    return Book({code: tuple(labels) for code, labels in texts.items()})


def texts_of(instrument: Instrument, name: str) -> list[str]:
    """All that a variable, or a harmonised one and what it is made of, is called."""
    names = [name, *(instrument.sources_of(name) if name in instrument.harmonised else ())]
    known = [variable for each in names if (variable := instrument.variable(each)) is not None]
    texts = [text for variable in known for text in (variable.question, *variable.label.values()) if text]
    entry = instrument.harmonised.get(name)
    return [*texts, *([entry["nl"], entry["en"]] if entry else [])]


def check_labels(table: Table, layout: Layout, ours: Named) -> list[DataError]:
    """The file's own labels must not give a code the meaning that the codebook gives to another code.

    A code that the mapping itself translates against its label is told in a warning; others are errors.
    """
    problems = _two_meanings(layout, table, ours)
    if problems:
        return problems
    for column, told in table.value_labels.items():
        for name in ours.names.get(column, ()):
            moved, moved_back = _moved(column, told, name, layout, table, ours)
            problems += moved
            if moved or moved_back:
                continue
            variable = layout.instrument.variable(layout.names.get(name, name), layout.cycle)
            if name in ours.frame and variable is not None and variable.values:
                problems += _of_variable(column, told, variable, layout, table, ours, name)
            elif name in ours.frame and name in layout.instrument.harmonised:
                problems += _of_harmonised(column, told, layout.instrument, table, ours, name)
    _of_texts(layout, table, ours)
    _declared_answers(layout, table, ours)
    _tell_turned(layout, table, ours)
    return problems


def _tell_two_waves(table: Table, given: Mapping[str, str]) -> None:
    """Warn of a mapping that takes columns of several waves, which stand beside each other, for one person and time."""
    beside = waves_beside(table.own_header)
    taken: dict[str, list[str]] = {}
    for column in given:
        if column in beside:
            taken.setdefault(beside[column][0], []).append(column)
    if len(taken) > 1:
        shown = "; ".join(f"{wave}: {', '.join(columns[:4])}" for wave, columns in taken.items())
        words = f"The mapping takes columns of {len(taken)} waves for one: {shown}."
        todo = "take the columns of one wave, and write a mapping for each of them"
        warnings.warn(LloWarning(f"{words}\n  where: {table.path.name}\n  what to do: {todo}"), stacklevel=8)


def _tell_parts(table: Table, given: Mapping[str, str], ours: Named) -> None:
    """Warn of one or two answers of a question with several that are mapped as if they were the question."""
    parts = parts_of_answers(table, table.own_header)
    mapped = [column for column in given if column in parts and given[column] in ours.frame]
    if mapped and len(mapped) < _PARTS:
        told = "; ".join(f"{column} ({table.labels.get(column, 'no label')}) as {given[column]}" for column in mapped)
        words = f"The mapping takes one answer of a question with several for a variable: {told}."
        todo = "map the question itself, or leave the line out"
        warnings.warn(LloWarning(f"{words}\n  where: {table.path.name}\n  what to do: {todo}"), stacklevel=8)


def _tell_turned(layout: Layout, table: Table, ours: Named) -> None:
    """Warn of mapped columns whose label denies what the variable is, or is of another period or verb."""
    given = {
        **ours.given.columns,
        **{own: our for of_year in ours.given.by_year.values() for own, our in of_year.items()},
    }
    _tell_two_waves(table, given)
    _tell_parts(table, given, ours)
    for column, label in table.labels.items():
        name = given.get(nfc(column), "")
        why = turned(label, texts_of(layout.instrument, name), brief=True)
        if why and name in ours.frame and name not in ours.given.values:
            words = f"{column} is mapped onto {name} and says something else: {why}."
            shown = f"where: {table.path.name}, label {' '.join(label.split())[:120]!r}"
            todo = "what to do: take the line out of the mapping, or turn its codes round under [values]"
            warnings.warn(LloWarning(f"{words}\n  {shown}\n  {todo}"), stacklevel=7)


def _of_variable(
    column: str,
    told: Mapping[Any, str],
    variable: CodebookVariable,
    layout: Layout,
    table: Table,
    ours: Named,
    name: str,
) -> list[DataError]:
    """What is wrong with the labels of one column."""
    book, labels = book_of_variable(layout.instrument, variable), list(told.values())
    wrong: dict[Any, tuple[str, list[Any]]] = {}
    against, missing = {}, {}
    for code, label in told.items():
        target = _translated(ours.mapped.values.get(name, {}), code)
        own = _code(code if target is None else target, variable)
        gone = any(key_of(code) in keys_of(each) for each in ours.mapped.missing.get(name, ()))
        if gone or (own not in variable.values and not _occurs(ours.frame[name], own)):
            continue
        if means_missing(label):
            if own in variable.values and not _is_missing(variable, own) and _occurs(ours.frame[name], own):
                missing[code] = label
            continue
        others = book.elsewhere(label, own, labels)
        if others or book.contradicted(label, own):
            if target is None:
                wrong[code] = (label, others)
            else:
                against[code] = label
    if against:
        _tell(name, against, table, column)
    where = f"{table.path.name}, column {column} (value labels)"
    if wrong:
        lines = lines_of(name, _completed(wrong, told, variable, book, ours.mapped.values.get(name, {})))
        result = [_error(name, wrong, variable, where, lines + _classes(column, told, variable, layout.instrument))]
    else:
        result = []
    return result + ([_unanswered(name, missing, where)] if missing else [])


def _moved(
    column: str, told: Mapping[Any, str], name: str, layout: Layout, table: Table, ours: Named
) -> tuple[list[DataError], bool]:
    """What is wrong when the labels of a column are moved by one, and whether the mapping moves them back."""
    book = _book_of(layout, name) if name in ours.frame and column in table.frame else None
    if book is None or table.frame[column].dtype.kind not in "iuf":
        return [], False
    translation, gone = ours.mapped.values.get(name, {}), ours.mapped.missing.get(name, ())
    variable = layout.instrument.variable(layout.names.get(name, name), layout.cycle)
    known = {*gone, *(variable.missing if variable is not None else ())}
    occurring = [value for value in pd.unique(table.frame[column].dropna()) if value not in known]
    labels = list(told.values())
    meant = {code: found[0] for code, label in told.items() if len(found := book.meaning(label, labels)) == 1}
    where = f"{table.path.name}, column {column} (value labels)"
    return check_shift(name, told, occurring, meant, where, lambda code: _given(translation, code, book))


def _given(translation: Mapping[str, Any], code: Any, book: Book) -> Any:
    """Our code of a code of the file; None for one that stays and is none of ours."""
    to = _translated(translation, code)
    return code if to is None and code in book.wordings else to


def _two_meanings(layout: Layout, table: Table, ours: Named) -> list[DataError]:
    """Columns of one file that hold one variable in different years must have the same codes."""
    columns: dict[str, list[str]] = {}
    for column in table.value_labels:
        for name in ours.names.get(column, ()):
            columns.setdefault(name, []).append(column)
    problems = []
    for name, owns in columns.items():
        book = _book_of(layout, name) if len(owns) > 1 and name in ours.frame else None
        found = _contradiction(book, {own: table.value_labels[own] for own in owns}) if book is not None else ()
        if found:
            problems.append(
                DataError(
                    f"One code of {name} has two meanings in this file.",
                    where=f"{table.path.name}, columns {' and '.join(own for own, _, _ in found)} (value labels)",
                    found="; ".join(f"{plain(code)} = {label!r} in {own}" for own, code, label in found),
                    expected="the same codes in all columns that hold one variable in different years",
                    todo="Recode one of them in the file; or save a file for each year, with a mapping of its own "
                    "beside it (nea2019.mapping.toml beside nea2019.sav).",
                )
            )
    return problems


def _book_of(layout: Layout, name: str) -> Book | None:
    """What the codes of a variable, or the classes of a harmonised one, are called."""
    variable = layout.instrument.variable(layout.names.get(name, name), layout.cycle)
    if variable is not None:
        return book_of_variable(layout.instrument, variable) if variable.values else None
    return book_of_classes(layout.instrument, name) if name in layout.instrument.harmonised else None


def _contradiction(book: Book, labels: Mapping[str, Mapping[Any, str]]) -> list[tuple[str, Any, str]]:
    """The first code that means one thing in one column and surely another in a second: (column, code, label) twice."""
    seen: dict[Any, tuple[str, Any, str]] = {}
    for own, told in labels.items():
        for code, label in told.items():
            here, key = book.meaning(label, list(told.values())), key_of(code)
            before = seen.setdefault(key, (own, code, label))
            there = book.meaning(before[2], list(labels[before[0]].values()))
            if here and there and not set(here) & set(there):
                return [before, (own, code, label)]
    return []


def _of_texts(layout: Layout, table: Table, ours: Named) -> None:
    """Warn when the mapping translates answers that stand in the file as text ("ja") against their own words."""
    for name, translation in ours.mapped.values.items():
        texts = [
            code for code in translation if number_of(code) is None and ("values", name, written(code)) in ours.hit
        ]
        if name not in ours.frame or not texts:
            continue
        book = _book_of(layout, name)
        if book is None:
            continue
        variable = layout.instrument.variable(layout.names.get(name, name), layout.cycle)
        target = {
            text: plain(translation[text]) if variable is None else _code(translation[text], variable) for text in texts
        }
        against = {text: text for text in texts if book.elsewhere(text, target[text], texts)}
        if against:
            own = next((column for column, names in ours.names.items() if name in names), name)
            _tell(name, against, table, own)


def _declared_answers(layout: Layout, table: Table, ours: Named) -> None:
    """Warn when a file declares answers of the codebook missing, without a label that says why."""
    for column, ranges in table.declared.items():
        for name in ours.names.get(column, ()) if table.user_missing.get(column) else ():
            variable = layout.instrument.variable(layout.names.get(name, name), layout.cycle)
            if variable is None or name not in ours.frame:
                continue
            labels = {key_of(code): label for code, label in table.value_labels.get(column, {}).items()}
            gone = [
                code
                for code in variable.values
                if isinstance(code, int) and any(_within(code, *bounds) for bounds in ranges)
                if not _is_missing(variable, code) and not means_missing(labels.get(key_of(code), ""))
            ]
            if gone:
                shown = ", ".join(f"{code} ({variable.values[code]['nl']})" for code in gone[:5])
                words = f"{table.path.name} declares answers of {name} missing: {shown}. They are read as missing."
                rows = f"{table.user_missing[column]:,} rows of {column} are missing so"
                todo = "take the code off the missing values of the column in SPSS, if it is an answer"
                warnings.warn(LloWarning(f"{words}\n  found: {rows}\n  what to do: {todo}"), stacklevel=7)


def _within(code: int, low: Any, high: Any) -> bool:
    """Is a code in a range of values that the file declares missing?"""
    return not isinstance(low, str) and not isinstance(high, str) and bool(low <= code <= high)


def book_of_classes(instrument: Instrument, name: str) -> Book:
    """All that the classes of a harmonised variable are called."""
    only = numbers_of(instrument.harmonised[name]) or {}
    kind = Levels if name == "education" else Book
    return kind(instrument.wordings(name) or {str(code): tuple(label.values()) for code, label in only.items()})


def _is_missing(variable: CodebookVariable, code: Any) -> bool:
    """Does the codebook itself say that this code is no answer?"""
    return any(means_missing(text) for text in variable.values[code].values())


def _occurs(series: pd.Series, code: Any) -> bool:
    """Is there a row with this code?"""
    return bool((find(series, [code])[0] == 0).any())


def _code(value: Any, variable: CodebookVariable) -> Any:
    """A code as the codebook has it: whole numbers, or text."""
    if variable.text:
        return plain(value).strip()
    number = number_of(value) if isinstance(value, str) else value
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _translated(translation: Mapping[str, Any], code: Any) -> Any:
    """What the mapping makes of a code; None when it does not name it."""
    return next((ours for theirs, ours in translation.items() if key_of(code) in keys_of(theirs)), None)


def _completed(
    wrong: Mapping[Any, tuple[str, list[Any]]],
    told: Mapping[Any, str],
    variable: CodebookVariable,
    book: Book,
    translation: Mapping[str, Any],
) -> dict[Any, tuple[str, list[Any]]]:
    """The codes that are wrong, and those beside them whose label does not say that they are right.

    When the codes are turned round or moved by one, all of them are.
    """
    answers = {code: label for code, label in told.items() if not means_missing(label)}
    codes = {code for code in variable.values if isinstance(code, int)}
    whole = [int(code) for code in answers if isinstance(code, (int, float)) and float(code).is_integer()]
    if whole and len(whole) == len(answers) == len(codes) > 2:
        turned = {code: min(codes) + max(whole) - int(code) for code in answers}
        moved = {code: int(code) + min(codes) - min(whole) for code in answers}
        for to in (turned, moved):
            right = (
                [code for code, (_, others) in wrong.items() if to[code] in others] if set(to.values()) == codes else []
            )
            if len(right) == len(wrong) > 1:
                return {code: (label, [to[code]]) for code, label in answers.items() if to[code] != code}
    labels = list(told.values())
    open_codes: dict[Any, tuple[str, list[Any]]] = {
        code: (label, [])
        for code, label in answers.items()
        if code not in wrong and _translated(translation, code) is None
        if _code(code, variable) not in book.meaning(label, labels)
    }
    return {code: {**wrong, **open_codes}[code] for code in answers if code in wrong or code in open_codes}


def _classes(column: str, told: Mapping[Any, str], variable: CodebookVariable, instrument: Instrument) -> str:
    """How to map the column onto a harmonised variable, when its labels are the classes of one."""
    answers = {code: label for code, label in told.items() if not means_missing(label)}
    for name, entry in instrument.harmonised.items():
        if not instrument.wordings(name) or not any(rule.get("recode") == variable.name for rule in entry["rules"]):
            continue
        book = book_of_classes(instrument, name)
        meant = {code: (label, book.meaning(label, list(told.values()))) for code, label in answers.items()}
        if len(answers) < len(variable.values) and all(len(found) == 1 for _, found in meant.values()):
            lines = lines_of(name, meant)
            return f'\n    Or map its classes onto {name}:\n    [columns]\n    "{column}" = "{name}"\n{lines}'
    return ""


def _error(
    name: str, wrong: Mapping[Any, tuple[str, list[Any]]], variable: CodebookVariable, where: str, lines: str
) -> DataError:
    """Codes that mean something else."""
    own = [code for code in wrong if code in variable.values]
    shown = list(dict.fromkeys([*own, *(c for _, others in wrong.values() for c in others)]))
    example = plain(next(iter(wrong)))
    return DataError(
        f"The codes of {name} mean something else in this file than in the codebook.",
        where=where,
        found=", ".join(f"{plain(code)} = {label!r}" for code, (label, _) in list(wrong.items())[:6]),
        expected=", ".join(f"{plain(code)} = {variable.values[code]['nl']!r}" for code in shown[:6]),
        todo=f"Translate them in a mapping file (code in the file = our code):\n{lines}\n"
        f'    A code that is right as it stands is told so by its own line: "{example}" = "{example}".',
    )


def _unanswered(name: str, missing: Mapping[Any, str], where: str) -> DataError:
    """Codes that are no answer in the file and an answer in the codebook."""
    codes = ", ".join(plain(code) if not isinstance(code, str) else f'"{code}"' for code in missing)
    return DataError(
        f"A code of {name} is no answer in this file and an answer in the codebook.",
        where=where,
        found=", ".join(f"{plain(code)} = {label!r}" for code, label in missing.items()),
        expected="codes for missing values that the codebook does not have as answers",
        todo=f"Say so in a mapping file:\n    [missing]\n    {name} = [{codes}]",
    )


def _tell(name: str, against: Mapping[Any, str], table: Table, column: str) -> None:
    """Warn of codes that the mapping translates against the file's labels."""
    shown = ", ".join(plain(code) + (f" ({label})" if label != code else "") for code, label in against.items())
    words = f"The mapping gives codes of {name} another meaning than their labels in the file have: {shown}."
    warnings.warn(LloWarning(f"{words}\n  where: {table.path.name}, column {column}"), stacklevel=8)


def _of_harmonised(
    column: str, told: Mapping[Any, str], instrument: Instrument, table: Table, ours: Named, name: str
) -> list[DataError]:
    """Codes mapped onto a harmonised variable must not mean another class; translated so against labels: a warning."""
    book, labels = book_of_classes(instrument, name), list(told.values())
    against, wrong = {}, {}
    for code, label in told.items():
        target = _translated(ours.mapped.values.get(name, {}), code)
        others = book.elsewhere(label, plain(code if target is None else target), labels)
        if others and target is not None:
            against[code] = label
        elif others and plain(code) in book.wordings and _occurs(ours.frame[name], code):
            wrong[code] = (label, others)
    if against:
        _tell(name, against, table, column)
    if not wrong:
        return []
    return [
        DataError(
            f"The codes of {name} mean something else in this file than in the codebook.",
            where=f"{table.path.name}, column {column} (value labels)",
            found=", ".join(f"{plain(code)} = {label!r}" for code, (label, _) in wrong.items()),
            expected=", ".join(f"{each} = {texts[0]!r}" for each, texts in book.wordings.items()),
            todo=f"Translate them in a mapping file (code in the file = our code):\n{lines_of(name, wrong)}",
        )
    ]
