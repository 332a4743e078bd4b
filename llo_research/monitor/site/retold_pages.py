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

# program -> its name, the method of a result, how its lines are marked
PROGRAMS = {"r": ("R", "to_r", "r"), "stata": ("Stata", "to_stata", "stata"), "spss": ("SPSS", "to_spss", "text")}


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
    found: Pages = {}
    for program, (name, method, marked) in PROGRAMS.items():
        lines = _page(frame.language, name, method, marked)
        found[f"_generated/i_know_{program}.md"] = "\n".join([*lines, ""])
    return found


def _page(language: str, program: str, method: str, marked: str) -> Iterator[str]:
    """The tasks on the page of one program: the whole script for the first, then the parts that the first has not."""
    words = texts("retold", language)
    known: dict[str, set[str]] = {}
    for task in tasks():
        script = str(getattr(task["result"], method)())
        parts = [part.strip("\n") for part in script.split("\n\n") if part.strip()]
        whole = task["code"] not in known
        seen = known.setdefault(task["code"], set(parts))
        shown = script if whole else "\n\n".join(part for part in parts[1:] if part not in seen)
        yield from ("", f"## {task[language]}", "", "```python")
        yield from ((task["code"],) if whole else ())
        yield from (task["call"], "```", "")
        yield from _cannot(task["result"], program, words, language)
        yield from (f"```{marked}", shown.strip(), "```") if shown.strip() else ()
        yield from ("", words["whole"].format(method=method)) if not whole else ()


def _cannot(result: llo.Result, program: str, words: dict[str, str], language: str) -> Iterator[str]:
    """What the program cannot do of a result, or reads in another way."""
    if told := result.receipt(language=language)["programs"][program]["cannot"]:
        yield from (words["cannot"].format(told=told), "")
