"""Columns that belong together: waves beside each other, and the answers of one question with several."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from llo_research.data.readers import Table
from llo_research.data.wording import bare

_WAVE = r"(?:t|w|m|r|j|y|wave|golf|meting|ronde|jaar|year)\d{1,2}|(?:19|20)\d\d"
_BEFORE = re.compile(rf"({_WAVE})_([a-z].*)", re.IGNORECASE)
_BEHIND = re.compile(rf"(.*[a-z0-9])_({_WAVE})", re.IGNORECASE)
_NUMBERED = re.compile(r"(.*?[a-z_])_?(\d{1,2})", re.IGNORECASE)
_LEAST_PARTS = 3  # columns of one question with several answers
_SAID = re.compile(r"(?:niet |not |un)?(?:genoemd|gekozen|aangekruist|mentioned|chosen|selected|checked)")


def waves_beside(header: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Column -> (wave, name without it), of columns that stand in the file once for each wave (T1_WORK, T2_WORK)."""
    for pattern, wave, stem in ((_BEFORE, 1, 2), (_BEHIND, 2, 1)):
        hits = {name: hit for name in header if (hit := pattern.fullmatch(name))}
        waves: dict[str, set[str]] = {}
        for hit in hits.values():
            waves.setdefault(hit[stem].casefold(), set()).add(hit[wave].casefold())
        several = {name for name, found in waves.items() if len(found) > 1}
        if len(several) > 1:
            return {name: (hit[wave], hit[stem]) for name, hit in hits.items() if hit[stem].casefold() in several}
    return {}


def waves_of(beside: Mapping[str, tuple[str, str]]) -> list[str]:
    """The waves, the first one first."""
    return sorted({wave for wave, _ in beside.values()}, key=lambda wave: (len(wave), wave.casefold()))


def told_waves(beside: Mapping[str, tuple[str, str]]) -> str:
    """What a user must know of a file with waves beside each other."""
    waves = waves_of(beside)
    stems = list(dict.fromkeys(stem for _, stem in beside.values()))
    shown = ", ".join(stems[:5]) + (", ..." if len(stems) > 5 else "")
    return (
        f"{len(waves)} waves stand beside each other in this file ({', '.join(waves[:6])}; {shown}). A mapping reads "
        "one wave: never take the columns of two of them. For all waves write a mapping for each, with its year under "
        "[file]; or put them below each other first: pandas.wide_to_long(frame, stubnames, i=..., j='wave')."
    )


def parts_of_answers(table: Table, columns: Sequence[str]) -> set[str]:
    """Columns that each hold one answer of a question with several: numbered, of two codes, labels that begin alike."""
    sets: dict[str, list[str]] = {}
    for name in columns:
        hit = _NUMBERED.fullmatch(name)
        if hit and len(table.value_labels.get(name, {})) in (1, 2):
            sets.setdefault(hit[1].casefold().rstrip("_"), []).append(name)
    found: set[str] = set()
    for names in sets.values():
        starts = {_start(table.labels.get(name, "")) for name in names}
        said = all(_SAID.fullmatch(bare(label)) for name in names for label in table.value_labels[name].values())
        if len(names) >= _LEAST_PARTS and (said or (len(starts) == 1 and starts != {""})):
            found |= set(names)
    return found


def _start(label: str) -> str:
    """What a label says before its colon or dash."""
    begin, mark, _ = re.sub(r"\s[-–]\s", ":", label).partition(":")
    return bare(begin) if mark else ""
