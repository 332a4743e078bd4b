"""What a figure gives a notebook: a picture, and all that a page of the site needs to show it in another form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import pandas as pd

from llo_research.report.figures import saving
from llo_research.report.figures.fingerprint import fingerprint
from llo_research.report.figures.picture import Picture

MIME = "application/vnd.llo.figure+json"
_DECIMALS = 6  # of the rows in a notebook: what every machine agrees on, as in the fingerprint


class Shown(Picture, Protocol):
    """A figure as far as a notebook shows it."""

    @property
    def kind(self) -> str:
        """What it is drawn as."""

    @property
    def wording(self) -> Any:
        """Its texts."""

    @property
    def more(self) -> tuple[str, ...]:
        """What else is to be said of the figures."""

    def narrow(self) -> Shown:
        """For a telephone."""

    def drawing(self) -> Shown:
        """Without texts."""


def bundle(figure: Shown) -> tuple[dict[str, Any], dict[str, Any]]:
    """Data and metadata by mime type: the SVG, the words, and under :data:`MIME` what the site makes its page of.

    Of the last: ``narrow`` is the drawing for a telephone, as SVG without title and foot; ``rows`` the numbers as CSV,
    to six decimals; ``call`` what was asked of the estimator; ``numbers`` the fingerprint of the rows.
    """
    numbers, wording = fingerprint(figure.frame), figure.wording
    data = {
        "image/svg+xml": saving.svg(figure),
        "text/plain": figure.alt_text,
        MIME: {
            "name": saving.own_name(figure),
            "kind": figure.kind,
            "language": figure.content.language,
            "synthetic": figure.content.synthetic,
            "title": wording.title,
            "subtitle": wording.subtitle,
            "notes": list(wording.foot),
            "more": list(figure.more),
            "narrow": saving.drawn(figure.narrow().drawing(), wording.title),
            "rows": saving.csv(_rounded(figure.frame)),
            "call": call_told(figure.content.meta),
            "numbers": numbers,
        },
    }
    return data, {"image/svg+xml": {"alt": figure.alt_text}, "llo": {"numbers": numbers}}


def _rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows without the noise of a machine."""
    out = frame.copy()
    for name in out.columns:
        if pd.api.types.is_float_dtype(out[name]):
            out[name] = out[name].round(_DECIMALS) + 0.0
    return out


def call_told(meta: Mapping[str, Any]) -> str:
    """What was asked of the estimator: its name and the arguments that it was given; empty for figures of others."""
    return _call_text(meta.get("call") or {})


def _call_text(told: Mapping[str, Any]) -> str:
    """A call as code: ``mean(variables=['training'], by='sex')``; one of several results with theirs inside,
    or dots for one of which nothing is known.
    """
    call = dict(told)
    name = call.pop("function", "")
    given = []
    for role, value in call.items():
        if isinstance(value, Mapping) and value and all(isinstance(one, Mapping) for one in value.values()):
            inner = ", ".join(f"{word!r}: {_call_text(one) or '...'}" for word, one in value.items())
            given.append(f"{{{inner}}}")
        elif value not in (None, False, [], ()) and _is_plain(value):
            given.append(f"{role}={value!r}")
    return f"{name}({', '.join(given)})" if name else ""


def _is_plain(value: Any) -> bool:
    """Whether a value reads in one line: text, numbers, or a list of them."""
    items = value if isinstance(value, list | tuple) else [value]
    return all(isinstance(item, str | int | float) for item in items)
