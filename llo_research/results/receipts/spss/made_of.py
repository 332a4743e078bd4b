"""Scripts in SPSS of what was made of a result: that of the result, and in the first lines how the rest follows."""

from __future__ import annotations

from llo_research.results.receipts.first_lines import first_lines
from llo_research.results.receipts.made_of import MadeOf
from llo_research.results.receipts.script import Script
from llo_research.results.receipts.spss.opening import opening
from llo_research.results.receipts.spss.write import cannot as cannot_of_result
from llo_research.results.receipts.spss.write import to_spss as to_spss_of_result

_SAYS = {
    "ranks": "SPSS has no joint intervals of ranks: the order of the estimates is the rank.",
    "meta_analysis": "It prints the estimates; META ES CONTINUOUS (SPSS 28 and later) takes them and their standard "
    "errors, typed into a file, for independent, and has no Paule and Mandel.",
    "break_robustness": "It prints the changes. A break as large as the change is all of it; the margin of error "
    "taken off, nothing certain is left of the change, and added, the change is one in the other direction.",
    "narrowing": "It prints the differences. The statement's p is the largest of three, each half of the one printed "
    "where the sign is right: gap_change below 0, gap_sum above 0, change_both to the side of the group that is named.",
    "test": "CSGLM and CSLOGISTIC test each term as a whole (table Tests of Model Effects); other restrictions are "
    "typed as /CUSTOM LMATRIX, and there is no likelihood ratio.",
    "independence": "The test is in the table Tests of Independence: the adjusted F is test('F'); the others are not "
    "made.",
    "omitted_variable_bias": "SPSS has no command for omitted variables: the coefficients are printed.",
}
_NO_HAUSMAN = (
    "SPSS has no comparison of fixed and random effects, and no script is made. Nearest: GENLINMIXED or MIXED with the "
    "means by person as further columns, whose coefficients are tested."
)


def to_spss(made: MadeOf, path: str) -> str:
    """The script; of what SPSS cannot do its first lines say so, and what comes nearest."""
    if made.result is not None:
        return to_spss_of_result(made.told, path, [_SAYS[made.kind]])
    script = Script("*", ".")
    first_lines(made.told, script, "SPSS")
    script.towards()
    script.note(_NO_HAUSMAN)
    opening(made.told, script, path)
    return script.text()


def cannot(made: MadeOf) -> list[str]:
    """What SPSS cannot give, and why."""
    return [*cannot_of_result(made.told), _SAYS[made.kind]] if made.result is not None else [_NO_HAUSMAN]
