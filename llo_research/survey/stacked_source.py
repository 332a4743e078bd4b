"""Where the data of a stack come from: what all surveys share, and each survey's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

# The stack is what its most guarded survey is.
_STRICTEST_FIRST = ("restricted", "registered", "synthetic", "public", "published")
_JOINED = ("title", "credit", "population")


def stacked_source(sources: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """One source: shared entries, titles and credits side by side, all breaks, and the sources under ``surveys``."""
    first, *others = sources.values()
    out = {key: value for key, value in first.items() if all(key in o and o[key] == value for o in others)}
    for key in _JOINED:
        texts = {name: source[key] for name, source in sources.items() if source.get(key)}
        if texts and key not in out:
            called = {name: name.upper() if sources[name].get("instrument") == name else name for name in texts}
            out[key] = {
                language: "; ".join(_spoken({called[name]: text for name, text in texts.items()}, language))
                for language in ("nl", "en")
            }
    kinds = [source.get("kind") for source in sources.values()]
    strictest = [kind for kind in _STRICTEST_FIRST if kind in kinds]
    if strictest:
        out["kind"] = strictest[0]
    breaks = [_own_break(entry, name) for name, source in sources.items() for entry in source.get("breaks") or []]
    if breaks:
        out["breaks"] = breaks
    for key in ("proxies", "assumed_codes"):
        if names := [name for source in sources.values() for name in source.get(key) or []]:
            out[key] = list(dict.fromkeys(names))
    years = [source.get("years") for source in sources.values()]
    if all(years):  # else it is not known of all
        out["years"] = sorted({year for own in years for year in own or []})
    if weight_kinds := _weight_kinds(sources.values()):
        out["weight_kinds"] = weight_kinds
    out["synthetic"] = any(bool(source.get("synthetic")) for source in sources.values())
    out["surveys"] = {name: dict(source) for name, source in sources.items()}
    return out


def _weight_kinds(sources: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The kinds of weight columns on which the sources agree."""
    pairs = [pair for source in sources for pair in dict(source.get("weight_kinds") or {}).items()]
    kinds = dict(pairs)
    return {name: kind for name, kind in kinds.items() if all(other == kind for n, other in pairs if n == name)}


def _spoken(texts: Mapping[str, Any], language: str) -> list[str]:
    """Texts in a language, with the survey's name before a text that others differ from."""
    said = []
    for name, text in texts.items():
        words = text.get(language, next(iter(text.values()), "")) if isinstance(text, Mapping) else text
        said.append(f"{name}: {words}")
    return said


def _own_break(entry: Mapping[str, Any], survey: str) -> dict[str, Any]:
    """A break with its survey; measured shifts hold for the people of that survey only."""
    out = {**entry, "survey": survey}
    shift, error = out.pop("shift", None), out.pop("shift_se", None)
    out.pop("uniform", None)
    shifts: list[dict[str, Any]] = [
        {**{key: value for key, value in own.items() if key != "uniform"}, "survey": survey}
        for own in entry.get("shifts") or []
    ]
    series: Sequence[str] = entry.get("series") or []
    if isinstance(shift, Mapping):
        errors = error if isinstance(error, Mapping) else {}
        shifts += [
            {"variable": name, "survey": survey, "shift": size, "shift_se": errors.get(name)}
            for name, size in shift.items()
        ]
    elif shift is not None and len(series) == 1:
        shifts.append({"variable": series[0], "survey": survey, "shift": shift, "shift_se": error})
    if shifts:
        out["shifts"] = shifts
    return out
