"""Pages of the API reference: one for each public name, and an overview with what is stable and what is not."""

from __future__ import annotations

import inspect
import re
from importlib import import_module

import llo_research
from llo_research.monitor.site.registry import Frame, Pages

_ROLE = re.compile(r":\w+:`~?([^`]+)`")
EXPERIMENTAL = frozenset(
    {
        "banner",
        "ranks",
        "meta_analysis",
        "inequality",
        "rif",
        "gap_closing",
        "four_parts",
        "age_period_cohort",
        "omitted_variable_bias",
        "attack",
    }
) | {*("beside", "beside_truth", "estimates", "figures", "opening", "read_edition", "surveys", "tally")}
# Groups of the overview, in order: title, one sentence, and the names. A public name in none of them comes at the end.
GROUPS: dict[str, tuple[str, str]] = {
    "Data": ("From files to surveys.", "load read_microdata read_file instruments codebook published synthetic truth"),
    "Survey": ("Data with their design.", "Survey scan read_survey stack item_mean"),
    "Weighting": (
        "Each returns a new Survey.",
        "calibrate poststratify trim adjust_nonresponse combine_parts replicate weight_report EstimatedTotals "
        "weighting",
    ),
    "Estimation": (
        "Each takes what to estimate and a Survey, and returns a Result.",
        "mean share total ratio variance quantile gap change gap_change rank_gap trend break_robustness suppose_break "
        "crosstab correlation covariance ranks meta_analysis narrowing joint combine_imputations",
    ),
    "Results": ("What every estimator returns.", "Result read_result"),
    "Regression": ("Models with design-based covariance.", "glm ordered compare"),
    "Panel": ("Models of people followed over time.", "panel"),
    "Decomposition": ("What a gap, or its change, consists of.", "decomposition"),
    "Report": ("Tables and figures of any result.", "report banner"),
    "Monitor": ("Chapters and editions.", "monitor"),
    "Errors and warnings": (
        "One tree; each message says what, where, what was found, what was expected, what to do.",
        "LloError DataError DesignError CalibrationError IdentificationError DisclosureError LloWarning "
        "LloDeprecationWarning",
    ),
}
_ALSO = {"Result": "llo_research.results.result", "monitor": "llo_research.monitor"}
_SHOWN_ELSEWHERE = {"__version__"}


def public_names() -> list[str]:
    """Every public name, and those that users meet without importing them."""
    names = [name for name in llo_research.__all__ if name not in _SHOWN_ELSEWHERE]
    return [*names, *(name for name in _ALSO if name not in names)]


def grouped() -> dict[str, list[str]]:
    """Public names by group, in the order of the groups; what no group lists comes under ``Other``."""
    names = public_names()
    result = {title: [name for name in text.split() if name in names] for title, (_, text) in GROUPS.items()}
    listed = {name for group in result.values() for name in group}
    result["Other"] = [name for name in names if name not in listed]
    return {title: group for title, group in result.items() if group}


def tag(name: str) -> str:
    """``stable`` or ``experimental``."""
    return "experimental" if name.rpartition(".")[2] in EXPERIMENTAL else "stable"


def pages(frame: Frame | None = None) -> Pages:
    """Text of each page by its path below the sources; in English, as the docstrings are."""
    result: Pages = {}
    rows = ["# API reference", "", _INTRODUCTION]
    menu: list[str] = []
    for title, names in grouped().items():
        sentence = GROUPS.get(title, ("",))[0]
        rows += ["", f"## {title}", "", sentence, "", "| name | status | what it does |", "|---|---|---|"]
        shown = {own: told for name in names for own, told in _member_pages(name).items()}
        result |= {f"reference/api/{own}.md": text + _see_also(own, list(shown)) for own, (text, _) in shown.items()}
        rows += [f"| [`llo.{own}`](api/{own}.md) | {_badge(own)} | {line} |" for own, (_, line) in shown.items()]
        menu += [f"api/{own}" for own in shown]
    rows += ["", "```{toctree}", ":hidden:", "", *menu, "```", ""]
    result["reference/api.md"] = "\n".join(rows)
    result["_generated/flags.md"] = _flags()
    return result


def _see_also(name: str, group: list[str]) -> str:
    """Links to the others of a group: those of the same subpackage where it has one."""
    inside = name.partition(".")[0] if "." in name else ""
    others = [own for own in group if own != name and (own.startswith(f"{inside}.") if inside else "." not in own)]
    return f"\n**See also**: {', '.join(f'[`llo.{own}`]({own}.md)' for own in others)}.\n" if others else ""


def _flags() -> str:
    """The table of flags, for the glossary."""
    from llo_research.results.columns import FLAGS

    rows = [f"| `{flag}` | {said} |" for flag, said in FLAGS.items()]
    return "\n".join(["| flag | what it says |", "|---|---|", *rows, ""])


_MEANS = {
    "stable": "Goes only after a warning through two minor versions.",
    "experimental": "May change in any minor version.",
}
_INTRODUCTION = (
    "Everything a researcher types, as `import llo_research as llo`. "
    "*Stable* names keep their arguments, options and result columns: what will go warns first "
    "(`LloDeprecationWarning`, with what to write instead) through two minor versions. What warns since 1.1 works in "
    "1.1 and 1.2, and may be gone in 1.3. *Experimental* names may change in any minor version, as the changelog says. "
    "Numbers are not part of that promise: one that was wrong is mended at once, and the changelog says which. "
    "The columns of every result are in the [glossary](glossary.md)."
)


def _member_pages(name: str) -> dict[str, tuple[str, str]]:
    """Pages of a name, or of each public name of a subpackage: {name: (text, first line of its docstring)}."""
    if name in _ALSO and not inspect.ismodule(getattr(llo_research, name, None)) and name != "monitor":
        return {name: _page(name, _ALSO[name], getattr(import_module(_ALSO[name]), name))}
    value = import_module(_ALSO[name]) if name == "monitor" else getattr(llo_research, name)
    if inspect.ismodule(value):
        members = [own for own in getattr(value, "__all__", []) if _belongs(own, getattr(value, own))]
        return {f"{name}.{own}": _page(own, value.__name__, getattr(value, own), shown=name) for own in members}
    return {name: _page(name, "llo_research", value)}


def _belongs(name: str, value: object) -> bool:
    """Whether a member has a page under its subpackage: no module, and not a public name of the library itself."""
    is_public = name in llo_research.__all__ and getattr(llo_research, name) is value
    return not inspect.ismodule(value) and not is_public


def _page(name: str, module: str, value: object, shown: str = "") -> tuple[str, str]:
    """One page, and the first line of the docstring."""
    full = f"llo.{shown}.{name}" if shown else f"llo.{name}"
    kind = "autoclass" if inspect.isclass(value) else "autofunction" if callable(value) else "autodata"
    options = ["   :members:"] if inspect.isclass(value) and not issubclass(value, BaseException | Warning) else []
    text = [
        f"# {full}",
        "",
        f"{_badge(name)} [{_MEANS[tag(name)]}](../api.md)",
        "",
        "```{eval-rst}",
        f".. {kind}:: {module}.{name}",
        *options,
        "```",
        "",
    ]
    line = (inspect.getdoc(value) or "").partition("\n")[0]
    return "\n".join(text), _ROLE.sub(r"`\1`", line).replace("|", "\\|").replace("``", "`")


def _badge(name: str) -> str:
    """The tag of a name, as the pages show it."""
    word = tag(name)
    return f"[{word}]{{.llo-tag .{word}}}"
