"""The one page of ``llo verify``: numbers, verified by what, not verified and why, the largest difference."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

from llo_research import __version__
from llo_research.monitor.verify.confirmed import JOINT, TOLERANCE
from llo_research.monitor.verify.verify import PUBLISHED, Line, Verified

HEADS = ("chapter", "results", "estimates", "recorded", "in R", "agree", "differ", "digits")


def write(found: Verified, folder: Path) -> list[Path]:
    """``verify.txt``, ``verify.html``, and ``verify.md`` for the page for reviewers (docs/reference/_verified.md)."""
    folder.mkdir(parents=True, exist_ok=True)
    made = {"verify.txt": as_text(found), "verify.html": as_html(found), "verify.md": as_markdown(found)}
    for name, text in made.items():
        with (folder / name).open("w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    return [folder / name for name in made]


def as_text(found: Verified) -> str:
    """The page as text."""
    rows = [heading(found), "", *sentences(found), ""]
    table = [HEADS, *counted(found)]
    widths = [max(len(row[j]) for row in table) for j in range(len(HEADS))]
    rows += ["  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in table]
    for title, lines in lists(found).items():
        rows += ["", title, *(f"  {one}" for one in lines or ["nothing"])]
    return "\n".join(rows) + "\n"


def as_markdown(found: Verified) -> str:
    """The page as Markdown."""
    rows = ["\n\n".join(sentences(found)), "", f"| {' | '.join(HEADS)} |", f"|---|{'--:|' * (len(HEADS) - 1)}"]
    rows += [f"| {' | '.join(row)} |" for row in counted(found)]
    for title, lines in lists(found).items():
        rows += ["", f"**{title}**", "", *(f"- {_plain(one)}" for one in lines or ["nothing"])]
    return "\n".join(rows) + "\n"


def _plain(text: str) -> str:
    """A text whose signs mean nothing in Markdown."""
    return "".join(f"\\{sign}" if sign in "`*_<>|[]" else sign for sign in text)


def as_html(found: Verified) -> str:
    """The page as HTML, which loads nothing."""
    style = "body{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}td,th{padding:.2rem .6rem}"
    parts = [f"<h1>{escape(heading(found))}</h1>", *(f"<p>{escape(text)}</p>" for text in sentences(found))]
    top = "".join(f'<th scope="col">{head}</th>' for head in HEADS)
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in counted(found))
    parts.append(f"<table><thead><tr>{top}</tr></thead><tbody>{rows}</tbody></table>")
    for title, lines in lists(found).items():
        items = "".join(f"<li>{escape(one)}</li>" for one in lines or ["nothing"])
        parts.append(f"<h2>{title}</h2><ul>{items}</ul>")
    style += "td+td{text-align:right}"
    head = f'<head><meta charset="utf-8"><title>llo verify</title><style>{style}</style></head>'
    return f'<!doctype html><html lang="en">{head}<body>{"".join(parts)}</body></html>\n'


def lists(found: Verified) -> dict[str, list[str]]:
    """What is told one by one."""
    return {
        "Differs": differing(found),
        "Not verified by R, and why": unverified(found),
        "No script for a program, and why": scriptless(found),
    }


def heading(found: Verified) -> str:
    """What was verified."""
    return f"llo verify: edition {found.edition}, llo_research {__version__}"


def sentences(found: Verified) -> list[str]:
    """Counts, the largest difference and its reason, and the time."""
    in_r = [one for one in found.lines if one.r is not None and one.r.numbers]
    numbers, agree = (
        sum(one.r.numbers for one in in_r if one.r),
        sum(one.r.numbers for one in in_r if one.r and one.r.agrees),
    )
    recorded = sum(one.recorded for one in found.lines)
    wrong = sum(one.recorded for one in found.lines if one.differs)
    told = [
        f"{recorded:,} recorded numbers were computed again from their calls: {recorded - wrong:,} are the same"
        + (f", {wrong:,} stand in figures or tables that differ." if wrong else ".")
    ]
    if not in_r:
        none = "nothing is estimated here" if found.program.startswith("R version") else found.program
        return [*told, f"R was not asked: {none}.", _time(found)]
    told.append(
        f"{found.program} printed {numbers:,} numbers (estimates, standard errors, degrees of freedom, tests, ends of "
        f"intervals) of {sum(one.estimates for one in in_r):,} estimates; {agree:,} agree to {TOLERANCE:g}."
    )
    told += [*_largest(in_r), _time(found)]
    return told


def _largest(in_r: list[Line]) -> list[str]:
    """The largest difference among numbers that agree, and those of joint intervals."""
    same = [one for one in in_r if one.r and one.r.agrees]
    if not same:
        return []
    top = max(same, key=lambda one: one.r.worst if one.r else 0)
    assert top.r is not None
    told = [
        f"Largest difference: {top.r.worst:.1e} ({top.r.of}; {top.what}): sums in another order, and R's iterations, "
        "which stop a little short."
    ]
    joint = max((one.r.joint for one in same if one.r), default=0.0)
    if joint:
        told.append(
            f"Ends of joint intervals differ by up to {joint:.1e} (held to {JOINT:g}): R integrates the multivariate t "
            "with random points."
        )
    return told


def _time(found: Verified) -> str:
    """How long it took."""
    parts = ", ".join(f"{name} {seconds:.0f}" for name, seconds in found.parts.items())
    return f"Time: {found.seconds:.0f} seconds ({parts})."


def counted(found: Verified) -> list[tuple[str, ...]]:
    """A row a chapter."""
    rows: list[tuple[str, ...]] = []
    for chapter in dict.fromkeys(one.chapter for one in found.lines):
        own = [one for one in found.lines if one.chapter == chapter]
        told = [one.r for one in own if one.r is not None and one.r.numbers]
        digits = [one.digits for one in told if one.agrees]
        rows.append(
            (
                chapter,
                f"{sum(bool(one.estimates) for one in own):,}",
                f"{sum(one.estimates for one in own):,}",
                f"{sum(one.recorded for one in own):,}",
                f"{sum(one.numbers for one in told):,}",
                f"{sum(one.numbers for one in told if one.agrees):,}",
                f"{sum(one.numbers for one in told if one.differs):,}",
                str(min(digits)) if digits else "-",
            )
        )
    return rows


def differing(found: Verified) -> list[str]:
    """Lines whose numbers differ."""
    return [
        f"{one.what} ({one.function}): " + "; ".join(filter(None, [one.differs, _apart(one)]))
        for one in found.differing
    ]


def _apart(one: Line) -> str:
    """How far R is apart."""
    if one.r is None or not one.r.differs:
        return ""
    return f"R differs by {max(one.r.worst, one.r.joint):.1e}, {one.r.of}"


def unverified(found: Verified) -> list[str]:
    """What R did not give, each reason with how many results have it."""
    reasons: dict[str, list[str]] = {}
    for one in found.lines:
        reason = one.absent or (one.r.absent if one.r is not None else "") or _of_none(one)
        if reason:
            reasons.setdefault(reason, []).append(one.what)
    return list(_told(reasons))


def scriptless(found: Verified) -> list[str]:
    """What has no script for R, Stata or SPSS, each reason with how many results have it."""
    reasons: dict[str, list[str]] = {}
    for one in found.lines:
        for program, why in one.scriptless.items():
            reasons.setdefault(f"{program}: {why}", []).append(one.what)
    return list(_told(reasons))


def _of_none(one: Line) -> str:
    """Figures of others have no script."""
    published = one.function == PUBLISHED
    return "nothing is estimated: published figures, or a table made of others" if published else ""


def _told(reasons: dict[str, list[str]]) -> Iterator[str]:
    """A line for each reason."""
    for reason, names in reasons.items():
        some = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
        yield f"{reason} ({len(names)}: {some})"
