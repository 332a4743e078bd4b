"""The page "Is het echt gestegen?": its text, its tables, and a figure that a slider moves."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any, Protocol

from llo_research.monitor.approximate import effect, sample_of, worth
from llo_research.monitor.site.risen import SURVEY, Change, effective, employees, employers, facts, net, verdict
from llo_research.monitor.site.risen_tables import scrolling, step_table, tipping_table, verdict_table
from llo_research.monitor.site.risen_words import WORDS, said, span_of

AXIS = (-150, 150)
_SPOKEN: tuple[str, ...] = (
    "rose",
    "fell",
    "higher",
    "lower",
    "unknown",
    "sampled",
    "sampled_none",
    "rounded",
    "rounded_none",
)
_SPOKEN += ("size", "published", "net", "net_none")
PATH = "is_het_echt_gestegen.md"
_ROWS = {"published": 46, "net": 112, "employers": 178}
_HEIGHT = 236


class Frame(Protocol):
    """What the site says of the pages that it wants."""

    @property
    def language(self) -> str:
        """Of their text."""


def pages(frame: Frame) -> dict[str, str | bytes]:
    """The page in the frame's language, by the path of its source."""
    language = frame.language
    template = Path(__file__).with_name(f"risen.{language}.md").read_text(encoding="utf-8")
    found, beside = employees(), employers()
    parts = {
        "slider": _raw(slider(found, beside, language)),
        "verdicts": _raw(scrolling(verdict_table(found, language), WORDS[language]["verdicts"])),
        "tipping": _raw(scrolling(tipping_table([*found, *beside], language), WORDS[language]["tipping"])),
        "steps": _raw(scrolling(step_table(language), WORDS[language]["steps"])),
        "absent": "\n".join(f"- {item['what'][language]}: {item['why'][language]}." for item in facts()["absent"]),
        **_numbers(found, beside, language),
    }
    for name, text in parts.items():
        template = template.replace("{{" + name + "}}", text)
    return {PATH: template}


def _raw(text: str) -> str:
    """HTML as MyST takes it."""
    return f"```{{raw}} html\n{text}\n```"


def _numbers(found: Sequence[Change], beside: Sequence[Change], language: str) -> dict[str, str]:
    """Figures that the text names."""
    training = found[0]
    first, last = beside[0], beside[1]

    def points(value: int) -> str:
        return said(value, language).removesuffix(",0" if language == "nl" else ".0")

    waves = {year: sample_of(SURVEY, year) for year in (2020, 2022)}
    numbers = {f"n{year}": sample.n or 0 for year, sample in waves.items() if sample is not None}
    numbers |= {f"effective{year}": effective(year) for year in training.years}
    numbers["implied"] = worth()
    thousands = "." if language == "nl" else ","
    return {
        **{name: f"{value:,}".replace(",", thousands) for name, value in numbers.items()},
        "effect": said(round(10 * effect()), language),
        "questions": str(len(facts()["steps"]["question"])),
        "before": points(training.values[0]),
        "after": points(training.values[1]),
        "change": points(training.size),
        "near": said(training.tipping[0], language),
        "far": said(training.tipping[1], language),
        "sampling": said(training.sampling or 0, language),
        "rounding": said(training.rounding, language),
        "wea": ", ".join(
            f"{points(value)}% ({year})"
            for value, year in zip((*first.values, last.values[1]), (*first.years, last.years[1]), strict=True)
        ),
    }


def data(found: Sequence[Change], beside: Sequence[Change], language: str) -> dict[str, Any]:
    """What the script needs: whole tenths, and words with places to fill."""
    words = WORDS[language]
    return {
        "axis": AXIS,
        "decimal": "," if language == "nl" else ".",
        "words": {name: words[name] for name in _SPOKEN},
        "figures": {
            item.name: {
                "label": item.label[language],
                "years": span_of(item.years),
                "change": item.size,
                "margin": item.margin,
                "sampled": item.sampling is not None,
                "beside": _beside(item, beside, language),
            }
            for item in found
        },
    }


def _beside(item: Change, beside: Sequence[Change], language: str) -> dict[str, Any] | None:
    """The latest change among employers that belongs to a figure of employees; None where there is none."""
    name = {"training": "employers", "agriculture": "employers_agriculture"}.get(item.name, "")
    found = [one for one in beside if one.name == name]
    if not found:
        return None
    words = WORDS[language]["beside"].format(who=WORDS[language][name], years=span_of(found[-1].years))
    return {"label": f"{words}: {said(found[-1].size, language, sign=True)}", **_ends(found[-1])}


