"""A small grammar for conditions and contrasts: parsed, never evaluated as code."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import unicodedata
from dataclasses import dataclass

from llo_research.errors import DataError

_WORDS = {"&": "and", "|": "or", "~": "not"}
# What SPSS writes in a condition, and how it is written here.
_SPSS = {
    r"(?i)\bselect\s+if\b|\bdo\s+if\b|\bfilter\s+by\b": 'svy.where("..."), with the condition alone',
    r"(?i)\beq\b": "== for EQ",
    r"(?i)<>|\bne\b": "!= for NE and <>",
    r"(?i)\b[gl][te]\b": "> >= < <= for GT GE LT LE",
    r"\b(?:AND|OR|NOT)\b": "and, or, not in small letters",
    r"(?i)\b(?:sys)?mis(?:s|sing)?\s*\(": "isna(x) for MISSING(x)",
    r"(?i)\brange\s*\(": "x >= 1 & x <= 5 for RANGE(x, 1, 5)",
    r"(?i)\bany\s*\(": "x in [1, 2] for ANY(x, 1, 2)",
}
_MARK = "_quoted_name_"
_SCALAR = re.compile(r"u?int\d+|float\d+|str_|bool_?")
# Deeper brackets than anybody writes; far below the depth at which the interpreter gives up.
_MOST_LEVELS = 100
_MOST_CHARACTERS = 20_000


@dataclass(frozen=True)
class Expression:
    """A parsed expression: its tree, its text, and the names behind the backticked ones."""

    tree: ast.expr
    text: str
    quoted: dict[str, str]

    def name(self, node: ast.Name) -> str:
        """The user's name behind a name of the tree."""
        return self.quoted.get(node.id, node.id)

    def names(self) -> list[str]:
        """All names of columns in the expression, once each; those of functions, as isna, are none."""
        called = {id(node.func) for node in ast.walk(self.tree) if isinstance(node, ast.Call)}
        found = [self.name(n) for n in ast.walk(self.tree) if isinstance(n, ast.Name) and id(n) not in called]
        return list(dict.fromkeys(found))


def parse(text: str, *, logical: bool) -> Expression:
    """Parse an expression; with ``logical`` the signs & | ~ bind as "and", "or", "not" do."""
    if not isinstance(text, str) or not text.strip():
        raise DataError("An expression must be text.", found=repr(text)[:60], expected='text, as "age >= 55"')
    if len(text) > _MOST_CHARACTERS:
        raise _too_large(text)
    body, quoted = _unquote(text)
    if logical:
        body = _with_words(body, text)
    try:
        tree = ast.parse(body.strip(), mode="eval").body
    except (RecursionError, MemoryError):
        raise _too_large(text) from None
    except (SyntaxError, ValueError) as error:
        raise DataError(
            "The expression cannot be read.",
            where=shortened(text),
            found=error.msg if isinstance(error, SyntaxError) else str(error),
            todo="names that are not Python names stand in backticks, text in quotes, equality is ==" + _of_spss(text),
        ) from None
    if _depth(tree) > _MOST_LEVELS:
        raise _too_large(text)
    return Expression(_NumpyConstants().visit(tree), text, quoted)


class _NumpyConstants(ast.NodeTransformer):
    """Numpy's printed scalars, as an f-string puts them into a condition: ``np.False_``, ``np.int64(3)``."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """``np.True_`` and ``np.False_``."""
        known = isinstance(node.value, ast.Name) and node.value.id == "np" and node.attr in ("True_", "False_")
        return ast.copy_location(ast.Constant(node.attr == "True_"), node) if known else node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """``np.int64(3)``, ``np.float64(1.5)``, ``np.str_('low')``: the constant in the brackets."""
        maker = node.func
        known = isinstance(maker, ast.Attribute) and isinstance(maker.value, ast.Name) and maker.value.id == "np"
        if known and isinstance(maker, ast.Attribute) and _SCALAR.fullmatch(maker.attr) and not node.keywords:
            inner = node.args[0] if len(node.args) == 1 else None
            value = inner.operand if isinstance(inner, ast.UnaryOp) and isinstance(inner.op, ast.USub) else inner
            if inner is not None and isinstance(value, ast.Constant):
                return inner
        return self.generic_visit(node)


def shortened(text: str) -> str:
    """An expression for a message, cut where it is long."""
    return text if len(text) <= 200 else text[:200] + " ..."


def _too_large(text: str) -> DataError:
    """The error for an expression that nobody wrote by hand."""
    return DataError(
        "The expression is too long or too deeply nested.",
        where=shortened(text),
        found=f"{len(text)} characters",
        expected=f"at most {_MOST_CHARACTERS} characters and {_MOST_LEVELS} levels of brackets and signs",
        todo="use in [...] for many values, a mapping for a contrast of many rows, or svy.assign in steps",
    )


def _depth(tree: ast.AST) -> int:
    """Levels of a tree, counted without recursion."""
    depth, level = 0, [tree]
    while level:
        depth, level = depth + 1, [child for node in level for child in ast.iter_child_nodes(node)]
    return depth


def refuse(node: ast.AST, expression: Expression, allowed: str) -> DataError:
    """The error for a construct outside the grammar."""
    return DataError(
        "The expression uses something outside the grammar.",
        where=shortened(expression.text),
        found=_told(node),
        expected=allowed,
        todo=_of_spss(expression.text).removeprefix("; ") or None,
    )


def _of_spss(text: str) -> str:
    """How conditions of SPSS are written here, when a text has words of it."""
    found = [ours for pattern, ours in _SPSS.items() if re.search(pattern, text)]
    return f"; what SPSS writes is here: {'; '.join(found)}" if found else ""


def _told(node: ast.AST) -> str:
    """A construct in the user's words, where there are any."""
    if isinstance(node, ast.expr):
        return f"{ast.unparse(node)[:60]} ({type(node).__name__})"
    return type(node).__name__


def _unquote(text: str) -> tuple[str, dict[str, str]]:
    """Replace `names in backticks` by plain names, leaving quoted text alone."""
    out: list[str] = []
    quoted: dict[str, str] = {}
    i, quote = 0, ""
    while i < len(text):
        ch = text[i]
        if quote:
            quote = "" if ch == quote else quote
            out.append(ch)
        elif ch == "`":
            end = text.find("`", i + 1)
            if end < 0:
                raise DataError("A backtick is not closed.", where=shortened(text), expected="`a name`")
            stand_in = f"{_MARK}{len(quoted)}"
            quoted[stand_in] = text[i + 1 : end]
            out.append(f" {stand_in} ")
            i = end
        else:
            quote = ch if ch in "'\"" else ""
            # an accent that is a character of its own belongs to the letter before it
            whole = unicodedata.normalize("NFC", out[-1] + ch) if out and unicodedata.combining(ch) else ""
            out[-1:] = [whole] if len(whole) == 1 else [*out[-1:], ch]
        i += 1
    return "".join(out), quoted


def _with_words(body: str, text: str) -> str:
    """Replace the signs & | ~ by the words and, or, not, so that comparisons bind tighter."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(body.strip()).readline))
    except (tokenize.TokenError, SyntaxError):
        raise DataError(
            "The expression cannot be read.", where=shortened(text), todo="check brackets and quotes"
        ) from None
    if any(token.type == tokenize.COMMENT for token in tokens):
        raise DataError(
            "The sign # would make the rest of the expression a comment.",
            where=shortened(text),
            todo="names with # stand in backticks, text in quotes",
        )
    words = [_WORDS.get(token.string, token.string) if token.type == tokenize.OP else token.string for token in tokens]
    return " ".join(word for word in words if word.strip())
