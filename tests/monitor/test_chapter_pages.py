"""Proves that chapters of the site can be linked by figure, fold their code, and are listed by what they find."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from llo_research.monitor.notebooks.about import About
from llo_research.monitor.site.chapter_pages import anchored, pages
from llo_research.monitor.site.pictures import first_picture, identity
from llo_research.monitor.site.registry import Frame
from llo_research.monitor.site.rendered import Rendered

FIGURE = {"output_type": "display_data", "metadata": {}, "data": {"text/html": ['<figure class="llo-figure">']}}
SAID = "**People who decide\nmore learn more: 0.2 against\n0.1.** PIAAC, the Netherlands.\n\n*Why it matters:* it does."


def code(source: str, *outputs: dict[str, Any], tags: tuple[str, ...] = ()) -> dict[str, Any]:
    """A code cell."""
    return {"cell_type": "code", "id": "c", "source": [source], "metadata": {"tags": list(tags)}, "outputs": [*outputs]}


@pytest.fixture
def laid() -> dict[str, str]:
    """The pages of one chapter, whose finding runs over several lines."""
    said = {"output_type": "display_data", "metadata": {}, "data": {"text/markdown": [SAID]}}
    cells = [
        {"cell_type": "markdown", "id": "m", "metadata": {}, "source": ["# A chapter\n\nAbout learning."]},
        code("a = 1"),
        code("say(told)", said, tags=("finding",)),
    ]
    about = About(Path("notebooks/05_drivers_of_informal_learning.ipynb"), "public", (), "", "2023", "en")
    rendered = Rendered(about, {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, "")
    return {name: str(text) for name, text in pages(Frame(Path(), "en", ("en",), (rendered,))).items()}


def test_a_numbered_figure_has_one_place_to_link_to() -> None:
    cells = [code('draw("3")'), code('draw("3")', FIGURE), code('draw("3", by="x")', FIGURE), code("draw(own)", FIGURE)]
    shown = [cell["outputs"] for cell in anchored({"cells": cells})["cells"]]
    places = [re.findall(r'id="(figure-\d+)"', str(outputs)) for outputs in shown]
    assert places == [[], ["figure-3"], [], []]


def test_a_card_says_the_whole_finding_and_no_markdown(laid: dict[str, str]) -> None:
    assert "People who decide more learn more: 0.2 against 0.1.\n" in laid["chapters.md"]
    assert "0.1.**" not in laid["chapters.md"]


def test_the_code_of_a_chapter_opens_by_a_click(laid: dict[str, str]) -> None:
    chapter = laid["notebooks/05_drivers_of_informal_learning.ipynb"]
    assert chapter.count('"hide-input"') == 2
    assert "Show all code" in chapter


def test_two_chapters_that_begin_with_the_same_figure_have_other_cards() -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><title>{}</title><metadata>llo-numbers: {:016x}</metadata></svg>'

    def picture(title: str, numbers: int) -> dict[str, Any]:
        return {"output_type": "display_data", "metadata": {}, "data": {"image/svg+xml": svg.format(title, numbers)}}

    one = {"cells": [code("f()", picture("first", 1)), code("f()", picture("second", 2))]}
    two = {"cells": [code("f()", picture("the same numbers", 1)), code("f()", picture("third", 3))]}
    first = first_picture(one)
    assert first is not None and b"first" in first[1]
    other = first_picture(two, {identity(first)})
    assert other is not None and b"third" in other[1]
    alone = first_picture({"cells": two["cells"][:1]}, {identity(first)})
    assert alone is not None and b"the same" in alone[1], "better the same than none"
