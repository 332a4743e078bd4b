"""Proves that the examples in the pages run and give what they show, and that formulas become MathML."""

from __future__ import annotations

import doctest
import importlib.util
import json
import re
import runpy
import warnings
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

from llo_research import cli
from llo_research.errors import LloWarning
from tests.monitor.conftest import ROOT

DOCS = ROOT / "docs"
# A Dutch page has the code of its English page, letter for letter (test_docs_in_dutch.py), and is not run again.
PAGES = [path for path in sorted(DOCS.rglob("*.md")) if ">>> " in path.read_text(encoding="utf-8")]
PAGES = [path for path in PAGES if DOCS / "nl" not in path.parents]
PAGES = [path for path in PAGES if path.stem != "a_week_inside"]  # in a project of its own: test_week_inside.py
# What pages call `panel`: made-up data with which programs are compared.
PANEL = str(ROOT / "tests" / "reference" / "conventions_panel.csv")
MAKES = "spss_day.py"  # the script that makes the files of a page
MATHML = "{http://www.w3.org/1998/Math/MathML}"


def extension(name: str) -> ModuleType:
    """An extension of the site, which is no part of the package."""
    path = ROOT / "docs" / "_extensions" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def as_doctest(text: str) -> str:
    """A page as one doctest: ``$ llo ...`` with what it prints, and the mapping files that it shows, run as well."""

    def shown(block: re.Match[str]) -> str:
        kind, body = block[1], block[2]
        if kind == "text" and body.startswith("$ llo "):
            command, _, said = body.partition("\n")
            return f">>> shell({command.removeprefix('$ llo ')!r})\n" + re.sub(
                r"^$", "<BLANKLINE>", said.rstrip(), flags=re.M
            )
        if kind == "toml":
            return f">>> write({body!r})\n\n"
        return body

    return re.sub(r"```(\w*)\n(.*?)```", shown, text, flags=re.DOTALL)


def shell(command: str) -> None:
    """Run ``llo``."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cli.main(command.split())


def write(shown: str) -> None:
    """A mapping file as a page shows it; when it shows the lines that change, these take the place of theirs."""
    head, _, body = shown.partition("\n")
    path = Path(head.removeprefix("# ").partition(",")[0])
    if "," in head:
        new = {line.partition("=")[0].strip(): line for line in body.splitlines() if line}
        old = path.read_text(encoding="utf-8").splitlines()
        keys = [line.removeprefix("# ").partition("=")[0].strip() for line in old]
        assert set(new) <= set(keys), "each line that is shown stands in the file"
        body = "\n".join(new.get(key, line) for key, line in zip(keys, old, strict=True)) + "\n"
    path.write_text(body, encoding="utf-8", newline="\n")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(DOCS).as_posix())
def test_examples_run(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = path.read_text(encoding="utf-8")
    if MAKES in text:
        runpy.run_path(str(DOCS / "how_to" / MAKES))["make"](tmp_path)
    said: list[str] = []
    names = {"panel": PANEL, "shell": shell, "write": write}
    example = doctest.DocTestParser().get_doctest(as_doctest(text), names, path.name, str(path), 0)
    with warnings.catch_warnings():
        if MAKES in text:  # its file lacks what a real one may lack, and the page says so
            warnings.filterwarnings("ignore", "(.|\\n)*file without weights of the halves", LloWarning)
        doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS).run(example, out=said.append)
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


def test_the_search_tells_in_dutch_what_it_found() -> None:
    pytest.importorskip("sphinx")
    import sphinx

    completed = extension("search_words").completed
    own = Path(str(sphinx.__file__)).parent / "locale" / "nl" / "LC_MESSAGES" / "sphinx.js"
    made = completed(own.read_text(encoding="utf-8"), "nl")
    catalogue = json.loads(made.removeprefix("Documentation.addTranslations(").removesuffix(");"))
    one, several = catalogue["messages"]["Search finished, found one page matching the search query."]
    assert "één pagina" in one and "${resultCount} pagina's" in several
    assert catalogue["plural_expr"] == "Number((n != 1))", "the place in a list, which yes or no is not"
    assert all(catalogue["messages"].values()), "a word without Dutch stays English, and not empty"
    with pytest.raises(ValueError, match="another form"):
        completed("other()", "nl")


def test_arguments_are_no_list_of_definitions() -> None:
    pytest.importorskip("sphinx")
    page = (
        '<dl class="py"><dt>f<span class="sig-paren">(</span>\n<dl>\n<dd><em>x</em>,</dd>\n<dd><em>y</em></dd>\n</dl>\n'
    )
    page += '<span class="sig-paren">)</span></dt><dd><dl><dt>Parameters</dt><dd>x</dd></dl></dd></dl>'
    made = extension("signatures").plain(page)
    assert '<div class="llo-arguments">\n<div><em>x</em>,</div>\n<div><em>y</em></div>\n</div>' in made
    assert made.endswith("<dd><dl><dt>Parameters</dt><dd>x</dd></dl></dd></dl>"), "other lists stay"
    assert made.count("<dl") == made.count("</dl>") == 2


def test_code_has_no_element_without_a_colour_of_its_own() -> None:
    pytest.importorskip("sphinx")
    pytest.importorskip("pydata_sphinx_theme")
    from pygments.styles import get_style_by_name
    from pygments.token import Name, Punctuation, Text, Whitespace

    code = '<span class="n">f</span><span class="p">(</span><span class="nb">sum</span><span class="w"> </span>'
    assert extension("plain_code").plain(code) == 'f(<span class="nb">sum</span> '
    for name in re.findall(r'"pygments_\w+_style": "([\w-]+)"', (ROOT / "docs" / "conf.py").read_text("utf-8")):
        style = get_style_by_name(name)
        looks = [style.style_for_token(kind) for kind in (Text, Name, Punctuation, Whitespace)]
        assert all(look == looks[0] for look in looks), f"{name}: what the page leaves out looks like the rest"


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
