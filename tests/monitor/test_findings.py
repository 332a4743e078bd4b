"""Proves that the front page shows what chapters mark as findings, with alternative texts, and nothing synthetic."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from llo_research.errors import LloError
from llo_research.monitor.notebooks.about import About
from llo_research.monitor.site.front_page import findings, write_findings

PNG = base64.b64encode(b"picture").decode()
SENTENCE = {"cell_type": "markdown", "metadata": {"tags": ["finding"]}, "source": "## Head\n\nText."}


def item(source_class: str = "published") -> About:
    return About(Path("notebooks/09.ipynb"), source_class, (), "", "2023", "nl")


def code(data: dict[str, Any], about: dict[str, Any] | None = None, **metadata: Any) -> dict[str, Any]:
    output = {"output_type": "display_data", "data": data, "metadata": about or {}}
    return {"cell_type": "code", "metadata": {"tags": ["finding"], **metadata}, "source": "f", "outputs": [output]}


def test_a_sentence_and_the_figure_after_it(tmp_path: Path) -> None:
    figure = code({"image/png": PNG, "text/plain": "Dots"}, {"image/png": {"alt": 'Dots "a" < b'}})
    other = {"cell_type": "markdown", "metadata": {}, "source": "not marked"}
    (found,) = findings({"cells": [other, SENTENCE, figure]}, item())
    assert found.text == "**Head**\n\nText."
    text = write_findings([found], {"09": "Title"}, tmp_path)
    (name,) = found.pictures
    assert (tmp_path / "_static" / "findings" / name).read_bytes() == b"picture"
    assert f'src="_static/findings/{name}" alt="Dots &quot;a&quot; &lt; b"' in text
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


def test_a_picture_without_alternative_text_is_refused() -> None:
    with pytest.raises(LloError, match="no alternative text"):
        findings({"cells": [SENTENCE, code({"image/png": PNG})]}, item())


def test_a_synthetic_finding_is_refused() -> None:
    with pytest.raises(LloError, match="synthetic"):
        findings({"cells": [SENTENCE]}, item("synthetic"))
    assert findings({"cells": []}, item("synthetic")) == []
