"""The one year that a content speaks of, where its rows do not say it."""

from __future__ import annotations

import re

from llo_research.report.content.content import Content
from llo_research.report.content.labels import plain


def one_year(content: Content) -> str:
    """The year of the domain, or of the data; nothing where it is not one."""
    time = (content.meta.get("design") or {}).get("time") or "year"
    conditions = [str(note.get("condition", "")) for note in content.meta.get("domain") or []]
    matched = [re.fullmatch(rf"{re.escape(str(time))}\s*==\s*'?(\d{{4}})'?", text.strip()) for text in conditions]
    years = [found[1] for found in matched if found] or (content.meta.get("source") or {}).get("years") or []
    return plain(years[0]) if len(years) == 1 else ""