def _ends(item: Change) -> dict[str, int]:
    """A change and its interval."""
    return {"at": item.size, "low": item.size - item.margin, "high": item.size + item.margin}


def sentence(item: Change, size: int, language: str) -> str:
    """The verdict on a figure for a size of the break, in a sentence."""
    words, (left, low, high) = WORDS[language], net(item, size)
    template: str = words[("sampled" if item.sampling is not None else "rounded") + ("_none" if size == 0 else "")]
    return template.format(
        label=item.label[language],
        years=span_of(item.years),
        size=said(size, language),
        net=said(left, language, sign=True),
        low=said(low, language, sign=True),
        high=said(high, language, sign=True),
    )


def slider(found: Sequence[Change], beside: Sequence[Change], language: str) -> str:
    """The controls, the verdict and the figure; it stands at no break until the script moves it."""
    words, bounds = WORDS[language], facts()["slider"]
    options = "".join(f'<option value="{item.name}">{escape(item.label[language])}</option>' for item in found)
    told = escape(json.dumps(data(found, beside, language), ensure_ascii=False), quote=False).replace("&gt;", ">")
    span = bounds["highest"] - bounds["lowest"]
    marks = "".join(
        f'<span style="left: {100 * (at - bounds["lowest"]) / span:.2f}%">{said(at, language)[:-2]}</span>'
        for at in range(bounds["lowest"], bounds["highest"] + 1, 50)
    )
    first = found[0]
    return f"""<link rel="stylesheet" href="_static/risen.css">
<section class="llo-risen" aria-label="{words["slider"]}">
<div class="llo-risen-controls" hidden>
<label for="risen-group">{words["figure"]}</label>
<select id="risen-group">{options}</select>
<label for="risen-break">{words["label"]}</label>
<output id="risen-size" for="risen-break">{words["size"].format(size=said(0, language))}</output>
<input id="risen-break" type="range" min="{bounds["lowest"] / 10}" max="{bounds["highest"] / 10}" step="0.1" value="0"
 aria-describedby="risen-scale">
<div class="llo-risen-marks" aria-hidden="true">{marks}</div>
<p id="risen-scale">{words["scale"]}</p>
</div>
<p id="risen-verdict" class="llo-risen-verdict" aria-live="polite" aria-atomic="true"
 data-verdict="{verdict(first, 0)}"><strong>{words[verdict(first, 0)]}.</strong>
 <span>{escape(sentence(first, 0, language))}</span></p>
{_figure(first, beside, language)}
<p class="llo-risen-link" hidden><a id="risen-link" href="#break=0&amp;group={first.name}">{words["link"]}</a></p>
<script type="application/json" id="risen-data">{told}</script>
</section>
<script src="_static/risen.js" defer></script>"""


def _percent(tenths: int) -> str:
    """A place on the axis."""
    return f"{100 * (tenths - AXIS[0]) / (AXIS[1] - AXIS[0]):.3f}%"


def _figure(item: Change, beside: Sequence[Change], language: str) -> str:
    """The change as published, without the break, and that of employers; places in per cent: it fits any width."""
    words = WORDS[language]
    other = _beside(item, beside, language)
    rows = {
        "published": (f"{words['published']}: {said(item.size, language, sign=True)}", _ends(item)),
        "net": (words["net_none"].format(net=said(item.size, language, sign=True)), _ends(item)),
        "employers": (other["label"] if other else "", other or _ends(item)),
    }
    ticks = "".join(
        f'<line class="tick" x1="{_percent(at)}" x2="{_percent(at)}" y1="20" y2="{_HEIGHT - 26}"/>'
        f'<text class="number" x="{_percent(at)}" y="{_HEIGHT - 8}">{said(at, language, sign=True)[:-2]}</text>'
        for at in range(AXIS[0] + 50, AXIS[1], 50)
    )
    zero = f'<line class="zero" x1="{_percent(0)}" x2="{_percent(0)}" y1="14" y2="{_HEIGHT - 26}"/>'
    drawn = "\n".join(
        f'<g data-row="{name}"><text x="0" y="{_ROWS[name] - 18}">{escape(label)}</text>'
        f'<line class="interval" x1="{_percent(at["low"])}" x2="{_percent(at["high"])}" y1="{_ROWS[name]}" '
        f'y2="{_ROWS[name]}"/><circle cx="{_percent(at["at"])}" cy="{_ROWS[name]}" r="6"/></g>'
        for name, (label, at) in rows.items()
    )
    return f"""<figure>
<svg width="100%" height="{_HEIGHT}" role="img" aria-label="{words["alt"]}">
{ticks}{zero}
{drawn}
</svg>
<figcaption>{words["caption"]}</figcaption>
</figure>"""
