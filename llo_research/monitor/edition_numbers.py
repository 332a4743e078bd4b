"""Every number of every figure of an edition, in a file that is compared: ``notebooks/editions/<edition>.json``.

From the command line: ``python -m llo_research.monitor.edition_numbers write`` (or ``check``), of all editions or of
those named.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llo_research import __version__
from llo_research.errors import DataError, DisclosureError, LloError
from llo_research.monitor.editions import edition_of
from llo_research.monitor.editions import editions as all_editions
from llo_research.monitor.entries import Edition, Entry
from llo_research.monitor.estimates import estimate
from llo_research.monitor.groups import Group
from llo_research.monitor.opening import checksum_of_values
from llo_research.monitor.plans import Plan, plan_of
from llo_research.results.rules import guarded_kinds
from llo_research.survey.condition import as_condition

if TYPE_CHECKING:
    import pandas as pd

    from llo_research.survey import Survey

_DIGITS, _DECIMALS = 8, 12  # significant digits kept; anything below 1e-12 is the noise of a sum that is nought
# Sums over 100,000 rows differ by some 1e-12 of themselves between computers, and what is kept is rounded to 5e-9.
RELATIVE, ABSOLUTE = 1e-7, 1e-9
_ROW = ("estimate", "std_error", "conf_low", "conf_high", "n")
_BESIDE = ("survey", "ours", "conf_low", "conf_high", "n", "theirs", "difference", "covers", "in_fit", "series")
_ROWS = re.compile(r"\{[^{}]*\}")  # the innermost tables: a row each
_HEAD = ("edition", "library")  # the version is told, and not compared: the numbers are


def numbers_of(edition: str, surveys: Mapping[str, Survey]) -> dict[str, Any]:
    """What the file of an edition holds, computed anew.

    Parameters
    ----------
    edition : str
        One of ``llo.monitor.editions()``.
    surveys : mapping of str to Survey
        As ``llo.monitor.surveys`` gives them; years that the edition does not cover are left aside.

    Returns
    -------
    dict
        ``edition``, ``library`` (its version), ``source``, ``checksums`` (of the values used, a survey), and
        ``figures``: of each its titles, ``status``, ``available``, and where it is rebuilt its ``rows`` by label
        (estimate, std_error, conf_low, conf_high, n) and what was ``published`` beside it.

    Raises
    ------
    DisclosureError
        Surveys of restricted or registered files: the file holds every number, whoever is behind it.
    """
    _refuse_guarded(surveys)
    chosen = edition_of(edition)
    plans = {
        number: plan_of(number, edition, surveys, None, None, None)
        for number, entry in chosen.figures.items()
        if entry.available == "rebuilt"
    }
    published = _published(chosen, surveys)
    figures = {
        number: {
            **_about(entry),
            **({"rows": _rows(estimate(plans[number]).result.to_frame())} if number in plans else {}),
            **({"published": published[number]} if number in published else {}),
        }
        for number, entry in chosen.figures.items()
    }
    kinds = {"synthetic" if svy.source.get("synthetic") else "real" for svy in surveys.values()}
    used: dict[str, list[str]] = {}
    for plan in plans.values():
        for name, svy in plan.surveys.items():
            used[name] = [*used.get(name, ()), *_columns(plan, svy)]
    return {
        "edition": edition,
        "library": __version__,
        "source": ", ".join(sorted(kinds)),
        "checksums": {name: _checksum(chosen, name, surveys[name], columns) for name, columns in used.items()},
        "figures": figures,
    }


def _refuse_guarded(surveys: Mapping[str, Survey]) -> None:
    """Numbers of restricted files do not leave unlooked at."""
    guarded = [name for name, svy in surveys.items() if guarded_kinds(svy.source)]
    if guarded:
        raise DisclosureError(
            "The numbers of an edition hold every row in full, also of few people.",
            where="surveys",
            found=f"restricted or registered files: {', '.join(guarded)}",
            expected="synthetic data",
            todo="llo.monitor.figure of these surveys, or llo.report.export(llo.monitor.estimates(...))",
        )


def differences(committed: Mapping[str, Any], made: Mapping[str, Any]) -> list[str]:
    """What differs between two accounts of an edition, each named by edition, figure, row and quantity.

    Numbers are compared to :data:`RELATIVE` (or :data:`ABSOLUTE`, for those about nought); texts, counts of people and
    yes or no exactly. The version of the library is not compared.
    """
    where = f"edition {made['edition']}"
    return list(_differences(_without_head(committed), _without_head(made), where))


def write(folder: Path, edition: str, surveys: Mapping[str, Survey]) -> Path:
    """Write the file of an edition, UTF-8 and LF, with a line for each row."""
    path = folder / f"{edition}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(numbers_of(edition, surveys), indent=1, ensure_ascii=False)
    text = _ROWS.sub(lambda found: " ".join(found[0].split()), text)
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(text + "\n")
    return path


def check(folder: Path, edition: str, surveys: Mapping[str, Survey]) -> list[str]:
    """What differs between the file of an edition and what is computed now.

    Raises
    ------
    DataError
        When there is no such file, or it cannot be read.
    """
    path = folder / f"{edition}.json"
    try:
        committed = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(
            f"The numbers of edition {edition} cannot be read.",
            where=path.name,
            found=str(error),
            todo="python -m llo_research.monitor.edition_numbers write",
        ) from error
    return differences(committed, numbers_of(edition, surveys))


def whole_surveys(editions: Iterable[str]) -> dict[str, Survey]:
    """The synthetic surveys that these editions are computed from, each loaded once, with the years of all of them."""
    from llo_research.data.load import load

    names = dict.fromkeys(name for edition in editions for name in edition_of(edition).years)
    return {name: load(name, source="synthetic") for name in names}


def _published(edition: Edition, surveys: Mapping[str, Survey]) -> dict[str, dict[str, Any]]:
    """What was published beside each figure, by what it says."""
    from llo_research.monitor.beside import beside

    found: dict[str, dict[str, Any]] = {}
    if any(entry.published for entry in edition.figures.values()):
        for row in beside(edition=edition.id, surveys=surveys).frame.to_dict("records"):
            kept = {name: _plain(row[name]) for name in _BESIDE}
            found.setdefault(row["number"], {})[f"{row['what_en']} ({row['series']})"] = kept
    return found


def _about(entry: Entry) -> dict[str, Any]:
    """What a figure says of itself."""
    told: dict[str, Any] = {"title_nl": entry.title["nl"], "title_en": entry.title["en"], "status": entry.status}
    told["available"] = entry.available
    if entry.available != "rebuilt":
        return {**told, "why_nl": entry.why["nl"], "why_en": entry.why["en"]}
    years = {name: f"{first}-{last}" for name, (first, last) in entry.years.items()}
    return {**told, "indicator": entry.indicator, "by": list(entry.by), "years": years}


def _rows(frame: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """The rows of a result by label."""
    identifiers = frame.columns[: list(frame.columns).index("estimate")]
    labels = [":".join(map(str, row)) for row in frame[identifiers].itertuples(index=False)]
    if len(set(labels)) < len(labels):
        raise DataError("Two rows of a figure have one label.", found=", ".join(labels))
    rows = frame[list(_ROW)].to_dict("records")
    return {
        label: {str(name): _plain(value) for name, value in row.items()}
        for label, row in zip(labels, rows, strict=True)
    }


def _plain(value: Any) -> Any:
    """A value as JSON has it: numbers to eight digits, nothing where it is missing."""
    import pandas as pd

    if value is None or pd.isna(value):
        return None
    if isinstance(value, str | bool):
        return value
    if type(value).__name__ == "bool":  # of numpy
        return bool(value)
    number = float(f"{round(float(value), _DECIMALS):.{_DIGITS}g}") + 0.0
    return int(number) if number.is_integer() else number


def _columns(plan: Plan, svy: Survey) -> list[str]:
    """The columns of a survey that a figure is made of: its questions and groups, and what weighs them."""
    texts = [*plan.indicator.formulas.values(), *filter(None, [plan.indicator.universe])]
    for group in plan.by:
        texts += [*group.conditions.values(), group.column] if isinstance(group, Group) else [group]
    conditions = (as_condition(text, svy.frame) for text in texts if text not in svy.frame)
    asked = {name for one in conditions if one is not None for name in one.names()} | set(texts)
    return [name for name in map(str, svy.frame) if name in asked or name.startswith(("weight", "stratum"))]


def _checksum(edition: Edition, name: str, svy: Survey, columns: Iterable[str]) -> str:
    """Checksum of the values used, of the years that the edition covers."""
    spans = [edition.years[name], *(one.years[name] for one in edition.figures.values() if name in one.years)]
    first, last = min(one for one, _ in spans), max(one for _, one in spans)
    frame = svy.frame
    return checksum_of_values(frame[frame["year"].between(first, last)], sorted({*columns, "year"}))[:16]


def _without_head(told: Mapping[str, Any]) -> dict[str, Any]:
    """What is compared."""
    return {key: value for key, value in told.items() if key not in _HEAD}


def _differences(old: Any, new: Any, where: str, before: str = "") -> Iterator[str]:
    """Each place where two accounts differ; `before` stands before the keys of this place."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in [*old, *(one for one in new if one not in old)]:
            place = where if key in ("figures", "rows") else f"{where}, {before}{key}"
            if key not in new:
                yield f"{place}: in the file, and not computed"
            elif key not in old:
                yield f"{place}: computed, and not in the file"
            else:
                yield from _differences(old[key], new[key], place, "figure " if key == "figures" else "")
    elif not _same(old, new):
        yield f"{where}: {old!r} in the file, {new!r} computed"


def _same(old: Any, new: Any) -> bool:
    """Whether two values are the same: numbers within the tolerance, anything else exactly."""
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in (old, new))
    return math.isclose(old, new, rel_tol=RELATIVE, abs_tol=ABSOLUTE) if numbers else bool(old == new)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files of the editions, or compare them; 1 when a number differs, 2 on an error."""
    parser = argparse.ArgumentParser(prog="python -m llo_research.monitor.edition_numbers", description=__doc__)
    parser.add_argument("action", choices=("write", "check"))
    parser.add_argument("editions", nargs="*", metavar="EDITION", help="default: all of the monitor")
    parser.add_argument("--root", type=Path, default=Path(), help="folder of the project (default: here)")
    options = parser.parse_args(arguments)
    folder, differ = options.root / "notebooks" / "editions", 0
    try:
        chosen = options.editions or list(all_editions()["edition"])
        surveys = whole_surveys(chosen)
        for edition in chosen:
            if options.action == "write":
                print(f"{write(folder, edition, surveys).as_posix()}: written")
                continue
            found = check(folder, edition, surveys)
            differ += len(found)
            print("\n".join(found) or f"edition {edition}: every number is as in its file")
    except LloError as error:
        print(error, file=sys.stderr)
        return 2
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
