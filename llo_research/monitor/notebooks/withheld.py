"""In the kernel of a chapter: what real files, or an edition, cannot show is said in its place, and it goes on.

Of real files: too few respondents, no answers in the years or groups asked for, questions that the files do not have,
no files of a survey, too little to estimate a model from. Of an edition: years that it does not have. Anywhere:
published figures, and true values, that are not here. And what is computed from these. Every other error stops the
chapter.
"""

from __future__ import annotations

import ast
import re
import symtable
import warnings
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from llo_research.data import published_files
from llo_research.data.synthetic import parameters
from llo_research.data.synthetic.truth import ABSENT as NO_TRUTH
from llo_research.errors import CalibrationError, DataError, DisclosureError, IdentificationError, LloError, LloWarning
from llo_research.monitor.absent import NO_FILES, Absent
from llo_research.monitor.estimates import NO_ANSWERS
from llo_research.monitor.latest import NO_YEAR

EMPTY = "The domain is empty."
_NO_FILES = NO_FILES.split("{", maxsplit=1)[0]
_NO_ROW, _NO_DATA = "There is no row ", " has no data of "
_NO_GROUP = r"The group '\w+' is empty\."
# What errors say of comparisons over time in a survey that does not have those times.
_NO_TIMES = {
    r"There is only one time\.": "one",
    r"The base '?(.+?)'? is not one of the times\.": "empty",
    r"There is no time after ": "one",
}
# What errors say of a column that is not there; its name is in brackets.
_NO_COLUMN = (
    r"There is no column '(\w+)' in the data\.",
    r"The survey has no such column\. (\w+)",
    r"The formula is no variable of the survey and no condition\. '(\w+)'",
    r"\S+ has no column '(\w+)'\.",
    r"\S+ cannot carry (\w+)\.",
)
_INSTRUMENTS = ("nea", "zea", "wea")
_WORDS = {
    "en": {
        "line": "*Withheld: {why}.*",
        "edition": "*Not in edition {edition}: {why}.*",
        "here": "*Not here: {why}.*",
        "figures": "the published figures, which come in a zip of their own",
        "truth": "the true values of the invented population, which come in a zip of their own",
        "few": "it rests on too few respondents to be shown",
        "empty": "the files here hold no answers for it ({where})",
        "years": "answers of {where}",
        "group": "the files here hold no answers for it ({where})",
        "years_group": "{where} in the same years",
        "years_two": "a second year to compare with",
        "one": "the files here hold one of the years only",
        "files": "there are no files of the {where} here",
        "file": "there is no file {where}",
        "lacks": "the files here do not have the question *{label}* ({where})",
        "model": "the files here do not suffice to estimate it ({where})",
        "gone": "it is computed from {name}: {why}",
        "warning": "*About the files: {where}*",
    },
    "nl": {
        "line": "*Niet getoond: {why}.*",
        "edition": "*Niet in editie {edition}: {why}.*",
        "here": "*Hier niet: {why}.*",
        "figures": "de gepubliceerde cijfers, die in een zip apart staan",
        "truth": "de ware waarden van de verzonnen populatie, die in een zip apart staan",
        "few": "te weinig respondenten",
        "empty": "de bestanden hier hebben er geen antwoorden voor ({where})",
        "years": "antwoorden van {where}",
        "group": "de bestanden hier hebben er geen antwoorden voor ({where})",
        "years_group": "{where} in dezelfde jaren",
        "years_two": "een tweede jaar om mee te vergelijken",
        "one": "de bestanden hier hebben maar één van de jaren",
        "files": "er zijn hier geen bestanden van de {where}",
        "file": "er is geen bestand {where}",
        "lacks": "de bestanden hier hebben de vraag *{label}* niet ({where})",
        "model": "de bestanden hier zijn te klein om het te schatten ({where})",
        "gone": "het is berekend uit {name}: {why}",
        "warning": "*Over de bestanden: {where}*",
    },
}
# The names of these errors; cells that raise them for another reason keep an output of type "error", and stop.
MAY_BE_TOLD = ("DisclosureError", "DataError", "IdentificationError", "CalibrationError", "NameError")

# What may be absent from a sealed bundle: what its error says, and the word of the table above.
_NOT_IN_BUNDLE = {published_files.ABSENT: "figures", NO_TRUTH: "truth"}

