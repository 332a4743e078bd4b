"""Proves that the examples in the pages run and give what they show, and that formulas become MathML."""

from __future__ import annotations

import doctest
import importlib.util
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

from tests.monitor.conftest import ROOT

PAGES = [path for path in sorted((ROOT / "docs").rglob("*.md")) if ">>> " in path.read_text(encoding="utf-8")]
# What pages call `panel`: made-up data with which programs are compared.
PANEL = str(ROOT / "tests" / "reference" / "conventions_panel.csv")
MATHML = "{http://www.w3.org/1998/Math/MathML}"


def extension(name: str) -> ModuleType:
    """An extension of the site, which is no part of the package."""
    path = ROOT / "docs" / "_extensions" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT / "docs").as_posix())
def test_examples_run(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = path.read_text(encoding="utf-8").replace("```", "")
    said: list[str] = []
    example = doctest.DocTestParser().get_doctest(text, {"panel": PANEL}, path.name, str(path), 0)
    doctest.DocTestRunner(verbose=False).run(example, out=said.append)
    assert "".join(said) == ""


def test_formulas_become_mathml() -> None:
    pytest.importorskip("latex2mathml")
    to_mathml = extension("mathml").to_mathml
    fraction = ElementTree.fromstring(to_mathml(r"\frac{\sum_i w_i y_i}{\sum_i w_i}", block=True))
    assert fraction.attrib["display"] == "block"
    assert len(fraction.findall(f".//{MATHML}mfrac/*")) == 2
    rows = ElementTree.fromstring(to_mathml(r"\begin{aligned} a &= b \\ c &= d \end{aligned}", block=True))
    assert len(rows.findall(f".//{MATHML}mtr")) == 2
    name = ElementTree.fromstring(to_mathml(r"\operatorname{cov}(x)", block=False))
    assert next(node.text for node in name.iter(f"{MATHML}mi")) == "cov"


@pytest.mark.parametrize("latex", [r"\frac{a}{", r"a & b", r"\nosuchcommand x"])
def test_what_is_no_formula_is_refused(latex: str) -> None:
    pytest.importorskip("latex2mathml")
    with pytest.raises((ValueError, ElementTree.ParseError)):
        extension("mathml").to_mathml(latex, block=True)


def test_references_become_a_numbered_list() -> None:
    pytest.importorskip("sphinx")
    lines = ["As in [1]_ for p_. and `q_`.", "", ".. [1] Author (1999).", "   Title.", ".. [2] Other."]
    assert extension("literature").plain(lines) == [
        "As in [1] for p\\_. and `q_`.",
        "",
        "",
        "1. Author (1999).",
        "   Title.",
        "",
        "2. Other.",
    ]
