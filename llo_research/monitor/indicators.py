"""What the monitor measures: a formula over harmonised variables, who is asked, in which surveys, its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from llo_research.errors import DataError
from llo_research.monitor.declared import Text, check_keys, read_toml, text_of, word_of
from llo_research.options import nearest

INSTRUMENTS = ("nea", "zea", "wea")
JUDGED = ("yes", "no", "not read")
_FILE = Path(__file__).parent / "indicators.toml"


@dataclass(frozen=True)
class Indicator:
    """An indicator of the monitor; made by :func:`indicator`, or from ``indicators.toml``.

    formulas : what is estimated, by name: one variable or condition, or several that belong together.
    labels : of the indicator under its name, and of each part under the part's.
    universe : who is asked, as a condition; None where the codebook says all.
    instruments : the surveys that ask it; () of a student's own: whichever are given.
    weight : a weight column other than the codebook's for these variables.
    breaks : by year of a method break, whether the producer judged the answers to have moved.
    """

    name: str
    formulas: Mapping[str, str]
    labels: Mapping[str, Text]
    universe: str | None = None
    instruments: tuple[str, ...] = ()
    weight: str | None = None
    breaks: Mapping[int, str] = field(default_factory=dict)

    @property
    def label(self) -> Text:
        """What it is called in both languages."""
        return self.labels[self.name]


_OWN: dict[str, Indicator] = {}


def indicator(
    name: str,
    formula: str | Mapping[str, str],
    *,
    universe: str | None = None,
    label_nl: str,
    label_en: str,
) -> Indicator:
    """Declare an indicator of one's own, to be drawn with :func:`figure`.

    Use it for a question that the monitor does not tabulate. It holds for this session; declaring a name again
    replaces it.

    Parameters
    ----------
    name : str
        A Python name that is no indicator of the monitor.
    formula : str or mapping of str to str
        A variable of the survey (``"autonomy"``: its mean, or a share a level), or a condition as in ``svy.where``
        (``"training == 0 & informal_learning == 0"``: the share of people for whom it holds; where it is unknown they
        are left out). Several that belong together: ``{"what it is called": condition, ...}``.
    universe : str, optional
        Who it speaks of, as a condition: ``"age >= 25"``.
    label_nl, label_en : str
        What it is called in figures and tables.

    Returns
    -------
    Indicator

    Raises
    ------
    DataError
        A name of the monitor, or one that is no Python name; an empty formula or label.

    Examples
    --------
    >>> import llo_research as llo
    >>> own = llo.monitor.indicator(
    ...     "learns_neither",
    ...     "training == 0 & informal_learning == 0",
    ...     label_nl="Leert niet formeel en niet informeel",
    ...     label_en="Learns neither formally nor informally",
    ... )
    >>> own.label["en"]
    'Learns neither formally nor informally'
    """
    if not isinstance(name, str) or not name.isidentifier():
        raise DataError("The name of an indicator is a Python name.", where="name", found=repr(name))
    if name in _monitors():
        raise DataError(
            f"{name!r} is an indicator of the monitor.",
            where="name",
            todo="Give yours another name; it is not replaced.",
        )
    formulas = {name: formula} if isinstance(formula, str) else formula
    texts = {"label_nl": label_nl, "label_en": label_en, "universe": "all" if universe is None else universe}
    for where, text in {**texts, **(formulas if isinstance(formulas, Mapping) else {"formula": formula})}.items():
        if not isinstance(text, str) or not text.strip():
            raise DataError(f"{name!r} needs a text here.", where=str(where), found=repr(text))
    if not formulas:
        raise DataError(f"{name!r} has no formula.", where="formula", found=repr(formula))
    labels: dict[str, Text] = {part: {"nl": part, "en": part} for part in formulas}
    made = Indicator(name, dict(formulas), {**labels, name: {"nl": label_nl, "en": label_en}}, universe)
    _OWN[name] = made
    return made


def indicator_of(name: str) -> Indicator:
    """The indicator of this name: one's own, or the monitor's.

    Raises
    ------
    DataError
        When there is none.
    """
    known = indicators()
    if name not in known:
        raise DataError(
            "There is no such indicator.",
            where="indicator",
            found=f"{name!r}{nearest(name, known)}",
            expected=", ".join(known),
            todo="llo.monitor.indicator(name, formula, label_nl=, label_en=) declares one of your own",
        )
    return known[name]


def indicators() -> dict[str, Indicator]:
    """All indicators by name: those of the monitor, then one's own."""
    return {**_monitors(), **_OWN}


@cache
def _monitors() -> dict[str, Indicator]:
    """The indicators of the monitor."""
    return {name: _read(name, table) for name, table in read_toml(_FILE).items()}


def _read(name: str, table: Any) -> Indicator:
    """An indicator as its table tells it."""
    where = f"{_FILE.name} [{name}]"
    allowed = ("formula", "parts", "universe", "weight", "breaks")
    given = check_keys(table, where, needed=("nl", "en", "instruments"), allowed=allowed)
    if ("formula" in given) == ("parts" in given):
        raise DataError("An indicator has a formula or parts, one of the two.", where=where)
    labels, formulas = {}, {name: given.get("formula", "")}
    if "parts" in given:
        parts = {k: check_keys(v, f"{where} {k}", needed=("formula", "nl", "en")) for k, v in given["parts"].items()}
        formulas = {part: told["formula"] for part, told in parts.items()}
        labels = {part: text_of({k: told[k] for k in ("nl", "en")}, where) for part, told in parts.items()}
    labels[name] = text_of({"nl": given["nl"], "en": given["en"]}, where)
    instruments = tuple(word_of(one, INSTRUMENTS, where) for one in given["instruments"])
    breaks = {int(year): word_of(judged, JUDGED, where) for year, judged in given.get("breaks", {}).items()}
    return Indicator(name, formulas, labels, given.get("universe"), instruments, given.get("weight"), breaks)
