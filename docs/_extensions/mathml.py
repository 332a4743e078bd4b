"""Mathematics as MathML, written when the site is built: browsers show it themselves, no script or font is loaded."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)
ALIGNED = re.compile(r"\\(begin|end)\{(?:aligned|align\*?|split|gathered)\}")
NAMES = re.compile(r"\\(?:mathrm|text)\{([A-Za-z]{2,})\}")
BARE_AMPERSAND = re.compile(r"&(?!#x?[0-9A-Fa-f]+;|\w+;)")


def to_mathml(latex: str, *, block: bool) -> str:
    """LaTeX as MathML.

    Raises
    ------
    ValueError
        When the converter gives something that is no well-formed MathML.
    """
    source = ALIGNED.sub(
        lambda match: f"\\{match[1]}{{array}}" + ("{rl}" if match[1] == "begin" else ""), latex.strip()
    )
    source = NAMES.sub(r"\\operatorname{\1}", source)
    try:
        markup = convert(source, display="block" if block else "inline")
    except Exception as error:  # the converter raises errors of many unrelated classes
        raise ValueError(f"{type(error).__name__}: {error}") from error
    markup = re.sub(r"<mo>([A-Za-z]{2,})</mo>", r"<mi>\1</mi>", markup)  # a name is no operator: no space around it
    if BARE_AMPERSAND.search(markup) or "\\" in ElementTree.fromstring(markup).itertext().__next__():
        raise ValueError("a command that the converter does not know")
    return markup.replace("<math ", f'<math class="{"block" if block else "inline"}" ', 1)


def _shown(translator: object, node: nodes.math | nodes.math_block, *, block: bool) -> str:
    """MathML, or the LaTeX source with a warning."""
    try:
        return to_mathml(node.astext(), block=block)
    except (ValueError, ElementTree.ParseError) as error:
        LOGGER.warning("mathematics not understood: %s (%s)", node.astext(), error, location=node)
        return f"<code>{translator.encode(node.astext())}</code>"


def visit_math(translator: object, node: nodes.math) -> None:
    """Mathematics inside a sentence."""
    translator.body.append(_shown(translator, node, block=False))
    raise nodes.SkipNode


def visit_displaymath(translator: object, node: nodes.math_block) -> None:
    """A formula on a line of its own, with its number when it has one."""
    number = f'<span class="eqno">({node["number"]})</span>' if node.get("number") else ""
    identifier = f' id="{node["ids"][0]}"' if node.get("ids") else ""
    translator.body.append(
        f'<div class="formula" tabindex="0"{identifier}>{_shown(translator, node, block=True)}{number}</div>'
    )
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the renderer under the name ``mathml``."""
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_displaymath, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
