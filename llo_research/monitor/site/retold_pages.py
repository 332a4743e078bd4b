"""The pages "I know R", "I know Stata", "I know SPSS": task by task, lines that results write, so that none is typed.

What the lines of R print is held by the tests to what ours prints; those of Stata and SPSS were not run.
"""

from __future__ import annotations

import tomllib
import warnings
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

import llo_research as llo
from llo_research.monitor.site.registry import Frame, Pages
from llo_research.monitor.site.words import texts

# program -> method of a result, how its lines are marked, the comment before which a script opens the file and design
PROGRAMS = {
    "r": ("to_r", "r", "# What each estimate is."),
    "stata": ("to_stata", "stata", "* People"),
    "spss": ("to_spss", "text", "* People"),
}


@cache
def tasks() -> tuple[dict[str, Any], ...]:
    """The tasks, each with its `result` and the code of its `survey`."""
    told = tomllib.loads(resources.files(__package__).joinpath("retold.toml").read_text(encoding="utf-8"))
    code = {one["name"]: one["code"] for one in told["survey"]}
    made: dict[str, Any] = {}
    out = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", llo.LloWarning)
        for task in told["task"]:
            name = task["survey"]
            if name not in made:
                made[name] = eval(code[name].partition("=")[2], {"llo": llo})  # text of this package
            result = eval(task["call"], {"llo": llo, "svy": made[name]})
            out.append({**task, "code": code[name], "made": made[name], "result": result})
    return tuple(out)


def pages(frame: Frame) -> Pages:
    """A page for each program."""
    found = {}
    for program, (method, marked, opens) in PROGRAMS.items():
        if hasattr(llo.Result, method):
            lines = _page(frame.language, program, method, marked, opens)
            found[f"_generated/i_know_{program}.md"] = "\n".join([*lines, ""])
    return found


def _page(language: str, program: str, method: str, marked: str, opens: str) -> Iterator[str]:
    """The tasks on the page of one program: the whole script for the first, then what follows the opening."""
    words = texts("retold", language)
    seen: set[str] = set()
    for task in tasks():
        script = str(getattr(task["result"], method)())
        first, _, rest = script.partition(f"\n{opens}")
        whole = task["code"] not in seen or not rest
        seen.add(task["code"])
        yield from ("", f"## {task[language]}", "", "```python")
        yield from ((task["code"],) if whole and rest else ())
        yield from (task["call"], "```", "")
        yield from _cannot(first, words)
        yield from (f"```{marked}", (script if whole else f"{opens}{rest}").strip(), "```")
        yield from ("", words["whole"].format(method=method)) if not whole else ()


def _cannot(first: str, words: dict[str, str]) -> Iterator[str]:
    """Whether the script's first lines tell of something that the program cannot do."""
    if "cannot" in first.split("\n\n")[0]:
        yield from (words["cannot"], "")
