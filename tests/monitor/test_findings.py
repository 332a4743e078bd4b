"""Proves that the front page shows what chapters mark as findings, with alternative texts, and nothing synthetic."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from llo_research.errors import LloError
from llo_research.monitor.notebooks.about import About
from llo_research.monitor.site.front_page import findings, findings_text

PNG = base64.b64encode(b"picture").decode()
SENTENCE = {"cell_type": "markdown", "metadata": {"tags": ["finding"]}, "source": "## Head\n\nText."}


def item(source_class: str = "published") -> About:
    return About(Path("notebooks/09.ipynb"), source_class, (), "", "2023", "nl")


def code(data: dict[str, Any], about: dict[str, Any] | None = None, **metadata: Any) -> dict[str, Any]:
    output = {"output_type": "display_data", "data": data, "metadata": about or {}}
    return {"cell_type": "code", "metadata": {"tags": ["finding"], **metadata}, "source": "f", "outputs": [output]}


def test_a_sentence_and_the_figure_after_it() -> None:
    figure = code({"image/png": PNG, "text/plain": "Dots"}, {"image/png": {"alt": 'Dots "a" < b'}})
    other = {"cell_type": "markdown", "metadata": {}, "source": "not marked"}
    (found,) = findings({"cells": [other, SENTENCE, figure]}, item())
    assert found.text == "**Head**\n\nText."
    text = findings_text([found], {"09": "Title"}, "en")
    (name,) = found.pictures
    assert found.pictures[name] == b"picture"
    assert f'src="{name}" alt="Dots &quot;a&quot; &lt; b"' in text
    assert "[Title](notebooks/09.ipynb)" in text
    assert "not marked" not in text


@pytest.mark.parametrize(
    ("data", "suffix"), [({"image/png": PNG}, ".png"), ({"image/svg+xml": ["<svg>", "</svg>"]}, ".svg")]
)
def test_the_alternative_text_may_stand_in_the_cell(data: dict[str, Any], suffix: str) -> None:
    (found,) = findings({"cells": [SENTENCE, code(data, alt="Dots")]}, item())
    assert [Path(name).suffix for name in found.pictures] == [suffix]


def test_markup_is_taken_as_it_is() -> None:
    (found,) = findings({"cells": [SENTENCE, code({"text/html": '<figure><svg role="img"/></figure>'})]}, item())
    assert found.figure == '<figure><svg role="img"/></figure>'
    assert not found.pictures


def test_a_sentence_may_be_what_code_shows() -> None:
    said = code({"text/markdown": "**More** of them.", "text/plain": "More"})
    figure = code({"image/png": PNG}, {"image/png": {"alt": "Dots"}})
    (found,) = findings({"cells": [said, figure]}, item())
    assert found.text == "**More** of them."
    assert 'alt="Dots"' in found.figure


def test_the_order_is_that_of_the_cell_and_why_is_said_once() -> None:
    first = {**SENTENCE, "metadata": {"tags": ["finding"], "finding_order": 7}}
    chapter = About(Path("notebooks/09_published_figures.ipynb"), "published", (), "", "2023", "en")
    (found,) = findings({"cells": [first]}, chapter)
    assert found.order == 7
    assert "Why it matters." in findings_text([found], {chapter.name: "T"}, "en")
    told = {**first, "source": "Text. *Why it matters:* so."}
    (found,) = findings({"cells": [told]}, chapter)
    assert findings_text([found], {chapter.name: "T"}, "en").count("Why it matters") == 1


def test_a_picture_without_alternative_text_is_refused() -> None:
    with pytest.raises(LloError, match="no alternative text"):
        findings({"cells": [SENTENCE, code({"image/png": PNG})]}, item())


def test_a_synthetic_finding_is_refused() -> None:
    with pytest.raises(LloError, match="synthetic"):
        findings({"cells": [SENTENCE]}, item("synthetic"))
    assert findings({"cells": []}, item("synthetic")) == []
