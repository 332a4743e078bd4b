"""Proves that the lines on "I know R" give our numbers, and that each program has lines for each task."""

from __future__ import annotations

from pathlib import Path

import pytest

from llo_research.monitor.site.registry import Frame
from llo_research.monitor.site.retold_pages import PROGRAMS, pages, tasks
from tests.results.receipts.r_runs import differences, in_r, r_with

# Newton's steps and derivatives by differences in R: margins, ordered models
DIGITS = 2e-6


@pytest.mark.parametrize("language", ["en", "nl"])
def test_each_program_has_lines_for_each_task(language: str) -> None:
    made = pages(Frame(Path(), language, ("nl", "en"), ()))
    assert set(made) == {f"_generated/i_know_{program}.md" for program in PROGRAMS}
    for page in map(str, made.values()):
        assert all(f"## {task[language]}" in page and task["call"] in page for task in tasks())
        assert page.count("svy = llo.synthetic") == 2 and page.count("```") % 4 in (0, 2)


def test_what_a_task_uses_stands_on_the_page() -> None:
    """Columns that a script makes for one task are made there; what a program cannot do is said at the task."""
    made = pages(Frame(Path(), "en", ("nl", "en"), ()))
    spss, stata = str(made["_generated/i_know_spss.md"]), str(made["_generated/i_know_stata.md"])
    logit = spss[spss.index("## A logit") : spss.index("## Average marginal")]
    assert logit.index("COMPUTE x_1 =") < logit.index("CSLOGISTIC training")
    assert stata.count("program define row\n") < 6 and stata.count("svyset") < 8  # and not 19, one a task
    margins = spss[spss.index("## Average marginal") : spss.index("## An ordered")]
    assert "SPSS has no command like margins" in margins and "CSDESCRIPTIVES" not in margins


@r_with("plm")
def test_r_gives_our_numbers(tmp_path: Path) -> None:
    scripts = {}
    for i, task in enumerate(tasks()):
        path = tmp_path / f"{task['survey']}.csv"
        if not path.is_file():
            task["made"].to_file(path)
        scripts[str(i)] = task["result"].to_r(path.as_posix())
    found = in_r(scripts, tmp_path)
    for i, task in enumerate(tasks()):
        worst = differences(task["result"], found[str(i)])
        assert max(worst.values()) < DIGITS, (task["call"], worst)
