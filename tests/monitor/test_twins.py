"""Proves that a Dutch twin that does not fit its English is refused, and that one that fits changes no code."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from llo_research.errors import DataError
from llo_research.monitor.notebooks.about import notebooks, read_notebook
from llo_research.monitor.notebooks.execute import execute
from llo_research.monitor.notebooks.literals import WIDTH, is_prose, literals, with_literals
from llo_research.monitor.notebooks.normalise import normalised
from llo_research.monitor.notebooks.translate import in_language
from llo_research.monitor.notebooks.twin_faults import faults, faults_of
from llo_research.monitor.notebooks.twin_file import Twin, path_of_twin, read_twin, source_of, stamp_of, text_of_twin
from llo_research.monitor.notebooks.twin_labels import mistaken
from llo_research.monitor.notebooks.twin_sense import denied, left_out, lost
from llo_research.monitor.notebooks.twin_swaps import crossed, swapped
from llo_research.monitor.notebooks.twin_words import differing, numbers, turned
from llo_research.monitor.notebooks.twins import drafted, main, stamped
from tests.monitor.conftest import ROOT

PROSE = "## Training\n\nOf 1,250 people 12.5% trained more than before; see [CBS](https://cbs.nl) and `llo.gap`."
WORDS = """told = "Since 2014 the gap {g[by doing]:direction|widened|narrowed|did not move that can be told}, "
told += (
    "said without "
    "a break"
)
labels = {"by doing": 1, "education": 2}
print(told.format(g={"by doing": "x"}) if False else labels, language)
print('été "à"', "keep Me")"""
CELLS = [
    ("code", 'edition = "2023"\nlanguage = "en"', ["parameters"]),
    ("markdown", PROSE),
    ("code", WORDS),
    ("code", "labels['by doing']"),
]
TWIN = """<!-- names -->
by doing = door te doen
keep: keep Me
keep: été "à"

<!-- cell-02 {0} -->
## Opleiding

