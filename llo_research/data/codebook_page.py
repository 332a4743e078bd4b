"""A codebook as a page to read: what is verified first, then a table a group, harmonised variables before questions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from llo_research.data.codebook_frames import book_of
from llo_research.data.instrument import Instrument, in_english, instrument_of, table_of

_INTRO = (
    "Made from `llo_research/data/instruments/{name}.toml` by `llo_research.data.codebook_page`; "
    '`llo.codebook("{name}")` gives the same as a frame.'
)
_STATUS = {
    "verified": "verified",
    "unverified": "**not verified**",
    "proxy": "proxy",
}


def codebook_page(name: str) -> str:
    """The codebook of an instrument in Markdown.

    Parameters
    ----------
    name : str
        A name of :func:`llo_research.instruments`.

    Returns
    -------
    str
        Headings and tables, a table for each group of variables.
    """
    item = instrument_of(name)
    book = book_of(item)
    about = item.about
    lines = [
        f"# {about['title']['en']}",
        "",
        _INTRO.format(name=name),
        "",
        f"*{about['title']['nl']}*. Population: {about['population']['en']}. Kind of data: {about['kind']}.",
        f"Reference period: {about['reference_period']['en']}. Credit: {in_english(about['credit'])}.",
        "",
        *_design(item),
        *_counts(book),
    ]
    asked = book[book["wording_status"] != "not asked"]
    for group, label in (table_of(item.raw, "groups") or {"": {"en": "Variables", "nl": "Variabelen"}}).items():
        rows = asked[asked["group"] == group]
        if rows.empty:
            continue
        lines += ["", f"## {label['en']} ({label['nl'].lower()})", ""]
        for kind, title in (("harmonised", "What is computed with"), ("own", "Questions and columns of the file")):
            part = rows[rows["kind"] == kind]
            if not part.empty:
                lines += [f"### {title}: {label['en'].lower()}", "", *_table(part), ""]
    not_carried = book[book["wording_status"] == "not asked"]
    if not not_carried.empty:
        lines += ["## What it cannot carry", ""]
        lines += [f"- `{row.variable}`: {row.definition}" for row in not_carried.itertuples()]
    return "\n".join(lines).rstrip() + "\n"


def _design(item: Instrument) -> list[str]:
    """Weights, strata, halves and breaks in sentences."""
    design = item.design
    lines = [f"- Weight: `{design['weight']}` ({design.get('weight_kind', 'expansion')})."]
    if "proportional" in design:
        lines.append(f"- Without it: `{design['proportional']}` (mean 1; no totals).")
    if "strata" in design:
        lines.append(f"- Strata: {', '.join(f'`{name}`' for name in design['strata'])}.")
    if "halves" in design:
        halves = ", ".join(f"`{name}`" for name in design["halves"].values())
        lines.append(
            f"- Two halves since {design['halves_from']}: {halves}. The half of a question is {_halves(design)}."
        )
    lines += [f"- Break {item['time']}: {item['what']['en']} ({item['source']})." for item in design.get("breaks", ())]
    return [*lines, ""]


def _counts(book: pd.DataFrame) -> list[str]:
    """How much of it is verified."""
    asked = book[book["wording_status"] != "not asked"]
    counts = asked["wording_status"].value_counts()
    words = ", ".join(f"{number} {status}" for status, number in counts.items())
    return [f"Of {len(asked)} variables: {words}.", ""]


def _halves(design: Mapping[str, Any]) -> str:
    """What is known of which half was asked what."""
    return str(design["halves_source"])


def _table(rows: pd.DataFrame) -> list[str]:
    """Variables as a table: name and status, meaning and codes, when and of whom it was asked."""
    lines = ["| variable | meaning | asked |", "| --- | --- | --- |"]
    for row in rows.assign(half=rows["half"].map(lambda half: half or "")).astype(str).to_dict("records"):
        status = _STATUS.get(row["wording_status"], row["wording_status"])
        meaning = [f"{row['label_nl']}", f"{row['label_en']}"]
        meaning += [f"*{row['question']}*"] if row["question"] else []
        meaning += [row["definition"]] if row["definition"] else []
        meaning += [row["codes_en"]] if row["codes_en"] else []
        meaning += [f"Source: {row['source']}"] if row["source"] and row["wording_status"] == "verified" else []
        asked = [row["years_asked"]]
        asked += [f"figures of {row['years_published']}"] if row["years_published"] else []
        asked += [f"half {row['half']}: `{row['weight']}`"] if row["half"] else []
        asked += [row["universe"]] if row["universe"] != "everyone" else []
        cells = [f"`{row['variable']}`<br>{status}", "<br>".join(meaning), "<br>".join(asked)]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return lines
