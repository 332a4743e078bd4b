"""Cells of a chapter that hold for some editions only."""

import pytest

from llo_research.errors import DataError
from llo_research.monitor.notebooks.needed import that_hold


def _left(edition: str, *tags: str) -> list[str]:
    cells = [{"id": "always", "metadata": {}}] + [{"id": tag, "metadata": {"tags": [tag]}} for tag in tags]
    found = that_hold({"cells": cells}, edition)["cells"]
    return [cell["id"] for cell in found if not cell["id"].startswith("not-here")]


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


def test_a_line_says_what_is_not_there() -> None:
    tags = ("needs wea", "needs wea", "needs published 6", "finding", "needs zea 2021")
    cells = [{"id": f"x{k}", "metadata": {"tags": [tag]}, "source": tag} for k, tag in enumerate(tags)]
    english = [cell["source"] for cell in that_hold({"cells": cells}, "2022-1")["cells"]]
    assert english == [
        "*Not in edition 2022-1: WEA, a published number beside figure 6.*",
        "finding",
        "*Not in edition 2022-1: ZEA 2021.*",
    ]
    assert len({cell["id"] for cell in that_hold({"cells": cells}, "2022-1")["cells"]}) == 3, "each has its own id"
    dutch = that_hold({"cells": cells[:3]}, "2022-1", "nl")["cells"]
    assert [cell["source"] for cell in dutch] == ["*Niet in editie 2022-1: WEA, een gepubliceerd cijfer bij figuur 6.*"]
    assert that_hold({"cells": cells}, "2023")["cells"] == cells
