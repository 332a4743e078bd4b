"""Proves that each public name has a page and a tag, and that the glossary knows each column and flag."""

from __future__ import annotations

import inspect

import pytest

import llo_research as llo
from llo_research.monitor.site.api_pages import grouped, pages, tag
from llo_research.results.columns import FLAGS, IDENTIFIERS
from tests.monitor.conftest import ROOT

PAGES = pages()


@pytest.mark.parametrize("name", [name for name in llo.__all__ if name != "__version__"])
def test_each_public_name_has_a_page(name: str) -> None:
    own = [path for path in PAGES if path.startswith((f"reference/api/{name}.md", f"reference/api/{name}."))]
    assert own
    if not inspect.ismodule(getattr(llo, name)):
        assert f"(api/{name}.md)" in PAGES["reference/api.md"]


def test_no_name_is_listed_twice() -> None:
    listed = [name for names in grouped().values() for name in names]
    assert len(listed) == len(set(listed))
    described = [line for line in "".join(PAGES.values()).splitlines() if line.startswith(".. auto")]
    assert len(described) == len(set(described))


def test_names_are_tagged() -> None:
    assert tag("mean") == "stable"
    assert tag("decomposition.rif") == "experimental"
    assert all("llo-tag" in text for path, text in PAGES.items() if path.startswith("reference/"))


def test_the_glossary_knows_each_column_and_flag() -> None:
    text = (ROOT / "docs" / "reference" / "glossary.md").read_text(encoding="utf-8")
    columns = "estimate std_error statistic df p_value conf_low conf_high share_of_gap n sum_weights n_eff deff cv flag"
    absent = [name for name in [*IDENTIFIERS, *columns.split()] if f"`{name}`" not in text]
    assert absent == []
    assert "_generated/flags.md" in text
    assert all(f"| `{flag}` | {said} |" in PAGES["_generated/flags.md"] for flag, said in FLAGS.items())
