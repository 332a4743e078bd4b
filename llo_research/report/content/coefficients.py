"""What a figure draws of a model: all coefficients but its constants, which are on a scale of their own."""

from __future__ import annotations

from dataclasses import replace

from llo_research.report.content.content import Content
from llo_research.report.content.labels import said
from llo_research.report.content.model_words import COMPARISONS
from llo_research.report.content.steps import take
from llo_research.report.content.terms import is_constant, variables_of


def without_constants(content: Content) -> Content:
    """The content without its constants, with a note that says so; those that may not be seen stay as withheld."""
    if "term" not in content.raw or "contrast" in content.meta or "models" in content.meta:
        return content
    terms = content.raw["term"].astype(str)
    gone = [
        i
        for i, term in enumerate(terms)
        if is_constant(variables_of(term)) and not (content.withheld and content.withheld[i])
    ]
    kept = [i for i in range(len(terms)) if i not in gone]
    if not gone or not kept:
        return content
    kinds = dict.fromkeys("thresholds" if "|" in terms[i] else "constant" for i in gone)
    note = " ".join(said(COMPARISONS, kind, content.language) for kind in kinds)
    return replace(take(content, kept), notes={**content.notes, "constant": note})
