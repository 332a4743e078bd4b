"""By whom the monitor breaks down: groups with their order and their words, and how a survey gets their column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llo_research.errors import DataError
from llo_research.monitor.declared import Text, check_keys, read_toml, text_of

if TYPE_CHECKING:
    import pandas as pd

    from llo_research.survey import Survey

_FILE = Path(__file__).parent / "groups.toml"


@dataclass(frozen=True)
class Group:
    """A breakdown; made by :func:`group`, or from ``groups.toml``.

    conditions : the condition of each level, in the order in which they are shown; empty where `variable` holds them.
    words : what each level is called.
    variable : a variable of the survey whose levels get these words; empty where conditions make them.
    """

    name: str
    conditions: Mapping[str, str]
    words: Mapping[str, Text]
    label: Text
    variable: str = ""

    @property
    def column(self) -> str:
        """The column of the survey that holds it."""
        return self.variable or self.name

    @property
    def labels(self) -> dict[str, Any]:
        """As results keep the labels of a variable."""
        return {**self.label, "values": dict(self.words)}

    def applied(self, svy: Survey) -> Survey:
        """The survey with the column of this group.

        Raises
        ------
        DataError
            A column of that name that is there already, somebody in two levels, or a level without anybody.
        """
        if self.variable:
            return svy
        if self.name in svy.frame:
            raise DataError(
                f"The survey has a column {self.name!r} of its own.",
                where=f"group {self.name!r}",
                todo="Give the group another name.",
            )
        marks = {f"{self.name}: {level}": condition for level, condition in self.conditions.items()}
        marked = svy.assign(**marks)
        inside = marked.frame[list(marks)].fillna(False).astype(bool)
        self._check(inside)
        levels = dict(zip(marks, self.conditions, strict=True))
        return marked.assign(**{self.name: lambda frame: _levels(frame, levels)})

    def _check(self, inside: pd.DataFrame) -> None:
        """Each person in at most one level, and each level with somebody."""
        twice = inside[inside.sum(axis=1) > 1]
        if len(twice):
            both = twice.columns[twice.iloc[0].to_numpy()]
            raise DataError(
                "Levels of a group overlap.",
                where=f"group {self.name!r}",
                found=f"{len(twice):,} people in more than one, the first in {' and '.join(map(repr, both))}",
                todo="Change the conditions so that everybody is in one level at most.",
            )
        empty = [name for name in inside if not inside[name].any()]
        if empty:
            raise DataError("Nobody is in this level.", where=f"group {self.name!r}", found=", ".join(map(str, empty)))


def _levels(frame: pd.DataFrame, levels: Mapping[str, str]) -> pd.Series:
    """The level of each row, missing for people of none; ordered as declared."""
    import pandas as pd

    found = pd.Series(pd.NA, index=frame.index, dtype="object")
    for mark, level in levels.items():
        found = found.mask(frame[mark].fillna(False).astype(bool), level)
    return found.astype(pd.CategoricalDtype(list(levels.values()), ordered=True))


_OWN: dict[str, Group] = {}


def group(
    name: str,
    levels: Mapping[str, str | Mapping[str, str]],
    *,
    label_nl: str | None = None,
    label_en: str | None = None,
) -> Group:
    """Declare a breakdown of one's own, for ``by=`` of :func:`figure`.

    It holds for this session; declaring a name again replaces it.

    Parameters
    ----------
    name : str
        A Python name that is no group of the monitor and no column of the survey.
    levels : mapping of str to str, or to a mapping with ``where``, ``nl`` and ``en``
        The condition of each level, as in ``svy.where``, in the order in which levels are shown:
        ``{"under 35": "age < 35", "35 and over": "age >= 35"}``. People of no level are left out and counted in
        ``.meta``; people of two are refused.
    label_nl, label_en : str, optional
        What the breakdown is called; its name when absent.

    Returns
    -------
    Group

    Raises
    ------
    DataError
        A name of the monitor, or one that is no Python name; fewer than two levels, or one without a condition.

    Examples
    --------
    >>> import llo_research as llo
    >>> own = llo.monitor.group("half_way", {"under 45": "age < 45", "45 and over": "age >= 45"})
    >>> list(own.conditions)
    ['under 45', '45 and over']
    """
    if not isinstance(name, str) or not name.isidentifier():
        raise DataError("The name of a group is a Python name.", where="name", found=repr(name))
    if name in _monitors():
        raise DataError(f"{name!r} is a group of the monitor.", where="name", todo="Give yours another name.")
    if not isinstance(levels, Mapping) or len(levels) < 2:
        raise DataError("A group has two levels or more.", where="levels", found=repr(levels))
    conditions, words = {}, {}
    for level, told in levels.items():
        entry = {"where": told, "nl": level, "en": level} if isinstance(told, str) else told
        given = check_keys(entry, f"group {name!r}, level {level!r}", needed=("where", "nl", "en"))
        conditions[level], words[level] = given["where"], {"nl": str(given["nl"]), "en": str(given["en"])}
    made = Group(name, conditions, words, {"nl": label_nl or name, "en": label_en or name})
    _OWN[name] = made
    return made


def groups() -> dict[str, Group]:
    """All groups by name: those of the monitor, then one's own."""
    return {**_monitors(), **_OWN}


@cache
def _monitors() -> dict[str, Group]:
    """The groups of the monitor."""
    return {name: _read(name, table) for name, table in read_toml(_FILE).items()}


def _read(name: str, table: Any) -> Group:
    """A group as its table tells it."""
    where = f"{_FILE.name} [{name}]"
    given = check_keys(table, where, needed=("nl", "en", "levels"), allowed=("variable",))
    needed = ("nl", "en") if "variable" in given else ("where", "nl", "en")
    levels = {key: check_keys(told, f"{where} {key}", needed=needed) for key, told in given["levels"].items()}
    words = {key: text_of({k: told[k] for k in ("nl", "en")}, where) for key, told in levels.items()}
    conditions = {} if "variable" in given else {key: told["where"] for key, told in levels.items()}
    return Group(
        name, conditions, words, text_of({k: given[k] for k in ("nl", "en")}, where), given.get("variable", "")
    )
