"""Proves that cells of restricted files that may not be seen are seen in no form of output.

The main test is one of non-interference: two surveys that differ only in the people of such cells must give the same
bytes, in every form. What differs anywhere would be seen.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError, DisclosureError
from llo_research.report import figure, sentences, table, workbook

pytest.importorskip("openpyxl")
BREAK = {"time": 2022, "what": {"nl": "andere waarneming", "en": "new collection"}}
SOURCE = {"kind": "restricted", "title": "Besloten", "breaks": [BREAK]}
TIMES: dict[str, Any] = {"time": "year", "base": 2020, "breaks": "flag"}
# people by group: big groups, one person, four people, and forty of whom three are on one side
SIZES = {"a": 120, "b": 150, "solo": 1, "four": 4, "near": 40}


def people(variant: int, *, years: bool = False, few_before: int = 1) -> pd.DataFrame:
    """The people; `variant` 0 and 1 differ in the people of unsafe cells only."""
    draw = np.random.default_rng(11)
    groups = [name for name, n in SIZES.items() for _ in range(n)]
    frame = pd.DataFrame({"group": pd.Categorical(groups, list(SIZES))})
    n = len(frame)
    frame["trained"] = draw.integers(0, 2, n)
    frame["hours"] = draw.gamma(2.0, 5.0, n).round(2)
    frame["contract"] = pd.Categorical(draw.choice(["fixed", "flex", "self"], n), ["fixed", "flex", "self"])
    frame["late"] = draw.integers(0, 2, n)
    frame["w"] = draw.uniform(1.0, 3.0, n).round(3)
    frame["year"] = 2020
    near = np.flatnonzero(frame["group"] == "near")
    frame.loc[near, "trained"] = 1
    frame.loc[near[: 3 - variant], "trained"] = 0
    frame.loc[near, "contract"] = ["fixed"] * 20 + ["self"] * (17 + variant) + ["flex"] * (3 - variant)
    secret = frame["group"].isin(["solo", "four"])
    k = int(secret.sum())
    frame.loc[secret, "trained"] = [0, 1, 1, 0, 0] if variant else [1, 0, 0, 0, 1]
    frame.loc[secret, "hours"] = draw.gamma(2.0, 5.0, k) + 31.7 * variant
    frame.loc[secret, "contract"] = ["flex"] * 5 if variant else ["fixed", "self", "self", "flex", "fixed"]
    frame.loc[secret, "w"] = [7.77, 1.11, 2.22, 3.33, 4.44] if variant else [5.55, 1.01, 2.02, 3.03, 4.04]
    if years:
        later = frame.assign(year=2024, trained=1 - frame["trained"])
        frame = pd.concat([frame, later], ignore_index=True)
    return frame


def survey(variant: int, **how: Any) -> llo.Survey:
    """The survey of restricted files."""
    strata, time = ("year", "year") if how.get("years") else (None, None)
    return llo.Survey(people(variant, **how), weights="w", strata=strata, time=time, source=SOURCE)


def ranked(variant: int) -> llo.Survey:
    """The big groups and the one with three on the other side, in an order in which this is the highest."""
    svy = survey(variant).where("group in ['a', 'b', 'near']")
    return svy.assign(place=lambda d: d["group"].cat.codes)


def changes(variant: int, **how: Any) -> llo.Result:
    """Changes of the groups."""
    return llo.change("trained", survey(variant, years=True), by="group", **TIMES, **how)


def dominated(variant: int) -> llo.Survey:
    """Group b: one person has most of the hours of fifteen."""
    draw = np.random.default_rng(3)
    frame = pd.DataFrame({"group": ["a"] * 60 + ["b"] * 15, "hours": draw.gamma(2.0, 5.0, 75), "w": 2.0})
    frame.loc[60, "hours"] = frame.loc[61:, "hours"].sum() * (4.0 + variant)
    return llo.Survey(frame, weights="w", source=SOURCE)


def without_near(variant: int) -> llo.Survey:
    """The survey of the big groups and those of few people."""
    return survey(variant).where("group != 'near'")


GAP = {"group": "group", "of": "four", "minus": "a"}
MADE: dict[str, Callable[[int], Any]] = {
    "share of one person, of four, and with three on the other side": lambda v: llo.mean(
        "trained", survey(v), by="group"
    ),
    "levels that add up": lambda v: llo.share("contract", survey(v), by="group"),
    "share of a number of two values": lambda v: llo.share("trained", survey(v), by="group"),
    "mean of a number": lambda v: llo.mean("hours", without_near(v), by="group"),
    "total of one dominating person": lambda v: llo.total("hours", dominated(v), by="group"),
    "mean of one dominating person": lambda v: llo.mean("hours", dominated(v), by="group"),
    "ratio of one dominating person": lambda v: llo.ratio("hours", "w", dominated(v), by="group"),
    "quantile of few people": lambda v: llo.quantile("hours", without_near(v), by="group", q=0.5),
    "variance of a share": lambda v: llo.variance("trained", survey(v), by="group"),
    "gap with a group of four": lambda v: llo.gap("trained", survey(v), **GAP),
    "contrast with a group of four": lambda v: llo.mean("trained", survey(v), by="group").contrast("four - a"),
    "joint": lambda v: llo.joint(
        {"t": llo.mean("trained", survey_once(v), by="group"), "h": llo.mean("late", survey_once(v), by="group")}
    ),
    "contrast of a joint result": lambda v: llo.joint(
        {"t": llo.mean("trained", survey_once(v), by="group"), "h": llo.mean("hours", survey_once(v), by="group")}
    ).contrast({"x": "`t:near` - `t:a`", "y": "`t:a` - `t:b`"}),
    "change": lambda v: changes(v),
    "change of a gap": lambda v: llo.gap_change("trained", survey(v, years=True), **GAP, **TIMES),
    "trend": lambda v: llo.trend("trained", survey(v, years=True), by="group", time="year"),
    "over time": lambda v: llo.mean("trained", survey(v, years=True), by=["group", "year"]),
    "joint intervals of shares": lambda v: llo.mean("trained", survey(v), by="group", simultaneous=True),
    "joint intervals of means": lambda v: llo.mean("hours", without_near(v), by="group", simultaneous=True),
    "joint intervals of quantiles": lambda v: llo.quantile(
        "hours", without_near(v), by="group", q=[0.05, 0.5], simultaneous=True
    ),
    "joint intervals of gaps, adjusted": lambda v: llo.gap(
        "hours", survey(v), group="late", of=1, minus=0, by="group", simultaneous=True
    ).adjusted("bonferroni"),
    "joint intervals of changes": lambda v: changes(v, simultaneous=True),
    "table book of shares": lambda v: llo.banner("trained", survey(v), by="group"),
    "table book of means": lambda v: llo.banner("hours", without_near(v), by="group"),
    "covariance": lambda v: llo.covariance(["trained", "late"], survey(v), by="group"),
    "base level of one person": lambda v: llo.glm("hours ~ C(group, contr.treatment('solo'))", survey(v)),
    "highest tenth of a ranking": lambda v: llo.rank_gap("trained", ranked(v), rank="place", share=0.1),
}
# parts that add up are drawn as a waterfall, which refuses what may not be seen
OAXACA, CHANGE = llo.decomposition.oaxaca_blinder, llo.decomposition.oaxaca_change
PARTS: dict[str, Callable[[int], Any]] = {
    "group of four": lambda v: OAXACA("hours ~ late", survey(v), **GAP),
    "three on the other side": lambda v: OAXACA("trained ~ late", survey(v), **{**GAP, "of": "near"}),
    "change of a gap": lambda v: CHANGE("trained ~ late", survey(v, years=True), **GAP, **TIMES),
    "cells of few": lambda v: llo.decomposition.standardise(
        "trained", survey(v, years=True), cells="group", over="year"
    ),
}
_KEPT: dict[int, llo.Survey] = {}


def survey_once(variant: int) -> llo.Survey:
    """One survey for all results that stand together."""
    return _KEPT.setdefault(variant, survey(variant))


def zipped(path: Path) -> str:
    """All parts of an Excel file as text."""
    with zipfile.ZipFile(path) as book:
        return "\n".join(book.read(name).decode("utf-8") for name in sorted(book.namelist()))


def table_forms(result: Any, folder: Path, language: str) -> dict[str, Any]:
    """Every form of a table."""
    shown = table(result, language=language)
    folder.mkdir(parents=True, exist_ok=True)
    return {
        "text": str(shown),
        "frame": shown.to_frame().to_csv(),
        "html": shown.to_html(),
        "notebook": shown._repr_html_() + shown._repr_markdown_(),
        "markdown": shown.to_markdown(),
        "latex": shown.to_latex(),
        "excel": zipped(shown.to_excel(folder / "t.xlsx")),
        "workbook": zipped(workbook({"one": result, "two": shown}, folder / "w.xlsx", language=language)),
    }


def figure_forms(result: Any, folder: Path, language: str, kind: str | None) -> dict[str, Any]:
    """Every form of a figure."""
    drawn = figure(result, kind=kind, language=language)
    files = {ending: path.read_bytes() for ending, path in drawn.save(folder / "figures").items()}
    bundle = drawn._repr_mimebundle_()
    return {
        **files,
        "names": sorted(path.name for path in (folder / "figures").iterdir()),
        "frame": drawn.frame.to_csv(),
        "words": " ".join([drawn.title, drawn.alt_text, *drawn.wording.foot, drawn.wording.subtitle]),
        "notebook": str(bundle),
    }


def forms(result: Any, folder: Path, language: str, kind: str | None = None) -> dict[str, Any]:
    """Every form in which a result can be looked at."""
    out = {"repr": repr(result), "summary": result.summary(), "html of result": result._repr_html_()}
    out |= {f"table {name}": form for name, form in table_forms(result, folder, language).items()}
    return out | {f"figure {name}": form for name, form in figure_forms(result, folder, language, kind).items()}


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("name", list(MADE))
def test_no_form_depends_on_people_that_may_not_be_seen(name: str, language: str, tmp_path: Path) -> None:
    one, other = (MADE[name](variant) for variant in (0, 1))
    assert not np.array_equal(one.estimate, other.estimate, equal_nan=True), "the two surveys differ"
    first, second = (forms(r, tmp_path / str(i), language) for i, r in enumerate((one, other)))
    assert first.keys() == second.keys()
    for form in first:
        assert first[form] == second[form], form
    mark, note = {"nl": ("afgeschermd", "Afgeschermd: "), "en": ("withheld", "Withheld: ")}[language]
    assert mark in first["table text"] and note in first["table text"] and "unconfirmed" in first["summary"]
    assert note in first["figure words"] and "withheld" in first["figure frame"]


@pytest.mark.parametrize("name", list(PARTS))
def test_parts_of_a_gap(name: str, tmp_path: Path) -> None:
    one, other = (PARTS[name](variant) for variant in (0, 1))
    assert not np.array_equal(one.estimate, other.estimate, equal_nan=True), "the two surveys differ"
    first, second = (
        {"repr": repr(r), "html": r._repr_html_(), **table_forms(r, tmp_path / str(i), "en")}
        for i, r in enumerate((one, other))
    )
    assert first == second
    assert "withheld" in first["text"] and "withheld" in first["repr"]
    for result in (one, other):
        with pytest.raises(DisclosureError, match="cannot be drawn"):
            figure(result)


def test_coefficients_of_levels() -> None:
    # coefficients are solved for together: what is shown is the same to rounding
    one, other = (llo.glm("trained ~ C(group)", survey(v)) for v in (0, 1))
    assert one.summary() == other.summary() and str(table(one)) == str(table(other))
    shown = table(one, language="en").to_frame().set_index("Term").iloc[:, 0]
    hidden = [term for term in shown.index if term.split(" (")[0].endswith((": solo", ": four", ": near"))]
    assert len(hidden) == 3 and set(shown[hidden]) == {"withheld"} and (shown.drop(hidden) != "withheld").all()
    first, second = (llo.compare([llo.glm("hours ~ C(group)", without_near(v))]) for v in (0, 1))
    assert first._shown().iloc[:8].equals(second._shown().iloc[:8]), "but for the mean of y, of everybody"
    assert all("Withheld: 2 estimates" in text for text in (first._repr_html_(), first.summary()))


def test_compare_tells_nothing_of_a_model_of_few() -> None:
    one, other = (llo.compare([llo.glm("hours ~ late", survey(v).where("group == 'four'"))]) for v in (0, 1))
    assert one.summary() == other.summary() and one._repr_html_() == other._repr_html_()
    assert "<10" in one.summary()


def test_a_table_book_of_two_breakdowns() -> None:
    # another breakdown tells what all cells of this one add up to: the only hidden one goes with the next smallest
    frame = people(0).query("group in ['a', 'b', 'near', 'four']")
    svy = llo.Survey(frame, weights="w", source=SOURCE)
    hidden = {}
    for by in ("group", ["group", "late"]):
        shown = llo.banner("hours", svy, by=by)
        text = shown.summary().splitlines()
        hidden[str(by)] = [line.split()[2] for line in text if line.endswith("withheld")]
        told = [line for line in text if line.split()[:2] == ["hours", "group"] and not line.endswith("withheld")]
        assert told and all(line.count("·") == 6 for line in told), "no difference from a rest with withheld cells"
        assert "the difference of" in shown.summary()
    assert hidden == {"group": ["four", "near"], "['group', 'late']": ["four", "near"]}
    both = llo.banner("hours", svy, by=["group", "late"])
    line = next(line for line in both.summary().splitlines() if line.split()[:2] == ["hours", "late"])
    assert "·" not in line, "the breakdown without withheld cells is shown whole"
    with pytest.raises(DataError, match="p-value that is not there"):
        sentences("{r[group:a]:p}", r=both)


def test_joint_intervals_are_those_of_the_rows_shown() -> None:
    svy = survey(0)
    all_ = llo.mean("trained", svy, by="group", simultaneous=True)
    safe = llo.mean("trained", svy.where("group in ['a', 'b']"), by="group", simultaneous=True)
    shown = [table(r, language="en").to_frame().iloc[:2, 2].tolist() for r in (all_, safe)]
    assert shown[0] == shown[1]
    assert "of the rows shown" in str(table(all_, language="en"))
    assert "of the rows shown" not in str(table(safe, language="en"))
    assert all_.to_frame()["conf_low"][0] < safe.to_frame()["conf_low"][0], "numbers in to_frame are those of all rows"


def test_the_numbers_of_a_cell_occur_nowhere(tmp_path: Path) -> None:
    svy = survey(0)
    result = llo.mean("hours", svy.where("group != 'near'"), by="group")
    seen = forms(result, tmp_path, "en")
    text = "\n".join(str(form) for name, form in seen.items() if "png" not in name)
    frame = result.to_frame().set_index("group").loc[["solo", "four"]]
    for column in ("estimate", "std_error", "conf_low", "conf_high", "sum_weights", "deff", "n_eff"):
        for value in frame[column].dropna():
            if abs(value) > 0:
                assert f"{value:.4f}" not in text, (column, value)
                assert repr(float(value)) not in text, (column, value)
    lines = [line for line in str(table(result, language="en")).splitlines() if line.startswith(("solo", "four"))]
    assert [line.split() for line in lines] == [["solo", "withheld", "–", "<10"], ["four", "withheld", "–", "<10"]]


def test_safe_rows_are_shown_as_before() -> None:
    result = llo.mean("trained", survey(0), by="group")
    free = llo.mean("trained", llo.Survey(people(0), weights="w", source={"title": "Besloten"}), by="group")
    guarded, open_ = (table(r, language="en").to_frame() for r in (result, free))
    assert guarded.iloc[:2].drop(columns="Note", errors="ignore").equals(open_.iloc[:2].drop(columns="Note"))
    assert table(result, language="en", disclosure="off").to_frame().equals(open_)
    assert result.to_frame()["estimate"].equals(free.to_frame()["estimate"]), "numbers in to_frame stay"


def test_counts_in_notes_and_count_columns() -> None:
    result = llo.mean("trained", survey(0).where("group == 'four' | group == 'a'"), by="group")
    text = str(table(result, language="en"))
    assert "n = 120;" in text and "<10" in text, "the range of n is that of the rows shown"
    only = llo.mean("trained", survey(0).where("group == 'four'"))
    shown = str(table(only, language="en"))
    assert "(<10 observations)" in shown and "(4 observations)" not in shown
    people_ = people(0)
    people_.loc[:3, "trained"] = np.nan
    left = llo.mean("trained", llo.Survey(people_, weights="w", source=SOURCE))
    assert "(<10)" in str(table(left, language="en")) and "trained <10" in left.summary()


def test_sentences_refuse() -> None:
    result = llo.mean("trained", survey(0), by="group")
    assert "%" in str(sentences("{r[a]}", r=result, language="en"))
    for style in ("", ":n", ":estimate", ":interval"):
        with pytest.raises(DisclosureError, match="may not be seen") as told:
            sentences("{r[four]" + style + "}", r=result, language="en")
        assert "profile cbs" in str(told.value)


def test_total_beside_its_parts() -> None:
    svy = survey(0).where("group != 'solo' & group != 'near'")
    both = llo.joint({"all": llo.mean("trained", svy), "by": llo.mean("trained", svy, by="group")})
    shown = table(both, language="en").to_frame()
    assert shown["n"].tolist() == ["274", "·", "150", "<10"], "120 + 150 are not both beside 274"
    assert shown.iloc[:, 2].tolist()[1::2] == ["withheld"] * 2


def test_tests_of_crosstabs() -> None:
    one, other = (llo.crosstab("contract", "trained", without_near(v), by="group").test() for v in (0, 1))
    for make in (
        lambda r: r.summary(),
        lambda r: r._repr_html_(),
        lambda r: str(table(r)),
        lambda r: table(r).to_html(),
    ):
        assert make(one) == make(other)
        assert make(one).count("<10") + make(one).count("&lt;10") == 2


def test_a_test_of_a_crosstab_with_a_withheld_cell() -> None:
    """Beside all other cells the statistic would tell it."""
    one, other = (llo.crosstab("group", "trained", survey(v)).test() for v in (0, 1))
    assert one.statistic != other.statistic
    for make in (str, lambda r: r._repr_html_(), lambda r: table(r).to_html(), lambda r: table(r).to_frame().to_csv()):
        assert make(one) == make(other)
    safe = llo.crosstab("contract", "late", survey(0)).test()
    assert "withheld" not in str(safe) and f"{safe.statistic:.4f}".rstrip("0") in str(safe)


def test_crosstab_with_a_column_of_few() -> None:
    cross = llo.crosstab("contract", "group", survey(0))
    shown = table(cross, language="en").to_frame()
    for group in ("solo", "four"):
        assert set(shown.loc[shown.iloc[:, 1] == group].iloc[:, 2]) == {"withheld"}, "also its empty cells"


@pytest.mark.parametrize("joint", [False, True])
def test_break_robustness(joint: bool, tmp_path: Path) -> None:
    one, other = (llo.break_robustness(changes(v, simultaneous=joint)) for v in (0, 1))
    for language in ("nl", "en"):
        first, second = (table_forms(r, tmp_path / str(i), language) for i, r in enumerate((one, other)))
        assert first == second
        assert figure_forms(one, tmp_path / f"a{language}", language, None) == figure_forms(
            other, tmp_path / f"b{language}", language, None
        )
    assert one.summary() == other.summary() and one._repr_html_() == other._repr_html_()
    assert "withheld" in one.summary()


def test_weight_reports(tmp_path: Path) -> None:
    frame = people(0)
    svy = llo.calibrate(
        llo.Survey(frame, weights="w", source=SOURCE), {"contract": {"fixed": 200, "flex": 210, "self": 190}}
    )
    report = llo.weight_report(svy, ["trained"])
    largest = report.largest["weight"].iloc[0]
    texts = [str(report), report._repr_html_(), str(table(report, language="en")), table(report).to_html()]
    for text in texts:
        for value in (largest, report.steps["weight_min"].iloc[0], report.steps["g_max"].iloc[1]):
            assert f"{value:.4g}" not in text and f"{value:.3g} to" not in text
        assert "ithheld" in text or "fgeschermd" in text
    for part in (report.largest, report.distribution):
        with pytest.raises(DisclosureError, match="single persons"):
            table(part)
        assert len(table(part, disclosure="off").frame)
    with pytest.raises(DisclosureError):
        figure(report, kind="g")
    rare = llo.Survey(frame.assign(rare=(np.arange(len(frame)) < 3) * 1), weights="w", source=SOURCE)
    told = llo.weight_report(rare, ["rare"])
    assert "withheld" in str(table(told.outcomes, language="en"))
    assert "withheld" in figure(told, kind="outcomes", language="en").alt_text
    assert f"{told.outcomes['estimate'].iloc[0]:.4g}" not in str(told)


def test_margins_of_few_people() -> None:
    frame = people(0)
    totals = {"group": {"a": 300.0, "b": 300.0, "solo": 4.0, "four": 9.0, "near": 90.0}, "hours": 8000.0}
    report = llo.weight_report(llo.calibrate(llo.Survey(frame, weights="w", source=SOURCE), totals))
    counts = report.margins.set_index("level")["n"]
    assert [counts[g] for g in SIZES] == list(SIZES.values()) and counts.isna().sum() == 1
    shown = table(report.margins, language="en")
    hidden = shown.to_frame().set_index("Margin")
    assert set(hidden.loc[["group: solo", "group: four", "group: near"], "Before"]) == {"–"}, "with the next smallest"
    assert "–" not in hidden.loc[["group: a", "group: b", "hours"], "Before"].tolist()
    drawn = figure(report, kind="margins", language="en")
    assert "Withheld: 3 margins" in str(shown) and "Withheld: 3 margins" in " ".join(drawn.wording.foot)
    texts = [str(shown), str(report), report._repr_html_(), drawn.alt_text, drawn.frame.to_csv()]
    for value in report.margins.set_index("level").loc[["solo", "four", "near"], "before"]:
        assert all(f"{value:.4g}" not in text for text in texts)
    assert (
        table(report.margins, disclosure="off", language="en").to_frame().set_index("Margin")["Before"].nunique() == 6
    )


def test_where_all_are_withheld_a_figure_is_drawn(tmp_path: Path) -> None:
    result = llo.mean("hours", survey(0).where("group == 'four' | group == 'solo'"), by="group")
    drawn = figure(result, language="en")
    assert drawn.title.endswith(": withheld") and drawn.save(tmp_path)["png"].stat().st_size > 100
    assert "4 " not in drawn.alt_text.replace("<10", "")


def test_the_choice_of_a_profile() -> None:
    result = llo.mean("trained", survey(0), by="group")
    assert "withheld" not in str(table(result, language="en", disclosure="off"))
    floor = table(result, language="en", disclosure="publication").to_frame()
    assert set(floor["n"]) == {"<200"}
    free = llo.mean("trained", llo.Survey(people(0), weights="w"), by="group")
    assert "withheld" not in str(table(free, language="en")) and "·" not in free.summary()
    assert "withheld" in str(table(free, language="en", disclosure="cbs")), "a named profile holds for any data"
    assert "withheld" in figure(free, language="en", disclosure="cbs").alt_text
    for call in (table, figure):
        with pytest.raises(DataError, match=r"disclosure has no option 'cbz'[\s\S]*cbs, publication, strict"):
            call(result, disclosure="cbz")


@pytest.mark.parametrize("kind", ["public", "synthetic", "published", None])
def test_other_sources_are_shown_whole(kind: str | None) -> None:
    svy = llo.Survey(people(0), weights="w", source={"kind": kind, "title": "x"})
    result = llo.mean("trained", svy, by="group")
    assert "withheld" not in str(table(result, language="en")) + result.summary() + result._repr_html_()


def test_published_figures_are_shown_whole() -> None:
    frame = llo.published(breaks="flag")
    assert "afgeschermd" not in str(table(frame.head(40)))


def test_a_waterfall_with_a_withheld_part_is_refused() -> None:
    frame = pd.DataFrame({"component": ["gap", "explained", "unexplained"], "estimate": [3.0, 2.0, 1.0]})
    frame["n"] = [50, 50, 4]
    frame.attrs = {"source": SOURCE}
    with pytest.raises(DisclosureError, match="cannot be drawn"):
        figure(frame)
    assert set(table(frame, language="en").to_frame().iloc[:, 1]) == {"withheld"}
    assert figure(frame, disclosure="off").kind == "waterfall"


def test_a_workbook_of_a_total_and_its_parts(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    svy = survey(0).where("group != 'solo' & group != 'near'")
    results = {"all": llo.mean("trained", svy), "by": llo.mean("trained", svy, by="group")}

    def column(results: dict[str, Any], **how: Any) -> list[Any]:
        book = openpyxl.load_workbook(workbook(results, tmp_path / "w.xlsx", language="en", **how))
        return [row[5] for row in book["by"].iter_rows(min_row=4, max_row=6, values_only=True)]

    assert column(results) == ["·", 150, "<10"], "120 + 150 are not both beside 274"
    assert column({"by": results["by"]}) == [120, 150, "<10"]
    assert column({**results, "all": llo.mean("late", svy)}) == [120, 150, "<10"], "of another variable"
    other = llo.mean("trained", svy.where("contract == 'flex'"))
    assert column({**results, "all": other}) == [120, 150, "<10"], "of other people"
    assert column(results, disclosure="off") == [120, 150, 4]
    both = llo.joint(results)
    assert column({"joint": both, "by": results["by"], "all": results["all"]}) == ["·", 150, "<10"]


def test_a_survey_tells_nothing_of_a_domain_of_few() -> None:
    few, open_ = survey(0).where("group == 'solo'"), llo.Survey(people(0), weights="w").where("group == 'solo'")
    texts = [repr(few), str(few.describe()), repr(few.describe()), few.describe()._repr_html_()]
    for text in texts:
        assert "5.5" not in text and "withheld" in text, "the weight of one person"
        assert "<10" in text or "&lt;10" in text
    assert few.describe().sum_weights == 5.55, "numbers stay"
    assert "sum 5.5" in repr(open_) and "sum_weights=5.55" in repr(open_.describe())
    assert "withheld" not in repr(survey(0)) + repr(survey(0).where("group == 'near'"))


@pytest.mark.parametrize(
    "name", ["share of one person, of four, and with three on the other side", "levels that add up", "mean of a number"]
)
def test_the_frame_of_a_result_is_shown_with_the_same_care(name: str, tmp_path: Path) -> None:
    result = MADE[name](0)
    frame = result.to_frame()
    hidden = set(np.flatnonzero(table(result, language="en").to_frame()["n"].str.contains("<|·")))
    for order in (range(len(frame)), range(len(frame))[::-1], range(1, len(frame), 2)):
        some = frame.iloc[list(order)]
        shown = table(some, language="en").to_frame()
        gone = [i for i, n in zip(order, shown["n"], strict=True) if n.startswith("<") or n == "·"]
        assert hidden & set(order) <= set(gone)
    assert "Besloten" in str(table(frame))
    assert not llo.mean("trained", llo.Survey(people(0), weights="w"), by="group").to_frame().attrs, (
        "only of such files"
    )
    assert "withheld" not in str(table(frame, language="en", disclosure="off"))


def test_a_heavy_minority_in_a_frame() -> None:
    frame = pd.DataFrame({"t": [1] * 2 + [0] * 98, "w": [30.0] * 2 + [1.0] * 98})
    result = llo.mean("t", llo.Survey(frame, weights="w", source=SOURCE))
    assert "withheld" in str(table(result.to_frame(), language="en")), "2 people, 38% of the weights"


def test_a_crosstab_in_a_frame() -> None:
    cross = llo.crosstab("contract", "group", survey(0))
    one, other = (table(r, language="en").to_frame() for r in (cross, cross.to_frame()))
    assert one["n"].tolist() == other["n"].tolist()
