"""Cells of a chapter that hold for some editions only."""

import pytest

from llo_research.errors import DataError
from llo_research.monitor.notebooks.needed import that_hold


def _left(edition: str, *tags: str) -> list[str]:
    cells = [{"id": "always", "metadata": {}}] + [{"id": tag, "metadata": {"tags": [tag]}} for tag in tags]
    return [cell["id"] for cell in that_hold({"cells": cells}, edition)["cells"]]


@pytest.mark.parametrize(
    ("edition", "kept"),
    [
        ("2022-1", []),
        ("2022-2", ["needs wea", "needs zea 2021"]),
        ("2023", ["needs wea", "needs zea 2021", "needs published 6"]),
    ],
)
def test_a_cell_stays_where_the_edition_has_what_it_needs(edition: str, kept: list[str]) -> None:
    assert _left(edition, "needs wea", "needs zea 2021", "needs published 6", "finding")[1:] == [*kept, "finding"]


@pytest.mark.parametrize("tag", ["needs roa", "needs wea later", "needs figure 6"])
def test_a_tag_that_is_not_understood_is_refused(tag: str) -> None:
    with pytest.raises(DataError, match="not understood"):
        _left("2023", tag)
