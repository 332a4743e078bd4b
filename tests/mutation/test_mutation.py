"""Proves that the tests notice small changes of the statistical heart; slow: in a sample of changes of every kind."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.mutation.changes import count, mutants
from tests.mutation.modules import PACKAGE, ROOT, TESTS, UNSEEN
from tests.mutation.running import Outcome, run, sample, share

NUMBER, SEED = 200, 1
# Of 104 visible changes in nine of the modules 102 were noticed; below this share the survivors are to be read.
SHARE = 0.95

SOURCE = '''
"""Text."""
from x import y

LIMIT = 3

def f(a, b: int = 1) -> int:
    """Text with 1 + 1."""
    if a < b and not a == 0:
        raise ValueError(f"{a + b} is wrong")
    a -= 0.5
    return -(a @ b) + a[b:] * True
'''


def _changes(source: str) -> list[tuple[str, str]]:
    return [(one.before, one.after) for one in mutants(source, "m.py", range(count(source)))]


def test_every_kind_of_change_is_made_once() -> None:
    head = "if a < b and (not a == 0):"
    last = "return -(a @ b) + a[b:] * True"
    assert sorted(_changes(SOURCE)) == sorted(
        [
            ("LIMIT = 3", "LIMIT = 4"),
            (head, "if a < b or not a == 0:"),
            (head, "if a <= b and (not a == 0):"),
            (head, "if a < b and a == 0:"),
            (head, "if a < b and (not a != 0):"),
            (head, "if a < b and (not a == 1):"),
            ("a -= 0.5", "a += 0.5"),
            ("a -= 0.5", "a -= 1.0"),
            (last, "return -(a @ b) - a[b:] * True"),
            (last, "return a @ b + a[b:] * True"),
            (last, "return --(a @ b) + a[b:] * True"),
            (last, "return -(a @ b) + a[b:] / True"),
            (last, "return -(a @ b) + a[b:]"),
            (last, "return -(a @ b) + True"),
            (last, "return -(a @ b) + a[b + 1:] * True"),
            (last, "return -(a @ b) + a[b:] * False"),
        ]
    )


def test_a_mutant_differs_from_its_module_in_one_statement() -> None:
    whole = ast.unparse(ast.parse(SOURCE)).split("\n")
    for mutant in mutants(SOURCE, "m.py", range(count(SOURCE))):
        lines = mutant.source.split("\n")
        assert len(lines) == len(whole)
        assert [pair for pair in zip(whole, lines, strict=True) if pair[0] != pair[1]] != []
        assert sum(one != other for one, other in zip(whole, lines, strict=True)) == 1
        assert (mutant.function == "f") == (mutant.before != "LIMIT = 3")


@pytest.mark.slow
def test_what_nobody_sees_is_still_there() -> None:
    """A line that was rewritten leaves the list, and is judged anew."""
    lines = {module: ast.unparse(ast.parse((ROOT / PACKAGE / module).read_text("utf-8"))) for module in TESTS}
    lines[""] = "\n".join(lines.values())
    gone = [part for one in UNSEEN for part in one.before if part not in lines.get(one.module, "")]
    assert gone == [] and all(one.reason for one in UNSEEN)


def test_every_module_has_its_tests() -> None:
    assert len(TESTS) >= 8 and all(len(files) >= 2 for files in TESTS.values())


def test_the_share_is_of_what_can_be_seen() -> None:
    mutant = next(mutants(SOURCE, "m.py", [0]))
    outcomes = [Outcome(mutant, how, 1.0) for how in ("caught", "caught", "endless", "survived", "unseen")]
    assert share(outcomes) == 0.75


def test_a_change_is_seen_by_tests_that_look_and_only_by_them(tmp_path: Path) -> None:
    """In processes of their own, without touching the file."""
    module = "numerics/ratios.py"
    path = ROOT / PACKAGE / module
    before = path.read_bytes()
    source = before.decode("utf-8")
    (changed,) = (
        m for m in mutants(source, module, range(count(source))) if m.after.startswith("influence /= weights")
    )
    looks, looks_away = tmp_path / "test_looks.py", tmp_path / "test_looks_away.py"
    head = "import numpy as np\nfrom llo_research.numerics.ratios import cell_means\n\ndef test_it():\n"
    call = "cell_means(np.zeros(2, dtype=int), 1, np.array([[1.0], [3.0]]), np.ones(2))"
    looks.write_text(f"{head}    assert {call}.influence.tolist() == [[-0.5], [0.5]]\n", encoding="utf-8")
    looks_away.write_text(f"{head}    assert {call}.estimate.tolist() == [[2.0]]\n", encoding="utf-8")
    assert [one.how for one in run(module, [str(looks)], [changed])] == ["caught"]
    assert [one.how for one in run(module, [str(looks_away)], [changed])] == ["survived"]
    assert path.read_bytes() == before
    idle = tmp_path / "test_idle.py"
    idle.write_text("def test_it():\n    pass\n", encoding="utf-8")
    with pytest.raises(RuntimeError, match="must pass and import numerics/ratios"):
        list(run(module, [str(idle)], [changed]))


@pytest.mark.slow
def test_changes_are_noticed() -> None:
    outcomes: list[Outcome] = []
    for module, some in sample(list(TESTS), NUMBER, SEED).items():
        outcomes += run(module, TESTS[module], some)
    survivors = [str(one.mutant) for one in outcomes if one.how == "survived"]
    assert len(outcomes) == NUMBER
    assert share(outcomes) >= SHARE, "\n".join(survivors)
