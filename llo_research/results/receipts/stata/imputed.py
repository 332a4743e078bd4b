"""Plausible values and imputations in Stata: the estimates of each draw, combined by Rubin's rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from llo_research.results.receipts.imputed import by_files, one_call
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.stata.opening import conditions
from llo_research.results.receipts.stata.rows import scale_of
from llo_research.results.receipts.stata.words import name, shown, text
from llo_research.results.receipts.told import Told

_RULES = """
tempname b W B l d n
forvalues i = 1/ROWS {
    scalar `b' = 0
    scalar `W' = 0
    scalar `B' = 0
    scalar `d' = .
    scalar `n' = .
    forvalues m = 1/DRAWS {
        local at = (`m' - 1) * ROWS + `i'
        scalar `n' = min(`n', answers[`at', 4])
        scalar `b' = `b' + answers[`at', 1] / DRAWS
        scalar `W' = `W' + answers[`at', 2]^2 / DRAWS
        scalar `d' = min(`d', answers[`at', 3])
    }
    forvalues m = 1/DRAWS {
        local at = (`m' - 1) * ROWS + `i'
        scalar `B' = `B' + (answers[`at', 1] - `b')^2 / (DRAWS - 1)
    }
    scalar `l' = (1 + 1 / DRAWS) * `B' / (`W' + (1 + 1 / DRAWS) * `B')
    scalar `d' = cond(`l' > 0, 1 / (`l'^2 / (DRAWS - 1) + (`d' + 3) / ((`d' + 1) * `d' * (1 - `l'))), `d')
    scalar pooled_`i' = sqrt(`W' + (1 + 1 / DRAWS) * `B')
    scalar value_`i' = `b'
    scalar free_`i' = `d'
    scalar count_`i' = `n'
}
"""


_FILES = (
    "Each imputation is a data set of its own, with columns made anew: write each by to_file(), run the script of one "
    "imputation for each, and combine the answers by Rubin's rules (mi estimate has them). Nothing is printed here."
)


def opened(told: Told) -> Told:
    """What the first part of the script reads: without conditions on imputed values, which come in each draw."""
    _, columns = one_call(told)
    every = [column for own in columns.values() for column in own]
    domain = [note for note in told.meta.get("domain") or () if not any(c in str(note.get("condition")) for c in every)]
    call = {key: value for key, value in told.call.items() if not any(c in str(value) for c in every)}
    return replace(told, meta={**told.meta, "domain": domain, "call": {**call, "function": told.function}})


def write(told: Told, script: Script, body: Callable[[Told, Script], object]) -> None:
    """A loop over the draws, and the rules."""
    if by_files(told):
        script.note(_FILES)
        return
    one, columns = one_call(told)
    one = replace(one, intervals=told.intervals, null=told.null, tested=told.tested, level=told.level)
    m, k = len(told.draws), len(told.rows)
    inner = Script("*")
    conditions(one, inner, but=opened(told).conditions)
    body(one, inner)
    for note in inner.notes:
        script.note(note)
    defined, repeated = _apart(inner.lines)
    script.add(*defined)
    script.part("The estimates in each draw, with the same design; the columns of draw m get one name.")
    for stem in columns:
        script.add(f"generate double {name(stem)} = .")
    script.add(f"forvalues m = 1/{m} {{", "    preserve")
    for stem, own in columns.items():
        script.add(
            f"    local column : word `m' of {' '.join(map(name, own))}", f"    quietly replace {name(stem)} = `column'"
        )
    script.add(*(f"    {line}".rstrip() for line in repeated), "    restore", "}")
    if any(one.empty) or not any(line.lstrip().startswith("row ") for line in repeated):
        script.note("The rows of the draws are printed, and not combined: some of them have no estimate in memory.")
        return
    script.part(
        "Rubin's rules, with the degrees of freedom of Barnard and Rubin; answers has a line for each row and draw."
    )
    script.add(*_RULES.strip("\n").replace("DRAWS", str(m)).replace("ROWS", str(k)).splitlines())
    for i in range(k):
        null = told.null[i] if told.tested else None
        places = " ".join(f"scalar({one}_{i + 1})" for one in ("value", "pooled", "free", "count")) + f" {text(null)}"
        script.add(f'shown_row {scale_of(told.intervals[i])} "{shown(told.labels[i])}" {places}')


def _apart(lines: list[str]) -> tuple[list[str], list[str]]:
    """Definitions of programs, which stand before a loop, and the rest."""
    defined: list[str] = []
    rest: list[str] = []
    inside = False
    for line in lines:
        inside = inside or line.startswith(("program define", "mata:"))
        (defined if inside else rest).append(line)
        inside = inside and line != "end"
    return defined, rest
