"""Every number of an edition computed again, compared with what was recorded, and with R where it is on the machine."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from llo_research.data.spill import spill
from llo_research.monitor import edition_numbers
from llo_research.monitor.chapters import EDITION, chapter_of
from llo_research.monitor.editions import edition_of
from llo_research.monitor.estimates import estimate
from llo_research.monitor.notebooks.about import About, about, notebooks, read_notebook, reason_not_verifiable
from llo_research.monitor.notebooks.listening import Heard, listen
from llo_research.monitor.notebooks.receipts import scripts_of
from llo_research.monitor.plans import plan_of
from llo_research.monitor.verify import r_session
from llo_research.monitor.verify.confirmed import Behind, Confirmation, confirm
from llo_research.monitor.verify.gather import gather
from llo_research.monitor.verify.recorded import recorded
from llo_research.progress import Steps
from llo_research.results.result import Result

# chapters whose results are not in the file of the edition: models, decompositions, other surveys
CHAPTERS = ("05", "06", "08", "09", "10")
OF_EDITION, PUBLISHED = "edition", "published figures"


@dataclass(frozen=True)
class Line:
    """One result, or a figure or table that has none.

    chapter : number of the chapter, or ``edition``. what : title, or the cell. function : of the estimator; empty where
    published figures are shown. estimates : rows. recorded : numbers that were compared with what was recorded.
    differs : what differs from that. scriptless : why a program has no script, by program. r : what R says; None where
    it was not asked. absent : why nothing was computed.
    """

    chapter: str
    what: str
    function: str = ""
    estimates: int = 0
    recorded: int = 0
    differs: str = ""
    scriptless: Mapping[str, str] = field(default_factory=dict)
    r: Confirmation | None = None
    absent: str = ""


@dataclass(frozen=True)
class Verified:
    """All lines of an edition; program: R and its version, or why it was not asked; seconds: of the whole."""

    edition: str
    lines: tuple[Line, ...]
    program: str
    seconds: float
    parts: dict[str, float] = field(default_factory=dict)

    @property
    def differing(self) -> list[Line]:
        """Lines whose numbers are others than recorded, or than R's."""
        return [one for one in self.lines if one.differs or (one.r is not None and one.r.differs)]


def verify(
    root: Path,
    edition: str = EDITION,
    *,
    r: bool = True,
    out: Path | None = None,
    chapters: Sequence[str] = CHAPTERS,
) -> Verified:
    """Compute every number of an edition again, and compare.

    Parameters
    ----------
    root : Path
        Folder of the project.
    edition : str
        One of ``llo.monitor.editions()``.
    r : bool
        Whether R is asked, where it is on the machine.
    out : Path, optional
        Folder in which the files, scripts and answers of R stay.
    chapters : sequence of str
        Numbers of chapters whose results are compared beside the figures of the edition; of the default edition only,
        whose notebooks are committed.

    Returns
    -------
    Verified
    """
    began, lacking = time.monotonic(), r_session.missing() if r else ["--no-r"]
    wanted = [about(path) for path in notebooks(root) if edition == EDITION and path.stem[:2] in chapters]
    wanted = [item for item in wanted if item.name[2:3] == "_"]
    steps, lines, parts = Steps("verify", 1 + len(wanted)), list[Line](), dict[str, float]()
    with spill(root, "verify") as own:
        folder = own if out is None else out / "r"
        jobs = [(OF_EDITION, partial(_edition, root, edition))]
        jobs += [(item.name[:2], partial(_chapter, root, item)) for item in wanted]
        for name, work in jobs:
            with steps.step(name):
                at = time.monotonic()
                found, results = work()
                none = {what: scripts_of(result)[1] for what, (result, _) in results.items()}
                found = [replace(line, scriptless=none.get(line.what, {})) for line in found]
                if not lacking:
                    found = _with_r(found, results, folder / name)
                lines += found
                parts[name] = time.monotonic() - at
    program = "; ".join(lacking) if lacking else r_session.versions()
    return Verified(edition, tuple(lines), program, time.monotonic() - began, parts)


Results = dict[str, Behind]


def _edition(root: Path, edition: str) -> tuple[list[Line], Results]:
    """The figures of the edition, compared with its file."""
    surveys = edition_numbers.whole_surveys([edition])
    apart = edition_numbers.check(root / "notebooks" / "editions", edition, surveys)
    heard, lines, results = Heard(), list[Line](), Results()
    stop = listen(heard, lambda: "")
    try:
        for number, entry in edition_of(edition).figures.items():
            if entry.available != "rebuilt":
                lines.append(Line(OF_EDITION, f"figure {number}", absent=f"{entry.available}: {entry.why['en']}"))
                continue
            result = estimate(plan_of(number, edition, surveys, None, None, None)).result
            own = [text for text in apart if f"figure {number}," in text]
            k = len(result.estimate)
            what = f"figure {number}: {entry.title['en']}"
            lines.append(Line(OF_EDITION, what, str(result.meta["call"]["function"]), k, 5 * k, "; ".join(own[:3])))
            results[what] = (result, heard.surveys_of(result))
    finally:
        stop()
    known = {text for line in lines for text in line.differs.split("; ")}
    if rest := [text for text in apart if text not in known and "figure" not in text]:
        lines.append(Line(OF_EDITION, "the file of the edition", differs="; ".join(rest[:3])))
    return lines, results


def _chapter(root: Path, item: About) -> tuple[list[Line], Results]:
    """The results behind a chapter, and its figures and tables beside those of the committed notebook."""
    chapter = item.name[:2]
    if reason := reason_not_verifiable(item, root):
        return [Line(chapter, _title(item), absent=reason)], {}
    notebook = read_notebook(item.path)
    heard = gather(notebook, item.path.parent)
    lines, results = list[Line](), Results()
    seen: dict[int, int] = {}
    for shown in heard.shown:
        count, differs = recorded(shown, notebook) if shown.whole and shown.kind in ("figure", "table") else (0, "")
        new = [(key, one) for key, one in shown.results.items() if id(one) not in seen]
        for key, result in new:
            seen[id(result)] = len(lines)
            what = f"{shown.cell} {shown.kind}" + (f" {key}" if len(shown.results) > 1 else "")
            lines.append(Line(chapter, what, _function(result), len(result.estimate), count, differs))
            results[f"{chapter}/{what}/{len(lines)}"] = (result, heard.surveys_of(result))
            lines[-1] = replace(lines[-1], what=f"{chapter}/{what}/{len(lines)}")
            count, differs = 0, ""
        if not new and (count or differs):
            function = "" if shown.results else PUBLISHED
            lines.append(Line(chapter, f"{chapter}/{shown.cell} {shown.kind}", function, 0, count, differs))
    return lines, results


def _title(item: About) -> str:
    """The title of a chapter."""
    chapter = chapter_of(item.name)
    return item.name if chapter is None else chapter.title_en


def _function(result: Result) -> str:
    """The estimators behind a result."""
    return ", ".join(dict.fromkeys([*(["contrast of"] if "contrast" in result.meta else []), *_functions(result.meta)]))


def _functions(meta: dict[str, object]) -> Iterator[str]:
    """Names of the estimators of a call, those within a joint one too."""
    call = meta.get("call")
    if isinstance(call, dict):
        inner = call.get("results")
        if isinstance(inner, dict):
            for one in inner.values():
                yield from _functions({"call": one})
        else:
            yield str(call.get("function"))


def _with_r(lines: list[Line], results: Results, folder: Path) -> list[Line]:
    """The same with what R says of each result."""
    found = confirm(results, folder)
    return [replace(line, r=found[line.what]) if line.what in found else line for line in lines]