Van 1.250 mensen leerde 12,5% meer dan voorheen; zie [CBS](https://cbs.nl) en `llo.gap`.

<!-- cell-03 {1} -->
en: Since 2014 the gap {{g[by doing]:direction|widened|narrowed|did not move that can be told}},
nl: Sinds 2014 is het verschil {{g[by doing]:direction|groter geworden|kleiner geworden|niet aantoonbaar veranderd}},
en: said without a break
nl: zonder regelafbreking gezegd, met een “aanhalingsteken” en een \\ en zo veel woorden dat het een lange regel wordt
"""


@pytest.fixture
def path(notebook: Callable[..., Path]) -> Path:
    """The made-up notebook, with its twin."""
    path = notebook("09_published_figures", CELLS)
    write_twin(path, TWIN.format(stamp(path, 1), stamp(path, 2)))
    return path


def stamp(path: Path, at: int) -> str:
    """The stamp of a cell of a notebook."""
    return stamp_of(normalised(read_notebook(path))["cells"][at])


def write_twin(path: Path, text: str) -> None:
    """Write the twin of a notebook."""
    path_of_twin(path).parent.mkdir(exist_ok=True)
    path_of_twin(path).write_text(text, encoding="utf-8")


def shape(code: str) -> str:
    """Code without the texts of its literals."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
    return ast.dump(tree)


def test_a_twin_that_fits_changes_words_alone(path: Path, project: Path) -> None:
    assert faults_of(path) == []
    english, twin = normalised(read_notebook(path)), read_twin(path_of_twin(path))
    dutch = in_language(english, twin)
    sources = [source_of(cell) for cell in dutch["cells"]]
    assert sources[0] == 'edition = "2023"\nlanguage = "nl"'
    assert sources[1].startswith("## Opleiding")
    for one, other in zip(english["cells"], dutch["cells"], strict=True):
        assert one["cell_type"] == "markdown" or shape(source_of(one)) == shape(source_of(other))
    assert max(map(len, sources[2].splitlines())) <= WIDTH
    texts = [one.text for one in literals(sources[2]).whole]
    assert texts[0].startswith("Sinds 2014 is het verschil {g[door te doen]:direction|groter geworden|"), "and brackets"
    assert texts[0].endswith("}, "), "the space at the end is the English one"
    assert texts[1].endswith("een \\ en zo veel woorden dat het een lange regel wordt")
    assert sources[3] == 'labels["door te doen"]'
    ran = execute(path, project, {"language": "nl"})
    assert "{'door te doen': 1, 'education': 2} nl" in json.dumps(ran)
    assert text_of_twin(twin).split() == path_of_twin(path).read_text(encoding="utf-8").split()


PLANTED = {
    "missing block": ("<!-- cell-02", "<!-- cell-07", "cell-02: has no Dutch"),
    "block of no cell": ("<!-- cell-02", "<!-- cell-07", "cell-07: the notebook has no such cell"),
    "changed number": ("12,5%", "12,6%", "numbers differ: only in English 12.5; only in Dutch 12.6"),
    "a decimal comma that is none": ("1.250", "1,250", "numbers differ"),
    "changed number in code": ("Sinds 2014", "Sinds 2015", "cell-03: numbers differ"),
    "changed name": ("nl: Sinds 2014 is het verschil {{g[", "nl: Sinds 2014 is het verschil {{h[", "places differ"),
    "changed row": ("verschil {{g[by doing]", "verschil {{g[education]", "places differ"),
    "changed abbreviation": ("zie [CBS]", "zie [SCP]", "abbreviations differ"),
    "changed link": ("https://cbs.nl", "https://cbs.be", "links differ"),
    "changed code": ("`llo.gap`", "`llo.mean`", "code differ"),
    "reversed direction": ("12,5% meer", "12,5% minder", "direction differs"),
    "swapped readings": ("groter geworden|kleiner", "kleiner geworden|groter", "readings are swapped"),
    "one reading twice": ("kleiner geworden", "groter geworden", "readings are the same"),
    "still to do": ("Van 1.250", "TODO Van 1.250", "holds TODO"),
    "a pair of no literal": ("en: said without a break", "en: said with a break", "has no literal 'said with a break'"),
    "words without Dutch": ("en: said without", "en: said with", "has no Dutch for 'said without a break'"),
    "an unused name": ("keep: keep", "by talking = door te praten\nkeep: keep", "no cell uses 'by talking'"),
    "two names that become one": ("keep: keep", "education = door te doen\nkeep: keep", "stands for several names"),
    "nothing to keep": ("keep: keep Me", "keep: keep me", "has the literal to keep 'keep me'"),
    "a name to do": ("= door te doen", "= TODO by doing", "names: 'by doing' holds TODO"),
}


@pytest.mark.parametrize("case", PLANTED)
def test_a_planted_fault_is_found(path: Path, project: Path, case: str) -> None:
    before, after, said = PLANTED[case]
    assert before in TWIN
    write_twin(path, TWIN.replace(before, after).format(stamp(path, 1), stamp(path, 2)))
    assert said in "\n".join(faults_of(path))
    with pytest.raises(DataError, match="its twin does not fit it"):
        execute(path, project, {"language": "nl"})


SENSE = {
    "a sure third reading": (
        "{a:direction|more|less|which is more cannot be told}",
        "{a:direction|meer|minder|evenveel}",
        "does not say that it cannot be told",
    ),
    "no difference in place of what cannot be told": (
        "{a:direction|more|less|neither clearly more nor less}",
        "{a:direction|meer|minder|geen verschil}",
        "does not say that it cannot be told",
    ),
    "equal, though the English says nothing of it": (
        "{a:direction|more|less|the other way}",
        "{a:direction|meer|minder|gelijk}",
        "does not say that it cannot be told",
    ),
    "a denial dropped": (
        "All is well. It has not been shown that they learn.",
        "Alles is goed. Het is aangetoond dat zij leren.",
        "denied more often in English",
    ),
    "a denial added": ("They learn.", "Zij leren niet.", "denied more often in Dutch"),
    "one of two denials dropped": (
        "It is not shown, nor is it refuted, and not here.",
        "Het is aangetoond, en niet weerlegd.",
        "denied more often in English",
    ),
    "a bound of the other side": ("It is a lower bound.", "Het is een bovengrens.", "'bovengrens' has no such word"),
    "the other way": ("The share goes up.", "Het aandeel gaat omlaag.", "direction differs"),
    "another share": ("Three quarters of them.", "De helft van hen.", "shares in words differ"),
    "the disclaimer left out": (
        "**Synthetic data. No number says anything about the Netherlands.** And so on.",
        "**Synthetische gegevens. Geen getal zegt iets over de buren.** Enzovoort.",
        "does not say in Dutch that no number is about the Netherlands",
    ),
    "data that seem real": ("Synthetic data: 5.", "Gegevens: 5.", "does not say in Dutch that data are synthetic"),
    "a sentence left out": (
        "They learn. We do. Or all.",
        "Zij leren. Of allen.",
        "has 2 sentences, and 3 in English",
    ),
    "stress left out": ("They **learn**.", "Zij leren.", "has 0 spans in bold, and 1 in English"),
}


@pytest.mark.parametrize("case", SENSE)
def test_what_the_dutch_may_not_lose(case: str) -> None:
    english, dutch, said = SENSE[case]
    assert said in "\n".join(what_is_wrong(english, dutch))


def what_is_wrong(english: str, dutch: str) -> list[str]:
    """All that is compared of two texts."""
    rules = (lost, left_out, denied, turned)
    return [*(one for rule in rules for one in rule(english, dutch)), *differing(english, dutch, {})]


FITS = [
    ("{a:direction|more|less|which cannot be told}", "{a:direction|meer|minder|meer of minder is niet aan te tonen}"),
    ("{a:direction|is above|is below|cannot be told from no difference}",
     "{a:direction|ligt boven|ligt onder|is niet te onderscheiden van geen verschil}"),
    ("Independent; with the break taken off.", "Onafhankelijk; zonder de breuk."),
    ("Formal and non-formal.", "Formeel en niet-formeel."),
    ("It goes up to ten; half and three quarters.", "Het gaat tot tien; de helft en driekwart."),
    ("Neither he nor she.", "Geen van beiden."),
    ("1. People up to mbo-1. Others, e.g. in 2022.", "1. Mensen tot en met mbo-1. Anderen, bijv. in 2022."),
]  # fmt: skip


@pytest.mark.parametrize(("english", "dutch"), FITS)
def test_what_says_the_same_is_let_through(english: str, dutch: str) -> None:
    assert what_is_wrong(english, dutch) == []


# Of all pairs of names of a notebook. Names of words that the library never uses cannot be told apart by it.
FOUND = 0.8
SWAPPED = {
    "08_netherlands_in_piaac": (
        ("lower secondary or less", "tertiary", "'tertiary' is 'hbo of wo' in the library, and 'tot en met mbo-1'"),
        ("permanent staff", "flexible workers", "say the contrary"),
        ("25 to 54", "55 and over", "numbers differ"),
        ("little autonomy", "much autonomy", "say the contrary"),
    ),
    "02_learning_behaviour": (("this work", "next work", "'this work' and 'ander werk' say the contrary"),),
    "05m_drivers_method": (("2 years after", "2 years before", "say the contrary"),),
    "09_published_figures": (("employees, 2020", "employers, 2021", "say the contrary"),),
}


@pytest.mark.parametrize(
    ("name", "one", "other", "said"), [(name, *swap) for name, swaps in SWAPPED.items() for swap in swaps]
)
def test_two_names_that_changed_places_are_found(name: str, one: str, other: str, said: str) -> None:
    path = ROOT / "notebooks" / f"{name}.ipynb"
    twin = read_twin(path_of_twin(path))
    swapped = {**twin.names, one: twin.names[other], other: twin.names[one]}
    found = faults(normalised(read_notebook(path)), replace(twin, names=swapped))
    assert all(fault.startswith("names: ") for fault in found)
    assert said in "\n".join(found)


@pytest.mark.parametrize("path", notebooks(ROOT), ids=lambda path: path.stem)
def test_most_names_that_change_places_are_found(path: Path) -> None:
    names = read_twin(path_of_twin(path)).names
    pairs = list(combinations(names, 2))
    found = [pair for pair in pairs if any(swapped({one: names[other] for one, other in (pair, pair[::-1])}))]
    assert len(found) >= FOUND * len(pairs)


def test_the_sides_of_a_comparison_may_not_change_places() -> None:
    assert list(mistaken("tertiary minus lower secondary", "hbo of wo min tot en met mbo-1")) == []
    assert list(mistaken("tertiary minus lower secondary", "tot en met mbo-1 min hbo of wo"))
    english, dutch = "Trained, education compared with health and social work:", "Opgeleid, {} vergeleken met {}:"
    sides = "onderwijs", "zorg en welzijn"
    assert list(crossed(english, dutch.format(*sides))) == []
    (found,) = crossed(english, dutch.format(*sides[::-1]))
    assert found.startswith("sides changed places")
    assert list(mistaken("men compared with women", "vrouwen vergeleken met mannen"))


def test_one_english_has_one_dutch_in_all_twins(path: Path, notebook: Callable[..., Path]) -> None:
    other = notebook("08_netherlands_in_piaac", CELLS)
    text = TWIN.format(stamp(path, 1), stamp(path, 2))
    write_twin(other, text)
    path_of_twin(path).write_text(text, encoding="utf-8")
    assert faults_of(path) == faults_of(other) == []
    write_twin(other, text.replace("by doing = door te doen", "by doing = al doende"))
    assert faults_of(path) == ["'by doing' is 'door te doen', and 'al doende' in 08_netherlands_in_piaac"]
    assert faults_of(other) == ["'by doing' is 'al doende', and 'door te doen' in 09_published_figures"]
    write_twin(other, text.replace("by doing = door te doen", "free: by doing = al doende"))
    assert faults_of(path) == faults_of(other) == []
    twin = read_twin(path_of_twin(other))
    assert text_of_twin(twin).split() == path_of_twin(other).read_text(encoding="utf-8").split()


BAD_CODE = {
    "words in an f-string": ('print(f"trained since {edition}")', "words in an f-string"),
    "words around places": ('print(f"{edition} or {language}, more")', "words in an f-string"),
    "a name in an f-string": ("print(f\"{labels['by doing']}\")", "words in an f-string"),
    "a language": ('print(language="en")', "is of one language: 'en'"),
    "a column of a language": ('frame["label_en"]', "is of one language: 'label_en'"),
}


@pytest.mark.parametrize("case", BAD_CODE)
def test_code_that_cannot_be_translated_is_refused(path: Path, notebook: Callable[..., Path], case: str) -> None:
    code, said = BAD_CODE[case]
    notebook("09_published_figures", [*CELLS, ("code", code)])
    assert said in "\n".join(faults_of(path))
    block = f"<!-- cell-05 {stamp(path, 4)} -->\nen: trained\nnl: opgeleid"
    write_twin(path, f"{TWIN.format(stamp(path, 1), stamp(path, 2))}\n{block}")
    inside = "translates inside an f-string 'trained'" in "\n".join(faults_of(path))
    assert inside == (case == "words in an f-string")


def test_conditions_and_labels_in_an_f_string_are_no_words(path: Path, notebook: Callable[..., Path]) -> None:
    code = "select(f'year == {edition} & age > 2', f'`pooled:{edition}` - `within:{edition}`', f'nea:{edition}')"
    notebook("09_published_figures", [*CELLS, ("code", code)])
    assert faults_of(path) == []
    notebook("09_published_figures", [*CELLS, ("code", "f'`by doing:{edition}`'")])
    assert "words in an f-string" in "\n".join(faults_of(path))


def test_both_languages_side_by_side_need_no_twin(path: Path, notebook: Callable[..., Path]) -> None:
    code = 'LABELS = {"label_nl": "Leert niet", "label_en": "Learns not"}\ngroup(title_en="By age", title_nl="Leeft")'
    notebook("09_published_figures", [*CELLS, ("code", code)])
    assert faults_of(path) == []


def test_english_that_changed_makes_its_twin_stale(path: Path, notebook: Callable[..., Path], project: Path) -> None:
    changed = [("markdown", PROSE.replace("people", "persons")) if cell[0] == "markdown" else cell for cell in CELLS]
    notebook("09_published_figures", changed)
    assert [line[:31] for line in faults_of(path)] == ["cell-02: its English changed si"]
    with pytest.raises(DataError, match="cell-02: its English changed"):
        execute(path, project, {"language": "nl"})
    assert main(["stamp", "09", "cell-02", "--root", str(project)]) == 0
    assert faults_of(path) == []


def test_without_language_or_twin_there_is_no_dutch(path: Path, notebook: Callable[..., Path]) -> None:
    notebook("09_published_figures", CELLS[1:])
    assert "no cell tagged parameters assigns language" in faults_of(path)
    path_of_twin(path).unlink()
    assert faults_of(path) == ["09_published_figures has no Dutch twin."]


def test_directions_are_not_compared_where_a_block_is_free(path: Path) -> None:
    text = TWIN.replace("cell-02 {0}", "cell-02 {0} free").replace("12,5% meer", "12,5% minder")
    write_twin(path, text.format(stamp(path, 1), stamp(path, 2)))
    assert faults_of(path) == []


def test_the_commands_draft_and_check(path: Path, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path_of_twin(path).unlink()
    assert main(["draft", "09", "--root", str(project)]) == 0
    text = path_of_twin(path).read_text(encoding="utf-8")
    assert "by doing = TODO by doing" in text
    assert "nl: TODO Since 2014" in text
    assert main(["check", "--root", str(project)]) == 1
    assert "cell-02: holds TODO" in capsys.readouterr().out
    assert main(["check", "10", "--root", str(project)]) == 2
    english = normalised(read_notebook(path))
    assert drafted(english, read_twin(path_of_twin(path))) == read_twin(path_of_twin(path)), "twice is once"


def test_blocks_follow_cells_that_moved(path: Path, notebook: Callable[..., Path]) -> None:
    twin = read_twin(path_of_twin(path))
    notebook("09_published_figures", [CELLS[0], ("code", "1"), *CELLS[1:]])
    english = normalised(read_notebook(path))
    assert faults(english, twin)
    assert faults(english, drafted(english, twin)) == []
    with pytest.raises(DataError, match="no such cell"):
        stamped(english, twin, ["cell-09"])


WRONG_FILES = {
    "a cell twice": ("<!-- cell-02 12345678 -->\na\n<!-- cell-02 12345678 -->\nb", "a cell twice"),
    "text of no cell": ("Hallo\n", "text of no cell"),
    "a head without a stamp": ("<!-- cell-02 12345678 -->\n<!-- cell-03 -->\n", "head of a twin cannot be read"),
    "a name without Dutch": ("<!-- names -->\nby doing\n", "needs one Dutch name"),
}


@pytest.mark.parametrize("case", WRONG_FILES)
def test_a_twin_that_cannot_be_read_says_why(tmp_path: Path, case: str) -> None:
    text, said = WRONG_FILES[case]
    (tmp_path / "09.md").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=said):
        read_twin(tmp_path / "09.md")


@pytest.mark.parametrize("text", ["en: a\nen: b", "en: a\nnl: b\nhallo", "nl: a", "```en\na\n```\nnl: b\nen: c"])
def test_a_pair_has_two_sides(path: Path, text: str) -> None:
    twin = read_twin(path_of_twin(path))
    twin = twin.with_block(replace(twin.blocks["cell-03"], text=text))
    assert "cell-03: A " in "\n".join(faults(normalised(read_notebook(path)), twin))


def test_a_literal_of_several_lines_is_fenced(notebook: Callable[..., Path]) -> None:
    path = notebook("09", [CELLS[0], ("code", 'x = """\nOne line.\nTwo lines.\n"""')])
    twin = drafted(normalised(read_notebook(path)), Twin())
    assert twin.blocks["cell-02"].text == "```en\nOne line.\nTwo lines.\n```\n```nl\nTODO One line.\nTwo lines.\n```"
    write_twin(path, text_of_twin(twin).replace("TODO One line.\nTwo lines.", "Een regel.\nTwee regels."))
    assert faults_of(path) == []
    made = in_language(normalised(read_notebook(path)), read_twin(path_of_twin(path)))
    assert source_of(made["cells"][1]) == 'x = """\nEen regel.\nTwee regels.\n"""'


LAYOUTS = [
    'say("short")',
    'say("short", s=1)',
    'x = ["short", "short"]',
    'def f():\n    return g("short")',
    'x = (\n    "short"\n    " and"\n)',
    'say(\n    "short"\n)',
    "x = 'short' \\\n    ' and'",
    'x = {"short": "short"}["short"]',
    '"""short"""\nx = 1',
    'x = r"sh" "ort"',
    'match x:\n    case "short":\n        y = "é", "short"',
]


@pytest.mark.parametrize("code", LAYOUTS)
def test_long_literals_are_broken_over_lines(code: str) -> None:
    long = 'Een zin met "aanhalingstekens", een \\ en ruimte  tussen woorden, ' * 3
    made = with_literals(code, lambda _: long)
    assert {one.text for one in literals(made).whole} == {long}
    assert max(map(len, made.splitlines())) <= WIDTH
    assert shape(made) == shape(code)
    assert with_literals(code, lambda one: one.text) == code


def test_what_is_for_readers_is_told_from_code() -> None:
    shown = ["Trained", "often or always", "{a:direction|more|less|not told} {a}", "Change (points)", "x: of all, 2021"]
    code = [
        "training == 1 & age > 2",
        "y ~ x + C(year)",
        "a in ['b c', 'd']",
        "LFS4w_age",
        "hbo_wo",
        "P:2021",
        "not told",
    ]
    assert [text for text in [*shown, *code] if is_prose(text)] == shown


def test_numbers_are_read_in_each_language() -> None:
    english = numbers("1,250 or 12.5 (-0.25 to 3), 2014-2020, and mbo 2-4", "en")
    assert english == numbers("1.250 of 12,5 (-0,25 tot 3), 2014-2020, en mbo 2-4", "nl")
    assert english == ["1250", "12.5", "-.25", "3", "2014", "2020"], "diplomas are names"
    assert numbers("1,250", "en") != numbers("1,250", "nl")


@pytest.mark.parametrize("path", notebooks(ROOT), ids=lambda path: path.stem)
def test_every_notebook_has_a_dutch_twin_that_fits(path: Path) -> None:
    assert faults_of(path) == []
    english: dict[str, Any] = normalised(read_notebook(path))
    dutch = in_language(english, read_twin(path_of_twin(path)))
    for one, other in zip(english["cells"], dutch["cells"], strict=True):
        assert one["cell_type"] == "markdown" or shape(source_of(one)) == shape(source_of(other)), one["id"]
