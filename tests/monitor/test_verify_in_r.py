"""R prints the numbers of chapters from the scripts that their results write; 09 shows published figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from llo_research.monitor.notebooks.about import about, notebooks, reason_not_verifiable
from llo_research.monitor.verify.confirmed import TOLERANCE, confirm
from llo_research.monitor.verify.verify import Line, Results, _chapter, _with_r
from llo_research.results.receipts.certified import kind_of_design
from tests import certify
from tests.results.receipts.r_runs import r_with

ROOT = Path(__file__).resolve().parents[2]
# cells of chapter 08 in the ordinary suite: joint means, joint gaps, a gap of two columns
FEW = ("cell-30", "cell-66", "cell-119")


def _results(chapter: str) -> tuple[list[Line], Results]:
    """The results behind a chapter, compared with what was recorded."""
    item = next(about(path) for path in notebooks(ROOT) if path.stem.startswith(f"{chapter}_"))
    if reason := reason_not_verifiable(item, ROOT):
        pytest.skip(f"{item.name}: {reason}")
    return _chapter(ROOT, item)


def _hold(lines: list[Line], results: Results) -> None:
    """Keep for the certification what R printed."""
    for line in lines:
        if line.r is not None and line.r.agrees and not line.r.joint:  # ends of joint intervals have fewer digits
            meta = results[line.what][0].meta
            kinds = dict.fromkeys(line.function.removeprefix("contrast of, ").split(", "), kind_of_design(meta))
            certify.held(line.r.numbers, line.r.worst, TOLERANCE, kinds)


@r_with()
def test_some_numbers_of_chapter_08(tmp_path: Path) -> None:
    lines, results = _results("08")
    assert [line.what for line in lines if line.differs] == []
    few = {name: pair for name, pair in results.items() if name.split("/")[1].split()[0] in FEW}
    found = confirm(few, tmp_path)
    assert len(found) >= len(FEW)
    assert {name: (one.worst, one.absent) for name, one in found.items() if not one.agrees} == {}


@pytest.mark.slow
@r_with("mitools")
@pytest.mark.parametrize("chapter", ["05", "06", "08", "10"])
def test_every_number_of_a_chapter(chapter: str, tmp_path: Path) -> None:
    lines, results = _results(chapter)
    assert [line.what for line in lines if line.differs] == []
    lines = _with_r(lines, results, tmp_path)
    _hold(lines, results)
    apart = {line.what: (line.r.worst, line.r.of) for line in lines if line.r is not None and line.r.differs}
    assert apart == {}
    absent = {line.what: line.r.absent for line in lines if line.r is not None and line.r.absent}
    assert absent == {}


def test_chapter_09_shows_published_figures_as_recorded() -> None:
    lines, results = _results("09")
    assert results == {} and sum(line.recorded for line in lines) > 250
    assert [line.what for line in lines if line.differs] == []
