"""The weight report as tables and figures: what each weighting step did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from llo_research.errors import DataError, DisclosureError
from llo_research.estimation.weight_report import EXTREMES
from llo_research.report.content import notes
from llo_research.report.content.content import Content
from llo_research.report.content.estimates import estimates_content
from llo_research.report.content.labels import LANGUAGES, capital, check_language
from llo_research.report.content.numbers import number, unit_text, with_unit
from llo_research.report.content.scale import Scale
from llo_research.report.figures.figures import Figure
from llo_research.report.figures.histogram import Histogram
from llo_research.report.figures.wording import wording
from llo_research.report.tables.tables import EMPTY, Table, table_of_content
from llo_research.results.floors import HIDDEN, margins_without_few, withheld
from llo_research.results.rules import AUTO, check_disclosure_option, profile_for

KINDS = ("margins", "outcomes", "g")
_WORDS = {
    "base weights": ("uitgangsgewichten", "base weights"),
    "nonresponse": ("nonrespons", "nonresponse"),
    "calibration": ("kalibratie", "calibration"),
    "trimming": ("aftoppen", "trimming"),
    "parts combined": ("delen samengevoegd", "parts combined"),
    "step": ("stap", "step"),
    "n": ("n", "n"),
    "sum_weights": ("som van de gewichten", "sum of weights"),
    "weight_median": ("gewicht, mediaan", "weight, median"),
    "weight_range": ("gewicht, bereik", "weight, range"),
    "g_range": ("g, bereik", "g, range"),
    "deff_kish": ("designeffect (Kish)", "design effect (Kish)"),
    "n_eff": ("effectieve n", "effective n"),
    "margin": ("randtotaal", "margin"),
    "before": ("vooraf", "before"),
    "now": ("nu", "now"),
    "target": ("doel", "target"),
    "group": ("groep", "group"),
    "row": ("rij", "row"),
    "base_weight": ("uitgangsgewicht", "base weight"),
    "weight": ("gewicht", "weight"),
    "g": ("g", "g"),
    "share": ("aandeel (%)", "share (%)"),
    "moment": ("moment", "moment"),
    "change": ("gewicht gedeeld door uitgangsgewicht", "weight divided by base weight"),
    "away": ("afwijking van het doel (%)", "difference from the target (%)"),
    "title steps": ("Weging: stappen", "Weighting: steps"),
    "title margins": ("Weging: randtotalen vooraf en nu", "Weighting: margins before and now"),
    "title largest": ("Weging: de grootste gewichten", "Weighting: the largest weights"),
    "title outcomes": ("Uitkomsten na elke stap van de weging", "Outcomes after each step of the weighting"),
    "title g": ("Hoe de weging de gewichten veranderde", "How weighting changed the weights"),
}


def _word(key: str, language: str) -> str:
    """A word of this module; the key itself where there is none."""
    pair = _WORDS.get(key)
    return key if pair is None else pair[LANGUAGES.index(language)]


def weight_table(result: Any, part: str, digits: int, language: str, disclosure: str = AUTO) -> Table:
    """A table of a weight report (its steps) or of one of its parts."""
    guard, few = _guard(result, part, disclosure), 0
    check_language(language)
    frame = result.steps if part == "report" else result
    if len(frame) == 0:
        raise DataError("This part of the weight report has no rows.", found=part, todo="weight_report(svy, outcomes)")
    if part == "outcomes":
        return table_of_content(_outcomes(frame, digits, language, disclosure))
    if guard:
        frame = frame.assign(**{name: np.nan for name in EXTREMES if name in frame})
        frame, few = _without_few(frame, part, disclosure)
    makers = {"margins": _margin_columns, "largest": _largest_columns, "distribution": _distribution_columns}
    columns, main = makers.get(part, _step_columns)(frame, digits, language)
    name = "g" if part == "distribution" else part if part in makers else "steps"
    content = _content(frame, columns[0][1], main, _word(f"title {name}", language), language, digits)
    told = _told(result, language, guard) if part == "report" else _told_few(few, language)
    return Table(
        content=content,
        frame=pd.DataFrame({head: texts for head, texts, _ in columns}, dtype=object),
        alignment="".join(side for _, _, side in columns),
        row_heads=sum(side == "l" for _, _, side in columns),
        title=content.what,
        notes=(*told, *content.notes.values()),
    )


def _guard(report: Any, part: str, disclosure: str) -> bool:
    """Whether the ends of weights are withheld; what shows persons one by one is refused."""
    frame = report.steps if part == "report" else report
    guarded = profile_for(_meta(frame), disclosure) is not None
    if guarded and part in ("largest", "distribution"):
        raise DisclosureError(
            "Weights of single persons may not be seen.",
            where=f"the part {part} of the weight report",
            found="restricted files",
            expected="the steps, the margins, or the outcomes",
            todo="llo.report.table(report); disclosure='off' shows it to you alone",
        )
    return guarded


def _without_few(frame: pd.DataFrame, part: str, disclosure: str) -> tuple[pd.DataFrame, int]:
    """Margins without the sums of few people, and how many those are."""
    chosen = profile_for(_meta(frame), disclosure)
    if part != "margins" or chosen is None:
        return frame, 0
    shown, hidden = margins_without_few(frame, chosen[1])
    return shown, int(hidden.sum())


def _told_few(few: int, language: str) -> tuple[str, ...]:
    """How many margins are withheld."""
    if not few:
        return ()
    nl = language == "nl"
    return (f"Afgeschermd: {few} randtotalen van weinig mensen." if nl else f"Withheld: {few} margins of few people.",)


Column = tuple[str, list[str], str]


def _head(key: str, language: str) -> str:
    """A head of a column; symbols stay small."""
    text = _word(key, language)
    return text if len(text) == 1 or text.startswith("g,") else capital(text)


def _meta(frame: pd.DataFrame) -> dict[str, Any]:
    """What a part of the report says of its source and call."""
    return {str(name): value for name, value in frame.attrs.items()}


def _numeric(frame: pd.DataFrame, name: str, language: str, places: int | None, factor: float = 1.0) -> Column:
    """A column of numbers as texts; `places` None: by the size of the numbers."""
    values = pd.to_numeric(frame[name]).to_numpy(dtype=np.float64) * factor
    shown = _places(values) if places is None else places
    return _head(name, language), [number(v, shown, language) or EMPTY for v in values], "r"


def _places(values: np.ndarray) -> int:
    """Decimals that show three digits of the typical number, none for thousands."""
    known = np.abs(values[np.isfinite(values) & (values != 0)])
    return 0 if len(known) == 0 else int(np.clip(2 - np.floor(np.log10(np.median(known))), 0, 4))


def _range(frame: pd.DataFrame, stem: str, language: str) -> Column:
    """Smallest to largest."""
    low, high = (frame[f"{stem}_{end}"].to_numpy(dtype=np.float64) for end in ("min", "max"))
    places = _places(np.concatenate([low, high]))
    dash = {"nl": " tot ", "en": " to "}[language]
    texts = [
        dash.join(number(v, places, language) for v in pair) if np.isfinite(pair).all() else EMPTY
        for pair in zip(low, high, strict=True)
    ]
    return _head(f"{stem}_range", language), texts, "r"


def _names(frame: pd.DataFrame, language: str) -> Column:
    """Number and name of each step."""
    steps = zip(frame["step"], frame["name"], strict=True)
    return capital(_word("step", language)), [f"{step}. {_word(name, language)}" for step, name in steps], "l"


def _step_columns(frame: pd.DataFrame, digits: int, language: str) -> tuple[list[Column], str]:
    """The columns of the steps."""
    columns = [
        _names(frame, language),
        _numeric(frame, "n", language, 0),
        _numeric(frame, "sum_weights", language, None),
        _numeric(frame, "weight_median", language, None),
        _range(frame, "weight", language),
        _range(frame, "g", language),
        _numeric(frame, "deff_kish", language, 2),
        _numeric(frame, "n_eff", language, 0),
    ]
    return columns, "n_eff"


def _margin_columns(frame: pd.DataFrame, digits: int, language: str) -> tuple[list[Column], str]:
    """The columns of the margins."""
    columns: list[Column] = [(capital(_word("margin", language)), _margin_names(frame), "l")]
    if frame["step"].nunique() > 1:
        columns.insert(0, (capital(_word("step", language)), [str(step) for step in frame["step"]], "l"))
    columns += [_numeric(frame, name, language, None) for name in ("before", "target", "now")]
    return columns, "now"


def _margin_names(frame: pd.DataFrame) -> list[str]:
    """Group, margin and level of each total."""
    parts = zip(frame["group"], frame["margin"], frame["level"], strict=True)
    return [": ".join(str(part) for part in row if part is not None and part == part) for row in parts]


def _largest_columns(frame: pd.DataFrame, digits: int, language: str) -> tuple[list[Column], str]:
    """The columns of the largest weights."""
    names = [name for name in frame.columns if name not in ("base_weight", "weight", "g", "share")]
    columns: list[Column] = [(capital(_word(str(n), language)), [str(v) for v in frame[n]], "l") for n in names]
    columns += [_numeric(frame, name, language, None) for name in ("base_weight", "weight", "g")]
    return [*columns, _numeric(frame, "share", language, digits + 1, 100.0)], "weight"


def _distribution_columns(frame: pd.DataFrame, digits: int, language: str) -> tuple[list[Column], str]:
    """The columns of the distribution of g."""
    return [(capital(_word("change", language)), _bins(frame, language), "l"), _numeric(frame, "n", language, 0)], "n"


def _bins(frame: pd.DataFrame, language: str) -> list[str]:
    """The ends of each bin."""
    ends = frame[["low", "high"]].to_numpy(dtype=np.float64)
    places = int(np.clip(1 - np.floor(np.log10(max(float((ends[:, 1] - ends[:, 0]).min()), 1e-6))), 0, 6))
    dash = {"nl": " tot ", "en": " to "}[language]
    return [dash.join(number(end, places, language) for end in pair) for pair in ends]


def _content(frame: pd.DataFrame, names: list[str], main: str, what: str, language: str, digits: int) -> Content:
    """One column of a part as a content, for captions, notes and spreadsheets."""
    values = pd.to_numeric(frame[main]).to_numpy(dtype=np.float64)
    none = np.full(len(values), np.nan)
    meta = _meta(frame)
    return Content(
        names=pd.DataFrame({"step": names}),
        heads={"step": capital(_word("step", language))},
        raw=pd.DataFrame({"step": names}),
        estimate=values,
        low=none,
        high=none,
        n=None,
        scales=(Scale("estimate", "number"),) * len(values),
        decimals=(_places(values),) * len(values),
        flags=((),) * len(values),
        before=("",) * len(values),
        covariance=None,
        df=none,
        what=what,
        heading=_head(main, language),
        notes=_notes(frame, meta, language),
        meta=meta,
        level=0.95,
        language=language,
        synthetic=bool(meta.get("synthetic")),
    )


def _notes(frame: pd.DataFrame, meta: Mapping[str, Any], language: str) -> dict[str, str]:
    """Source, weight and the word for synthetic data."""
    told = notes.of_result(frame[[]], meta, None, 0.95, language, has_interval=False)
    return {topic: told[topic] for topic in ("synthetic", "weight", "source") if topic in told}


def _told(report: Any, language: str, guard: bool) -> tuple[str, ...]:
    """Sentences under the steps: what to look at; where guarded without the largest weight and a few negative ones."""
    lines = []
    nl = language == "nl"
    if len(report.margins):
        away = float(np.abs(report.margins["now"] / report.margins["target"] - 1).max()) * 100
        count = number(float(len(report.margins)), 0, language)
        most = with_unit(away, 1, "percent", language)
        lines.append(
            f"Randtotalen: {count}; de grootste afwijking nu is {most}."
            if nl
            else f"Margins: {count} totals; the largest difference now is {most}."
        )
    if guard:
        gone = "het kleinste en grootste gewicht" if nl else "the smallest and largest weight"
        return (*lines, f"Afgeschermd: {gone}." if nl else f"Withheld: {gone}.")
    share = with_unit(float(report.largest["share"].max()) * 100, 2, "percent", language)
    lines.append(f"Het grootste gewicht is {share} van de som." if nl else f"The largest weight is {share} of the sum.")
    negative = int(report.steps["negative"].iloc[-1])
    if negative:
        lines.append(f"Negatieve gewichten: {negative}." if nl else f"Negative weights: {negative}.")
    return tuple(lines)


def _outcomes(frame: pd.DataFrame, digits: int, language: str, disclosure: str = AUTO) -> Content:
    """The outcomes after each step as estimates."""
    meta = _meta(frame)
    meta["call"] = {**meta.get("call", {}), "function": "mean"}
    meta["labels"] = {**meta.get("labels", {}), "step": {"nl": _word("step", "nl"), "en": _word("step", "en")}}
    tidy = frame.drop(columns=["name", "deff_kish", "deff_henry"]).assign(step=_names(frame, language)[1])
    if tidy["level"].isna().all():
        tidy = tidy.drop(columns="level")
    order = [name for name in ("variable", "level", "step") if name in tidy]
    tidy = tidy.sort_values(order[:-1], kind="stable", key=_in_order) if len(order) > 1 else tidy
    tidy = tidy.reset_index(drop=True)
    hidden = withheld(tidy, disclosure)
    content = estimates_content(tidy, meta, None, None, _level(meta), digits, language, hidden)
    places = [name for name in order if name in content.names]
    return replace(content, names=content.names[places], what=_word("title outcomes", language))


def _in_order(values: pd.Series) -> pd.Series:
    """Values by where they first stand."""
    return pd.Series(pd.factorize(values, use_na_sentinel=False)[0], index=values.index)


def _level(meta: Mapping[str, Any]) -> float:
    """The confidence level of the report."""
    return float(meta.get("call", {}).get("level", 0.95))


def _margins(frame: pd.DataFrame, digits: int, language: str) -> Content:
    """Differences from the targets before weighting and now, in percent."""
    last = frame.drop_duplicates(["group", "margin", "level"])
    names = np.repeat(_margin_names(last), 2)
    moments = [capital(_word(moment, language)) for moment in ("before", "now")] * len(last)
    away = (last[["before", "now"]].to_numpy(dtype=np.float64) / last[["target"]].to_numpy(dtype=np.float64) - 1) * 100
    tidy = pd.DataFrame({"margin": names, "moment": moments, "estimate": np.round(away.ravel(), 9) + 0.0})
    content = _content(tidy, list(names), "estimate", _word("title margins", language), language, digits)
    shown = tidy[["margin", "moment"]]
    return replace(
        content,
        names=shown,
        raw=shown,
        heads={name: capital(_word(name, language)) for name in ("margin", "moment")},
        scales=(Scale("difference", "percent", 1.0, 0.0),) * len(tidy),
        decimals=(digits,) * len(tidy),
        heading=capital(_word("away", language)),
        notes=_notes(frame, _meta(frame), language),
        meta=_meta(frame),
        synthetic=bool(frame.attrs.get("synthetic")),
    )


@dataclass(frozen=True)
class _Drawing:
    """What is drawn, and the title when none is given."""

    content: Content
    title: str


def weight_figure(
    report: Any,
    kind: str | None,
    digits: int,
    language: str,
    title: str | None,
    subtitle: str | None,
    disclosure: str = AUTO,
    limits: tuple[float, float] | None = None,
) -> Figure:
    """A figure of a weight report: its margins, its outcomes, or the distribution of g."""
    check_language(language)
    if kind is not None and kind not in KINDS:
        raise DataError(f"kind has no option {kind!r}.", where="kind", found=repr(kind), expected=", ".join(KINDS))
    chosen = kind or ("margins" if len(report.margins) else "outcomes" if len(report.outcomes) else "g")
    frame = {"margins": report.margins, "outcomes": report.outcomes, "g": report.distribution}[chosen]
    if len(frame) == 0:
        raise DataError(
            f"The weight report has no {chosen}.",
            where=f"kind={chosen!r}",
            todo="llo.weight_report(svy, ['training']) tells what happened to an outcome",
        )
    _guard(frame, "distribution" if chosen == "g" else chosen, check_disclosure_option(disclosure))
    makers = {"margins": _margins_drawing, "outcomes": _outcomes_drawing, "g": _g_drawing}
    made = makers[chosen](report, digits, language, disclosure)
    if len(made.content.units) > 1:
        raise DataError(
            "Outcomes in different units cannot share an axis.",
            found=", ".join(unit_text(unit, "en") or unit for unit in made.content.units),
            todo="make a report with outcomes of one kind; llo.report.table(report.outcomes) shows them together",
        )
    texts = wording(made.content, "dots", None, made.title if title is None else title, subtitle)
    if chosen != "g":
        return Figure(made.content, made.content, "dots", texts, None, limits)
    if limits is not None:
        raise DataError(
            "limits have no effect on a histogram: its bins are those of the report.",
            where="kind='g'",
            found=f"limits={limits!r}",
            todo="leave limits out",
        )
    alt = f"Histogram. {texts.title}. {texts.subtitle}: {_counted(made.content)}"
    return Histogram(made.content, made.content, "histogram", replace(texts, alt=alt))


def _counted(content: Content) -> str:
    """The bins with rows, in words."""
    rows = [i for i, count in enumerate(content.estimate) if count > 0]
    return "; ".join(f"{content.names['g'].iloc[i]}: {content.estimate[i]:.0f}" for i in rows) + "."


def _margins_drawing(report: Any, digits: int, language: str, disclosure: str) -> _Drawing:
    """Margins, with the largest difference in the title."""
    frame, few = _without_few(report.margins, "margins", disclosure)
    content = _margins(frame, digits, language)
    if few:
        notes = {"disclosure": _told_few(few, language)[0], **content.notes}
        marks = tuple("" if known else HIDDEN for known in content.defined)
        content = replace(content, notes=notes, withheld=marks)
    before, now = (float(np.nanmax(np.abs(content.estimate[k::2]), initial=0.0)) for k in (0, 1))
    worst, left = (with_unit(value, digits, "percent", language) for value in (before, now))
    agree = now < 0.5 * 10.0**-digits
    told = {
        "nl": f"Randtotalen weken tot {worst} van hun doel af; na de weging {'kloppen ze' if agree else f'tot {left}'}",
        "en": f"Margins were up to {worst} off target; after weighting {'they agree' if agree else f'up to {left}'}",
    }
    return _Drawing(content, told[language])


def _outcomes_drawing(report: Any, digits: int, language: str, disclosure: str) -> _Drawing:
    """Outcomes by step."""
    return _Drawing(_outcomes(report.outcomes, digits, language, disclosure), _word("title outcomes", language))


def _g_drawing(report: Any, digits: int, language: str, disclosure: str) -> _Drawing:
    """The distribution of weight over base weight."""
    frame = report.distribution
    content = _content(frame, _bins(frame, language), "n", _word("title g", language), language, digits)
    content = replace(
        content,
        names=content.names.rename(columns={"step": "g"}),
        raw=frame[["low", "high"]].reset_index(drop=True),
        heads={"g": capital(_word("change", language))},
        decimals=(0,) * len(frame),
    )
    used = frame[frame["n"] > 0]
    ends = [number(float(end), 2, language) for end in (used["low"].min(), used["high"].max())]
    told = {
        "nl": f"De weging vermenigvuldigde gewichten met {ends[0]} tot {ends[1]}",
        "en": f"Weighting multiplied weights by {ends[0]} to {ends[1]}",
    }
    return _Drawing(content, told[language])
