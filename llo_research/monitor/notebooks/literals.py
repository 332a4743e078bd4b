"""String literals of Python code: where they stand, which of them are words for readers, and the code with others."""

from __future__ import annotations

import ast
import json
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

WIDTH = 110
_SHORT = 30  # a literal that is not broken over lines, however long its line
_OF_ONE_LANGUAGE = re.compile(r"_(nl|en)$")
_OPERATORS = re.compile(r"[=<>&|~*+/\[\]'\"]|\w\(")
_WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True)
class Literal:
    """A string literal, its adjacent pieces taken together.

    start, end : positions in the code as UTF-8, in bytes.
    is_key : whether it is a key of a dictionary that is written out.
    is_of_one_language : whether it stands in both languages already, as ``label_nl`` or ``label_en``.
    """

    text: str
    start: int
    end: int
    is_key: bool = False
    is_of_one_language: bool = False


@dataclass(frozen=True)
class Literals:
    """All literals of some code, and the texts of its f-strings, which cannot be replaced."""

    whole: tuple[Literal, ...]
    in_f_strings: tuple[str, ...]


@cache
def literals(code: str) -> Literals:
    """The string literals of code, in order; code that IPython alone understands has none."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return Literals((), ())
    starts = [0]
    for line in code.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    whole: list[Literal] = []
    inside: list[str] = []
    for node, is_key, own in _constants(tree):
        if isinstance(node, ast.JoinedStr):
            inside += _in_f_string(node)
        else:
            start = starts[node.lineno - 1] + node.col_offset
            end = starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)
            whole.append(Literal(str(node.value), start, end, is_key, own))
    return Literals(tuple(sorted(whole, key=lambda one: one.start)), tuple(inside))


def _in_f_string(node: ast.JoinedStr) -> list[str]:
    """The text of an f-string, with ``x`` for what is filled in, and the literals in what is filled in."""
    text = "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)
    filled = (one for part in node.values if isinstance(part, ast.FormattedValue) for one in ast.walk(part.value))
    return [text, *(str(one.value) for one in filled if isinstance(one, ast.Constant) and _is_text(one))]


def _constants(node: ast.AST, is_key: bool = False, own: bool = False) -> Iterator[tuple[ast.Constant, bool, bool]]:
    """String constants and, whole, f-strings below a node; whether each is a key, or of one language."""
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and _is_text(node)):
        yield node, is_key, own  # type: ignore[misc]  # an f-string is told apart by the caller
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            told = isinstance(key, ast.Constant) and bool(_OF_ONE_LANGUAGE.search(str(key.value)))
            if key is not None:
                yield from _constants(key, True, told)
            yield from _constants(value, False, told)
    elif isinstance(node, ast.keyword):
        yield from _constants(node.value, False, bool(_OF_ONE_LANGUAGE.search(node.arg or "")))
    else:
        for child in ast.iter_child_nodes(node):
            yield from _constants(child, False, own)


def _is_text(node: ast.Constant) -> bool:
    """Whether a constant is text."""
    return isinstance(node.value, str)


def is_prose(text: str) -> bool:
    """Whether a literal looks like words for readers: it has a space or a capital, and is no formula or condition."""
    shown = re.sub(r"`[^`]*`", "", text).strip()
    if not _WORD.search(re.sub(r"\{[^{}|]*\}", " ", shown)) or not (" " in shown or shown.lower() != shown):
        return False
    if re.fullmatch(r"\w*[\d_]\w*|[\w./-]+\.\w+|not \w+", shown):  # a series, a constant, a file, a condition
        return False
    return not _is_code(shown)


def _is_code(text: str) -> bool:
    """Whether a text is a condition or formula."""
    if not _OPERATORS.search(text) or re.search(r"[^\W\d_]{2,} \(", text):
        return False
    try:
        ast.parse(text.replace("~", "==").replace("`", ""), mode="eval")
    except SyntaxError:
        return False
    return True


def with_literals(code: str, replace: Callable[[Literal], str]) -> str:
    """Code in which each literal has the text that ``replace`` gives for it; the rest is left as it is."""
    raw = code.encode()
    for one in reversed(literals(code).whole):
        text = replace(one)
        if text != one.text:
            before, after = raw[: one.start].decode(), raw[one.end :].decode()
            raw = _placed(before, text, after).encode()
    return raw.decode()


def _placed(before: str, text: str, after: str) -> str:
    """A literal between the code before and after it, broken over lines where its line would be too long."""
    head, tail = before.rpartition("\n")[2], after.partition("\n")[0]
    if text.count("\n") > 1 and '"""' not in text and "\\" not in text:
        return f'{before}"""{text}"""{after}'
    whole = json.dumps(text, ensure_ascii=False)
    if len(whole) <= _SHORT or len(head) + len(whole) + len(tail) <= WIDTH:
        return before + whole + after
    margin = " " * (len(head) - len(head.lstrip()))
    in_brackets = before.rstrip().endswith("(") and after.lstrip().startswith(")")
    if in_brackets and not head.strip():
        return before + f"\n{margin}".join(_pieces(text, len(margin))) + after
    lines = f"\n{margin}    ".join(["", *_pieces(text, len(margin) + 4)]) + f"\n{margin}"
    return f"{before}{lines}{after}" if in_brackets else f"{before}({lines}){after}"


def _pieces(text: str, margin: int) -> list[str]:
    """Adjacent literals that are the text together, broken at spaces."""
    wrapper = textwrap.TextWrapper(
        width=WIDTH - margin - 2, drop_whitespace=False, break_long_words=False, break_on_hyphens=False
    )
    return [f'"{line}"' for line in wrapper.wrap(json.dumps(text, ensure_ascii=False)[1:-1])]
