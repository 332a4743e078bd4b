"""Proves that library code reads no clock, no locale, no global random state and no environment but LLO_DATA."""

from __future__ import annotations

import ast
from pathlib import Path

FORBIDDEN = {
    "time": {"time", "time_ns", "localtime", "strftime", "ctime"},
    "datetime": {"now", "today", "utcnow"},
    "date": {"today"},
    "locale": {"setlocale", "getlocale", "getpreferredencoding", "getdefaultlocale"},
    "random": {"seed", "rand", "randn", "random", "randint", "choice", "shuffle", "permutation", "normal", "uniform"},
}
ENVIRONMENT = "LLO_DATA"
# Records when a file was obtained from elsewhere, and refuses a date that has not come; no result depends on either.
MAY_READ_THE_CLOCK = {"llo_research/data/fetch.py", "llo_research/results/profiles/read.py"}


def reads_environment(node: ast.AST, environment_names: set[str]) -> bool:
    """Whether a node is `os.environ` or `os.getenv`, used for anything but the one allowed name."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        target, argument = node.func, node.args[0] if node.args else None
        of_environ = isinstance(target.value, ast.Attribute) and target.value.attr == "environ"
        if of_environ or target.attr == "getenv":
            return not (isinstance(argument, ast.Constant | ast.Name) and _text(argument) in environment_names)
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == "environ":
        return _text(node.slice) not in environment_names
    return False


def _text(node: ast.AST) -> str:
    """A constant's value or a name."""
    return str(node.value) if isinstance(node, ast.Constant) else getattr(node, "id", "")


def impurities(source: str) -> list[str]:
    """What a module reads from its surroundings, with line numbers."""
    tree, found = ast.parse(source), []
    constants = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and node.value.value == ENVIRONMENT
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if reads_environment(node, {ENVIRONMENT} | constants):
            found.append(f"line {node.lineno}: environment")
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        owner = node.func.value
        name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
        if node.func.attr in FORBIDDEN.get(name, set()):
            found.append(f"line {node.lineno}: {name}.{node.func.attr}")
        if node.func.attr == "default_rng" and not (node.args or node.keywords):
            found.append(f"line {node.lineno}: a generator without a seed")
    return found


def test_library_code_depends_on_its_arguments_only(tracked: list[Path], root: Path) -> None:
    found = {}
    for path in tracked:
        name = path.relative_to(root).as_posix()
        if name.startswith("llo_research/") and path.suffix == ".py" and name not in MAY_READ_THE_CLOCK:
            found[name] = impurities(path.read_text("utf-8"))
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_the_rule_can_fail() -> None:
    assert impurities("import time\nx = time.time()\n") == ["line 2: time.time"]
    assert impurities("x = np.random.normal(0, 1)\n") == ["line 1: random.normal"]
    assert impurities("x = np.random.default_rng()\n") == ["line 1: a generator without a seed"]
    assert impurities("x = np.random.default_rng(seed)\n") == []
    assert impurities("x = os.environ.get('HOME')\n") == ["line 1: environment"]
    assert impurities("x = os.environ['HOME']\n") == ["line 1: environment"]
    assert impurities("NAME = 'LLO_DATA'\nx = os.environ.get(NAME)\ny = os.environ['LLO_DATA']\n") == []
    assert impurities("x = datetime.date.today()\n") == ["line 1: date.today"]
