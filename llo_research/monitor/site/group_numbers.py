"""What PIAAC says of a group and of those beside it: people in work, aged 25 to 65."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from llo_research.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

    from llo_research.results.result import Result
    from llo_research.survey import Survey

IN_WORK = "employed == 1 & age >= 25"
# As in the chapter on PIAAC: those without colleagues, who were not asked, learn from none.
NEITHER = "training == 0 & informal_learning == 0 & (learn_from_others == 0 | isna(learn_from_others))"
LABELS = {
    "learn_by_doing": {"nl": "Leert elke week door te doen", "en": "Learns by doing every week"},
    "neither": {"nl": "Leert op geen van beide manieren", "en": "Learns in neither way"},
}
GROUP, OTHER = "group", "other"
_USED = ["D_Q04", "D_Q06a", "employed", "age", "education", "contract"]
_USED += ["training", "training_job_related", "informal_learning", "learn_from_others", "learn_by_doing"]
MEASURES = {"training": "training_job_related", "by doing": "learn_by_doing", "neither": "neither"}


def means(group: str, other: str, names: tuple[str, str] = (GROUP, OTHER)) -> dict[str, Result] | None:
    """The shares of two groups, given as conditions, by measure; a row for each, under these names.

    None where the file is absent.
    """
    import numpy as np
    import pandas as pd

    import llo_research as llo

    people = _people()
    if people is None:
        return None

    def side(frame: pd.DataFrame) -> pd.Series[Any]:
        codes = np.full(len(frame), -1)
        for code, condition in enumerate((group, other)):
            codes[np.asarray(frame.eval(condition), dtype=object) == True] = code  # noqa: E712  # missing is not true
        return pd.Series(pd.Categorical.from_codes(codes.tolist(), pd.Index(names), ordered=True), index=frame.index)

    asked = people.assign(side=side).label(side={"nl": "Groep", "en": "Group"})
    return {word: llo.mean(column, asked, by="side") for word, column in MEASURES.items()}


def gaps(found: dict[str, Result]) -> Result:
    """The differences, group minus others, by measure."""
    import llo_research as llo

    apart: Result = llo.joint(found).contrast({word: f"`{word}:{GROUP}` - `{word}:{OTHER}`" for word in MEASURES})
    return apart


def code_of(group: str, other: str, names: tuple[str, str], words: Mapping[str, str]) -> str:
    """What gives the same estimates, in the same order; `words` are those of the measures."""
    return "\n".join(
        [
            "import llo_research as llo",
            f'people = llo.load("piaac", country="nld", cycle=1).assign(neither={NEITHER!r}).where({IN_WORK!r})',
            f"groups = {{{names[0]!r}: people.where({group!r}), {names[1]!r}: people.where({other!r})}}",
            f"measures = { {words[word]: column for word, column in MEASURES.items()}!r}",
            'name = "{}: {}".format',
            "llo.joint({name(m, g): llo.mean(measures[m], groups[g]) for m in measures for g in groups})",
        ]
    )


@cache
def _people() -> Survey | None:
    """People in work in the Dutch file, or None where it is absent."""
    import llo_research as llo

    try:
        svy = llo.load("piaac", country="nld", cycle=1, columns=_USED)
    except DataError:
        return None
    people: Survey = svy.assign(neither=NEITHER).label(**LABELS).where(IN_WORK)
    return people
