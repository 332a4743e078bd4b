"""The tables of the page "Is het echt gestegen?": they say without a script what the slider says."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise

from llo_research.monitor.site.risen import Change, facts, net, verdict
from llo_research.monitor.site.risen_words import WORDS, said, span_of


def scrolling(table: str, name: str) -> str:
    """A table that scrolls by itself where it is too wide, by keyboard too."""
    return f'<div class="llo-scroll" role="region" aria-label="{escape(name)}" tabindex="0">\n{table}\n</div>'


def _table(caption: str, head: list[str], rows: list[list[str]]) -> str:
    """A table whose first column heads its rows."""
    heads = "".join(f'<th scope="col">{escape(text)}</th>' for text in head)
    body = "\n".join(
        f'<tr><th scope="row">{escape(row[0])}</th>' + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:]) + "</tr>"
        for row in rows
    )
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{heads}</tr></thead>\n<tbody>{body}</tbody></table>"


def verdict_table(found: Sequence[Change], language: str) -> str:
    """The verdict on each figure at steps of the slider."""
    words = WORDS[language]
    rows = [
        [said(size, language)]
        + [f"{words[verdict(item, size)]} ({said(net(item, size)[0], language, sign=True)})" for item in found]
        for size in facts()["slider"]["steps"]
    ]
    return _table(words["verdicts"], [words["break"], *(item.label[language] for item in found)], rows)


def tipping_table(found: Sequence[Change], language: str) -> str:
    """Each change, what is known of its error, and the sizes of the break at which the verdict turns."""
    words, rows = WORDS[language], []
    for item in found:
        moved = any(item.name == one["name"] for one in facts()["employees"])
        forms = words["open_ends"] if item.sampling is None else ("{}", "{}")
        ends = [form.format(said(size, language)) for form, size in zip(forms, item.tipping, strict=True)]
        near, far = ends if moved else (words["unmoved"], words["unmoved"])
        error = said(item.sampling, language) if item.sampling is not None else words["no_interval"]
        rounding = f"{said(-item.rounding, language)} {words['to']} {said(item.rounding, language, sign=True)}"
        values = " → ".join(said(value, language) for value in item.values)
        size = said(item.size, language, sign=True)
        rows.append([f"{item.label[language]}, {span_of(item.years)}", values, size, rounding, error, near, far])
        rows[-1].append(item.source[language])
    return _table(words["tipping"], list(words["tipping_head"]), rows)


def step_table(language: str) -> str:
    """The questions of which CBS printed every year: their step of 2022 beside their steps before."""
    words, rows = WORDS[language], []
    for item in facts()["steps"]["question"]:
        tenths = [round(10 * value) for value in item["values"]]
        steps = [after - before for before, after in pairwise(tenths)]
        largest = max(steps[:-1], key=abs)
        values = [said(value, language) for value in tenths]
        told = [said(step, language, sign=True) for step in (largest, steps[-1])]
        rows.append([item["label"][language], *values, *told, words[item["weights"]]])
    years = [str(year) for year in facts()["steps"]["years"]]
    return _table(words["steps"], [words["question"], *years, *words["steps_head"]], rows)