# Why something is not shown: a word of the table above, and of what.
Reason = tuple[str, str]


def install(language: str, edition: str = "", *, whole: bool = False) -> None:
    """Let this kernel tell what is withheld, and what the library has to say about the files.

    edition : of a chapter that is not on real files: only years that this edition does not have are told.
    whole : of a chapter that has all its files: only published figures and true values that are not here are told.
    """
    from IPython import get_ipython

    lost: dict[str, Reason] = {}
    words = _WORDS[language]

    def handle(
        shell: Any, kind: type[Exception], error: Exception, trace: TracebackType, tb_offset: Any = None
    ) -> None:
        """Say what is withheld; show any other error as ever."""
        names, of = shell.user_ns, {"of_edition": bool(edition), "whole": whole}
        found = gone_on(names["In"][-1], error, trace, names, lost, **of)
        if found is None:
            shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
            return
        why = told(_of_years(found) if edition else found, language, getattr(error, "name", None))
        head = "here" if found[0] in _NOT_IN_BUNDLE.values() else "edition" if edition else "line"
        _show(words[head].format(why=why, edition=edition))

    def tell(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        """Say a warning of the library in the page; any other as ever."""
        if issubclass(category, LloWarning):
            _show(words["warning"].format(where=_code(str(message))))
        else:
            shown_as_ever(message, category, filename, lineno, file, line)

    shown_as_ever = warnings.showwarning
    warnings.showwarning = warnings.showwarning if edition or whole else tell
    kinds = (DisclosureError, DataError, IdentificationError, CalibrationError, NameError)
    get_ipython().set_custom_exc(kinds, handle)


def figures_here() -> bool:
    """Whether the published figures and the true values are here; a sealed bundle is without them."""
    try:
        published_files.folder()
    except DataError:
        return False
    return all((parameters.folder() / f"{name}_truth.csv.gz").is_file() for name in parameters.INSTRUMENTS)


def gone_on(
    source: str,
    error: Exception,
    trace: TracebackType | None,
    names: dict[str, Any],
    lost: dict[str, Reason],
    *,
    of_edition: bool = False,
    whole: bool = False,
) -> Reason | None:
    """Why a cell cannot be shown, its names taken away so that the next may go on; None for an error that stops."""
    line = _line_of(trace, names)
    found = reason(error, lost, of_edition=of_edition, whole=whole)
    found = found or (None if whole else absent_in(source, line, names))
    if found is not None:
        for name in names_from(source, line):  # a later cell must not take the value of an earlier one for it
            lost[name] = found
            names.pop(name, None)
    return found


def cells_withheld(notebook: Mapping[str, Any], language: str) -> int:
    """How many cells of an executed chapter say that they cannot be shown."""
    heads = tuple(_WORDS[language][kind].split("{", maxsplit=1)[0] for kind in ("line", "edition", "here"))
    texts = (
        output.get("data", {}).get("text/markdown", "")
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
    )
    return sum("".join(text).startswith(heads) for text in texts)


def reason(
    error: Exception, lost: Mapping[str, Reason], *, of_edition: bool = False, whole: bool = False
) -> Reason | None:
    """Why something is withheld, and of what; None for an error that stops the chapter."""
    if isinstance(error, NameError):
        return lost.get(error.name or "")
    if isinstance(error, DataError) and error.what in _NOT_IN_BUNDLE:
        return _NOT_IN_BUNDLE[error.what], ""
    if whole:
        return None
    if of_edition:
        return _unanswered(error) if isinstance(error, DataError) else None
    if isinstance(error, DisclosureError):
        return "few", ""
    if not isinstance(error, LloError):
        return None
    if isinstance(error, IdentificationError | CalibrationError):
        return "model", error.what
    return _not_here(error) or _unanswered(error) or _question_of(error)


def told(found: Reason, language: str, name: str | None = None) -> str:
    """A reason in words; of what is computed from something that was not made, with its name."""
    (what, where), words = found, _WORDS[language]
    label = _labels(language).get(where, where) if what == "lacks" else ""
    why = words[what].format(where=where if what == "files" else _code(where), label=label)
    return words["gone"].format(name=_code(name), why=why) if name else why


def _of_years(found: Reason) -> Reason:
    """A reason as an edition tells it: the years that it lacks."""
    return {"empty": "years", "one": "years_two", "group": "years_group"}.get(found[0], found[0]), found[1]


def _code(text: str) -> str:
    """A text as code: one line, no quotation marks of code in it."""
    return "`" + " ".join(text.replace("`", "'").split()) + "`"


def _not_here(error: LloError) -> Reason | None:
    """The survey, or the file of one's own, that is not there."""
    if error.what.startswith(_NO_FILES):
        return "files", error.what.removeprefix(_NO_FILES).removesuffix(" here.")
    if none := re.fullmatch(r"No file of .*?\((\w+)\).* was found\.", error.what):
        return "files", none[1]
    absent = isinstance(error.__cause__, FileNotFoundError) and not Path(str(error.where)).is_absolute()
    return ("file", str(error.where)) if absent else None


def _unanswered(error: LloError) -> Reason | None:
    """The group, years or people of whom nobody answered, here."""
    for pattern, kind in _NO_TIMES.items():
        if found := re.match(pattern, error.what):
            return kind, "".join(found.groups())
    if error.what == EMPTY:
        return "empty", str(error.where)
    if re.fullmatch(_NO_GROUP, error.what):
        return "group", str(error.where).partition("=")[2].strip("'\"")
    if error.what.startswith(_NO_ROW):
        return "empty", str(error.found).split("'")[1]
    if error.what == NO_YEAR or error.what.startswith(NO_ANSWERS.split("{", maxsplit=1)[0]):
        return "empty", str(error.found or error.where)
    return ("empty", error.what.split(_NO_DATA)[1].rstrip(".")) if _NO_DATA in error.what else None


def _question_of(error: LloError) -> Reason | None:
    """The question of a codebook that an error about an absent column names."""
    said = f"{error.what} {error.found}"
    named = (found[1] for pattern in _NO_COLUMN if (found := re.match(pattern, said)))
    return next((("lacks", name) for name in named if name in _labels("en")), None)


@cache
def _labels(language: str) -> Mapping[str, str]:
    """The questions of the monitor's surveys, in words; without the roles of a survey, which every file has."""
    from llo_research.data.codebook_frames import codebook

    found: dict[str, str] = {}
    for name in _INSTRUMENTS:
        book = codebook(name)
        found = dict(zip(book["variable"], book[f"label_{language}"], strict=True)) | found
    return {name: label for name, label in found.items() if name not in ("year", "person", "weight")}


def absent_in(source: str, line: int, names: Mapping[str, Any]) -> Reason | None:
    """The survey without files that the statement on this line uses by a name of its own."""
    parts = (part for part in ast.parse(source).body if part.lineno <= line <= (part.end_lineno or line))
    used = [names.get(name) for part in parts for name in sorted(made_and_used(part)[1])]
    absent = [svy.instrument for svy in used if isinstance(svy, Absent)]
    return ("files", ", ".join(name.upper() for name in absent)) if absent else None


def names_from(source: str, line: int) -> set[str]:
    """The names that the statements of a cell assign, from the one on this line on."""
    left = (part for part in ast.parse(source).body if (part.end_lineno or line) >= line)
    return set().union(*(made_and_used(part)[0] for part in left))


def made_and_used(part: ast.stmt) -> tuple[set[str], set[str]]:
    """The names of the page that a statement makes, and those that it uses, also inside functions."""
    table = symtable.symtable(ast.unparse(part), "cell", "exec")
    made = {name.get_name() for name in table.get_symbols() if name.is_assigned() or name.is_namespace()}
    used = {name.get_name() for name in table.get_symbols() if name.is_referenced()}
    inner = table.get_children()
    while inner:
        scope = inner.pop()
        used |= {name.get_name() for name in scope.get_symbols() if name.is_global() and name.is_referenced()}
        inner += scope.get_children()
    return made, used


def _line_of(trace: TracebackType | None, names: Mapping[str, Any]) -> int:
    """The line of the cell that raised; 0 where it is not known, so that nothing of the cell is kept."""
    lines = []
    while trace is not None:
        if trace.tb_frame.f_globals is names and trace.tb_frame.f_code.co_name == "<module>":
            lines.append(trace.tb_lineno)
        trace = trace.tb_next
    return lines[-1] if lines else 0


def _show(text: str) -> None:
    """A line in the page."""
    from IPython.display import Markdown, display

    display(Markdown(text))  # type: ignore[no-untyped-call]  # IPython has no types
