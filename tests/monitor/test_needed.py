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


HELD = {"nea": {2020, 2022}}


def _of_files(*cells: tuple[str, str], language: str = "en", edition: str = "2023") -> list[str]:
    """What is left of code cells, each with a need (or none), where there are files of the NEA of two years."""
    made = [
        {"id": f"x{k}", "cell_type": "code", "metadata": {"tags": [need] if need else []}, "source": source}
        for k, (need, source) in enumerate(cells)
    ]
    return [cell["source"] for cell in that_hold({"cells": made}, edition, language, HELD)["cells"]]


def test_what_the_files_do_not_hold_is_said() -> None:
    cells = [("needs wea", "a"), ("needs nea 2014 2020", "b"), ("needs nea 2022", "c"), ("needs published 2", "d")]
    assert _of_files(*cells) == ["*No files here of: WEA, NEA 2014.*", "c", "*No files here of: WEA.*"]
    assert _of_files(*cells[:1], language="nl") == ["*Geen bestanden hier van: WEA.*"]
    assert _of_files(("needs wea", "a"), ("needs zea", "b"), edition="2022-1") == [
        "*Not in edition 2022-1: WEA.*\n\n*No files here of: ZEA.*"
    ]
    assert _of_files(("needs published 1", "kept")) == ["kept"]


def test_what_is_computed_from_a_cell_that_is_left_out_goes_with_it() -> None:
    absent = ("needs nea 2014 2020", "told = 1\nboth = [k for k in (1, 2)]")
    line = "*No files here of: NEA 2014.*"
    assert _of_files(("", "both = 0"), absent, ("", "both + 1")) == ["both = 0", line], "not the value of before"
    assert _of_files(absent, ("", "def f():\n    return both"), ("", "f()")) == [line]
    own = "told = 2\ntold"
    assert _of_files(absent, ("", own), ("", "told")) == [line, own, "told"], "made anew"
    assert _of_files(absent, ("", "k = 3"), ("", "k"), ("", "[told for told in 'ab']")) == [
        line,
        *["k = 3", "k", "[told for told in 'ab']"],
    ], "names within brackets are no names of the page"


def test_of_another_edition_too() -> None:
    cells = [
        {"id": "made", "cell_type": "code", "metadata": {"tags": ["needs zea 2021"]}, "source": "across = 1"},
        {"id": "used", "cell_type": "code", "metadata": {}, "source": "print(across)"},
        {"id": "anew", "cell_type": "code", "metadata": {}, "source": "across = 2\nprint(across)"},
    ]
    left = [cell["id"] for cell in that_hold({"cells": cells}, "2022-1")["cells"]]
    assert left == ["not-here-0", "anew"]
    assert that_hold({"cells": cells}, "2023")["cells"] == cells
