"""A receipt as text: a line for each fact, long ones folded."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from llo_research.results.receipts.in_dutch import said
from llo_research.results.receipts.wording import LINES, PHRASES, say

_WIDTH, _LONGEST = 110, 400
_MOST = 2  # comparisons that are told; the mapping has all
FEW_DIGITS = 7  # where the other program iterates or draws, it has fewer: those are told by what they are of


def _shortened(told: Mapping[str, Any]) -> dict[str, Any]:
    """The call without the domain, which has a line; programs only where one falls short, and the first comparison."""
    conditions = {note["condition"] for note in told["domain"] if "condition" in note}
    call = str(told["call"])
    for words in conditions if len(conditions) == 1 else ():
        call = call.replace(f".where({words!r})", "")
    short = {name: one for name, one in told["programs"].items() if one["cannot"]}
    return {
        **told,
        "call": call,
        "programs": short,
        **({"certified": told["certified"][:1]} if "certified" in told else {}),
    }


@dataclass(frozen=True)
class _Says:
    """Phrases and counts in a language."""

    language: str

    def __call__(self, name: str, **given: Any) -> str:
        return say(PHRASES[name], self.language).format(**given)

    def count(self, value: Any) -> str:
        """A count with signs for thousands; what is no whole number as it is."""
        text = f"{value:,}" if isinstance(value, int) else str(value)
        return text.replace(",", ".") if self.language == "nl" and isinstance(value, int) else text


# what differs between the numbers of one chapter; the rest is the same for all of them
BRIEF = ("call", "domain", "df", "interval", "n", "flags", "certified", "programs", "withheld")


def text_of(told: Mapping[str, Any], language: str, brief: bool = False) -> str:
    """The receipt to read; those of several results one after the other. `brief` : what differs within a chapter."""
    if "results" in told:
        return "\n\n".join(f"{name}\n{text_of(one, language, brief)}" for name, one in told["results"].items())
    heads = {name: say(words, language) for name, words in LINES.items()}
    lines = [line for line in _lines(_shortened(told) if brief else told, language) if not brief or line[0] in BRIEF]
    width = max(len(heads[name]) for name, _ in lines) + 2
    out = []
    for name, text in lines:
        parts = text.splitlines() if name == "programs" else [text]  # each program is told by itself
        text = "\n".join(one if len(one) <= _LONGEST else one[:_LONGEST].rsplit(" ", 1)[0] + " ..." for one in parts)
        folded = [row for line in text.splitlines() for row in _folded(line, _WIDTH - width)]
        out += [f"{heads[name]:<{width}}{folded[0]}", *(" " * width + row for row in folded[1:])]
    return "\n".join(out)


def _folded(line: str, width: int) -> list[str]:
    """A line in pieces that fit."""
    return textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False, drop_whitespace=True) or [""]


def _lines(told: Mapping[str, Any], language: str) -> Iterator[tuple[str, str]]:
    """Head and text of each line that has something to say."""

    say_of = _Says(language)
    yield "call", f"{told['call']}  [llo_research {told['version']}]"
    yield "data", _data(told["data"], say_of)
    yield "domain", _domain(told["domain"], say_of)
    yield "weight", _weight(told["weight"], say_of)
    if told["weighting_steps"]:
        yield "steps", "; ".join(map(_step, told["weighting_steps"]))
    if design := _design(told["design"], say_of):
        yield "design", design
    if "made_of" in told:
        yield "made_of", told["made_of"]
    elif "degrees_of_freedom" in told:
        yield "df", _with_span(told["degrees_of_freedom"]["rule"], told["degrees_of_freedom"], say_of)
        yield "interval", _interval(told["interval"], language, say_of)
    if told["n"]:
        yield "n", _span(told["n"], say_of)
    if told["left_out"]:
        counts = ", ".join(f"{name} {say_of.count(count)}" for name, count in told["left_out"].items())
        yield "left_out", say_of("some", counts=counts)
    if told.get("breaks"):
        yield "breaks", "; ".join(f"{one['time']}: {one['what']}" for one in told["breaks"])
    if told.get("flags"):
        yield "flags", ", ".join(f"{word} ({count})" for word, count in told["flags"].items())
    if "certified" in told:
        yield "certified", _certified(told["certified"], say_of)
    if told["programs"]:
        yield "programs", _programs(told["programs"], say_of)
    if "weight_by" in told:
        yield "weight_by", _naive(told["weight_by"], say_of)
    if "withheld" in told:
        yield "withheld", told["withheld"]
    if "exported" in told:
        yield "exported", told["exported"]


def _data(data: Mapping[str, Any], say_of: _Says) -> str:
    """Title, rows, synthetic, and the files with the beginning of their checksums."""
    parts = [data["title"] or "", say_of("rows", count=say_of.count(data["rows"])) if data.get("rows") else ""]
    parts += [f"{file['path']} (sha256 {str(file['sha256'])[:12]})" for file in data.get("files", ())[:_MOST]]
    left = len(data.get("files", ())) - _MOST
    parts += [say_of("more", count=left)] if left > 0 else []
    parts += [say_of("synthetic")] if data["synthetic"] else []
    return "; ".join(filter(None, parts)) or "-"


def _domain(notes: list[Mapping[str, Any]], say_of: _Says) -> str:
    """The conditions, each with the rows that it keeps."""
    told = []
    for note in notes:
        if "columns" in note:
            told.append(", ".join(note["columns"]) + " ...")
        elif "condition" in note:
            rows = [say_of("kept", count=say_of.count(note["rows"]))] if note.get("rows") is not None else []
            rows += [say_of("unknown", count=say_of.count(note["unknown"]))] if note.get("unknown") else []
            told.append(note["condition"] + (f" ({', '.join(rows)})" if rows else ""))
    return "; ".join(dict.fromkeys(told)) or say_of("everybody")


def _weight(weight: Mapping[str, Any], say_of: _Says) -> str:
    """The column and what it adds up to."""
    if not weight["column"]:
        return say_of("unweighted")
    return f"{weight['column']}" + (f" ({say_of(weight['kind'])})" if weight["kind"] in PHRASES else "")


def _step(step: Mapping[str, Any]) -> str:
    """A weighting step with its method and margins, where these are told."""
    facts = [str(step["method"])] if step.get("method") else []
    facts += [_listed(step["margins"])] if step.get("margins") else []
    return f"{step.get('step')} ({'; '.join(facts)})" if facts else str(step.get("step"))


def _design(design: Mapping[str, Any], say_of: _Says) -> str:
    """Replicates, or strata and sampling units."""
    parts = []
    if made := design.get("replicates"):
        told = made if isinstance(made, Mapping) else {}
        count = told.get("n_replicates", "")
        return say_of("replicates", count=count, method=told.get("method", "")).strip()
    strata, units = _listed(design.get("strata")), _listed(design.get("psu") or design.get("unit"))
    if strata:
        parts.append(say_of("strata", count=_count(design.get("n_strata"), say_of), columns=strata).strip())
    if units or "n_psu" in design:
        of = say_of("of", columns=units) if units else ""
        parts.append(say_of("psu", count=_count(design.get("n_psu"), say_of), columns=of).strip())
    if fpc := _listed(design.get("fpc")):
        parts.append(f"fpc {fpc}")
    if strata and design.get("lonely_psu"):
        parts.append(say_of("lonely", word=design["lonely_psu"]))
    return ", ".join(parts)


def _count(value: Any, say_of: _Says) -> str:
    """A count with thousands, nothing where it is not told."""
    return say_of.count(value) if isinstance(value, int) else ""


def _listed(value: Any) -> str:
    """Names with commas."""
    names = [] if value is None else [value] if isinstance(value, str) else list(value)
    return ", ".join(" x ".join(one) if isinstance(one, list) else str(one) for one in names)


def _span(told: Mapping[str, Any], say_of: _Says) -> str:
    """One number, or the least and the most."""
    ends = [
        say_of.count(value if isinstance(value, int) else f"{value:.4g}") for value in (told["least"], told["most"])
    ]
    return ends[0] if ends[0] == ends[1] else say_of("span", least=ends[0], most=ends[1])


def _with_span(text: str, told: Mapping[str, Any], say_of: _Says) -> str:
    """A text with the numbers that it led to."""
    return f"{text}: {_span(told, say_of)}" if "least" in told else text


def _interval(told: Mapping[str, Any], language: str, say_of: _Says) -> str:
    """Methods and level."""
    level = f"{100 * told['level']:.6g}"
    level = level.replace(".", ",") if language == "nl" else level
    joint = say_of("joint") if told["simultaneous"] else ""
    return say_of("level", methods=", ".join(told["methods"]) or "-", level=level, joint=joint)


def _certified(lines: list[Mapping[str, Any]], say_of: _Says) -> str:
    """What it was held against, with the fewest digits of its comparisons; those that agree on few stand apart."""
    told = []
    references = list(dict.fromkeys((line["reference"], "decimals" in line) for line in lines))
    for reference, decimals in references[:_MOST]:
        kind = "decimals" if decimals else "digits"
        own = [line for line in lines if line["reference"] == reference and kind in line]
        few = [line for line in own if not decimals and line[kind] < FEW_DIGITS]
        parts = [_to_digits([line for line in own if line not in few], kind, say_of)] if few != own else []
        for line in few:
            apart = _to_digits([line], kind, say_of)
            parts.append(f"{apart} ({said(line['statistic'], say_of.language)})")
        told.append(say_of("against", reference=said(reference, say_of.language), numbers="; ".join(parts)))
    if len(references) > _MOST:
        told.append(say_of("more", count=len(references) - _MOST))
    return "\n".join(told) or say_of("uncertified")


def _to_digits(lines: list[Mapping[str, Any]], kind: str, say_of: _Says) -> str:
    """How many numbers agree, and to how many digits the worst of them."""
    digits = say_of(kind, count=min(line[kind] for line in lines))
    return say_of("numbers", count=say_of.count(sum(line["numbers"] for line in lines)), digits=digits)


def _programs(told: Mapping[str, Any], say_of: _Says) -> str:
    """What each program gives."""
    lines = []
    for program, one in told.items():
        if one["cannot"]:
            lines.append(say_of("cannot", program=program, why=one["cannot"]))
        else:
            own = say_of("script", program=program, method=one["script"])
            lines.append(own if program == "R" else f"{own} ({say_of('not_run')})")
    return "\n".join(lines)


def _naive(told: Mapping[str, Any], say_of: _Says) -> str:
    """The first row in three readings, and why they differ."""
    if "absent" in told:
        return str(told["absent"])
    errors = zip(told["rows"], told["std_error"], told["as_counts"], told["as_mean_one"], strict=True)
    seen = next((one for one in errors if None not in one), None)
    if seen is None:
        return str(told["why"])
    row, *numbers = seen
    comma = say_of.language == "nl"
    ours, counts, mean_one = (f"{value:.3g}".replace(".", "," if comma else ".") for value in numbers)
    return f"{say_of('beside', row=row, ours=ours, counts=counts, mean_one=mean_one)} {told['why']}"
