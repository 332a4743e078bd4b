"""In the kernel of a chapter on real files: what those files cannot show is said in its place, and the chapter goes on.

Too few respondents, no answers in the years asked for, no files of a survey; and what is computed from these. Every
other error stops the chapter.
"""

from __future__ import annotations

import ast
import symtable
from types import TracebackType
from typing import Any

from llo_research.errors import DataError, DisclosureError
from llo_research.monitor.absent import NO_FILES

EMPTY = "The domain is empty."
_NO_FILES = NO_FILES.split("{", maxsplit=1)[0]
_WORDS = {
    "en": {
        "few": "*Withheld: it rests on too few respondents to be shown.*",
        "empty": "*Withheld: the files here hold no answers for it ({where}).*",
        "files": "*Withheld: there are no files of the {where} here.*",
        "gone": "*Withheld: it is computed from what was withheld or is not here ({where}).*",
    },
    "nl": {
        "few": "*Niet getoond: te weinig respondenten.*",
        "empty": "*Niet getoond: de bestanden hier hebben er geen antwoorden voor ({where}).*",
        "files": "*Niet getoond: er zijn hier geen bestanden van de {where}.*",
        "gone": "*Niet getoond: het is berekend uit wat niet getoond wordt of er niet is ({where}).*",
    },
}
# The names of these errors; cells that raise them for another reason keep an output of type "error", and stop.
MAY_BE_TOLD = ("DisclosureError", "DataError", "NameError")


def install(language: str) -> None:
    """Let this kernel tell what is withheld."""
    from IPython import get_ipython

    lost: set[str] = set()

    def handle(
        shell: Any, kind: type[Exception], error: Exception, trace: TracebackType, tb_offset: Any = None
    ) -> None:
        """Say what is withheld; show any other error as ever."""
        found = reason(error, lost)
        if found is None:
            shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
            return
        names = names_from(shell.user_ns["In"][-1], _line_of(trace, shell))
        lost.update(names)
        for name in names:  # a later cell must not take the value of an earlier one for it
            shell.user_ns.pop(name, None)
        what, where = found
        _show(_WORDS[language][what].format(where=where))

    get_ipython().set_custom_exc((DisclosureError, DataError, NameError), handle)


def reason(error: Exception, lost: set[str]) -> tuple[str, str] | None:
    """Why something is withheld, and of what; None for an error that stops the chapter."""
    if isinstance(error, NameError):
        return ("gone", f"`{error.name}`") if error.name in lost else None
    if isinstance(error, DisclosureError):
        return "few", ""
    if isinstance(error, DataError) and error.what == EMPTY:
        return "empty", f"`{error.where}`"
    if isinstance(error, DataError) and error.what.startswith(_NO_FILES):
        return "files", error.what.removeprefix(_NO_FILES).split()[0]
    return None


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


def _line_of(trace: TracebackType | None, shell: Any) -> int:
    """The line of the cell that raised; 0 where it is not known, so that nothing of the cell is kept."""
    lines = []
    while trace is not None:
        if trace.tb_frame.f_globals is shell.user_ns and trace.tb_frame.f_code.co_name == "<module>":
            lines.append(trace.tb_lineno)
        trace = trace.tb_next
    return lines[-1] if lines else 0


def _show(text: str) -> None:
    """A line in the page."""
    from IPython.display import Markdown, display

    display(Markdown(text))  # type: ignore[no-untyped-call]  # IPython has no types
