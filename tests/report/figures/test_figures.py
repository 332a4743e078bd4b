"""Proves that figures draw every row, refuse what they cannot draw, and say in words what they show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError
from llo_research.report import figure, table
from llo_research.report.figures.lines import spread
from llo_research.report.figures.style import width_of, wrap
from llo_research.results.quantities import Quantity

CALL = {"function": "mean", "variables": ["y"]}


def texts(drawing: Any) -> list[Any]:
    """All texts of a matplotlib figure that show something."""
    found = drawing.findobj(lambda artist: hasattr(artist, "get_text") and artist.get_visible())
    return [text for text in found if text.get_text().strip()]


def boxes(drawing: Any) -> list[tuple[str, Any]]:
    """Texts with the place they take, watermark apart."""
    renderer = drawing.canvas.get_renderer()
    shown = [text for text in texts(drawing) if text.get_rotation() == 0]
    return [(text.get_text(), text.get_window_extent(renderer)) for text in shown]


def assert_readable(drawing: Any) -> None:
    """No text is cut by the edge, and no two texts overlap."""
    drawing.draw_without_rendering()
    edge, found = drawing.bbox, boxes(drawing)
    for text, box in found:
        assert box.x0 >= -0.5 and box.x1 <= edge.x1 + 0.5, f"{text!r} is cut"
        assert box.y0 >= -0.5 and box.y1 <= edge.y1 + 0.5, f"{text!r} is cut"
    for i, (text, box) in enumerate(found):
        for other, beside in found[i + 1 :]:
            apart = (
                box.x1 <= beside.x0 + 1 or beside.x1 <= box.x0 + 1 or box.y1 <= beside.y0 + 2 or beside.y1 <= box.y0 + 2
            )
            assert apart, f"{text!r} over {other!r}"


def test_dots(by_education: Any) -> None:
    drawn = figure(by_education)
    assert drawn.kind == "dots"
    expected = {
        "Opleidingsniveau": ["laag", "hoog"],
        "estimate": [45.0, 73.3],
        "n": [782.0, 1300.0],
        "unit": ["%", "%"],
        "flag": ["", ""],
    }
    frame = drawn.frame
    for name, values in expected.items():
        assert frame[name].tolist() == (pytest.approx(values) if name == "estimate" else values)
    shown = [text.get_text() for text in texts(drawn.plot())]
    for text in ("laag", "hoog", "73,3 (70,9 tot 75,7)", "1.300", "Aandeel (%)", "% (95%-BI)"):
        assert text in shown
    assert any("95%-betrouwbaarheidsinterval" in text for text in shown)
    assert any(text.startswith("Bron: Enquête") for text in shown)
    assert_readable(drawn.plot())


def test_shares_start_at_zero_unless_told_otherwise(by_education: Any) -> None:
    assert figure(by_education).plot().axes[0].get_xlim()[0] == 0
    assert figure(by_education, limits=(40, 80)).plot().axes[0].get_xlim() == (40, 80)
    with pytest.raises(DataError, match="limits are two numbers"):
        figure(by_education, limits=(80, 40)).plot()


def test_alt_text_says_what_a_blind_reader_needs(by_education: Any, over_time: Any) -> None:
    told = figure(by_education).alt_text.replace("\u00a0", " ")
    for part in (
        "Puntgrafiek.",
        "28,3 punten meer bij hoog dan bij laag",
        "laag 45,0% (41,8 tot 48,2)",
        "95%-interval",
        "n = 782",
    ):
        assert part in told
    assert "SYNTHETIC: " in figure(over_time, language="en").alt_text
    assert "laag, 2024" not in told


def test_lines_stand_at_their_years_and_stop_at_breaks_and_gaps(over_time: Any) -> None:
    drawn = figure(over_time)
    assert drawn.kind == "lines"
    assert len(drawn.frame) == 8
    axes = drawn.plot().axes[0]
    marked = [line for line in axes.lines if line.get_marker() in ("o", "s", "x")]
    assert sorted(float(line.get_xdata()[0]) for line in marked) == [2016, 2016, 2021, 2021, 2022, 2022, 2024, 2024]
    solid = [line for line in axes.lines if len(line.get_xdata()) > 1 and line.get_zorder() == 3]
    spans = sorted(tuple(map(float, line.get_xdata())) for line in solid)
    assert spans == [(2016, 2021), (2016, 2021), (2022, 2024)]
    shown = [text.get_text() for text in texts(drawn.plot())]
    assert "methodebreuk 2022" in shown
    assert "SYNTHETISCH" in shown
    assert any("(2022)" in text for text in shown)
    assert_readable(drawn.plot())


def test_no_legend_box(over_time: Any) -> None:
    assert figure(over_time).plot().axes[0].get_legend() is None


def test_empty_cells_are_shown_but_not_groups_that_nobody_is_in(make_result: Callable[..., Any]) -> None:
    rows = {"g": ["a", "a", "b", "b", "c", "c"], "h": ["p", "q"] * 3, "variable": ["y"] * 6}
    estimate = [0.5, 0.6, 0.4, np.nan, np.nan, np.nan]
    error = [0.1 if np.isfinite(value) else np.nan for value in estimate]
    drawn = figure(make_result(rows, estimate, error, [10, 10, 10, 0, 0, 0], {"call": CALL}))
    assert drawn.frame.iloc[:, :2].to_numpy().tolist() == [["a", "p"], ["a", "q"], ["b", "p"], ["b", "q"]]
    shown = [text.get_text() for text in texts(drawn.plot())]
    assert shown.count("geen gegevens") == 2
    assert any("zonder waarnemingen: c." in text for text in shown)


@pytest.mark.parametrize("k", [2, 7, 20])
@pytest.mark.parametrize("language", ["nl", "en"])
def test_long_labels_are_neither_cut_nor_overlap(make_result: Callable[..., Any], k: int, language: str) -> None:
    long = [
        "Energievoorziening en waterleidingbedrijven, afval- en afvalwaterbeheer en sanering",
        "Arbeidsongeschiktheidsverzekeringsmaatschappijmedewerkersopleidingen",
        "Horeca $5 < x_1^2$ {#}",
    ]
    rows = {"g": [f"{long[i % 3]} {i}" for i in range(k)], "variable": ["y"] * k}
    meta = {"call": CALL, "source": {"title": "Bron " * 40}, "labels": {"y": "Onderwerp " * 12, "g": "Groep"}}
    result = make_result(rows, list(np.linspace(1, 1e6, k)), [0.001] * (k - 1) + [4e5], [10**6] * k, meta)
    assert_readable(figure(result, language=language).plot())


def test_labels_at_the_ends_of_lines_do_not_overlap(make_result: Callable[..., Any]) -> None:
    groups = [
        "laag (zonder startkwalificatie, tot en met mbo-1)",
        "middelbaar",
        "hoog",
        "zzp",
        "onbekend",
        "zes",
        "zeven",
    ]
    years = [2005, 2010, *range(2014, 2025)]
    rows = {"year": [y for y in years for _ in groups], "g": groups * len(years), "variable": ["y"] * 7 * len(years)}
    k = len(rows["g"])
    meta = {"call": {"variables": ["y"]}}
    result = make_result(rows, [0.5 + 0.001 * (i % 7) for i in range(k)], [0.01] * k, [100] * k, meta)
    assert_readable(figure(result).plot())


def test_spread_keeps_order_and_room() -> None:
    placed = spread([10.0, 10.0, 11.0, 90.0], [12.0] * 4, 100.0)
    assert sorted(placed) == placed
    assert min(np.diff(placed)) >= 12 - 1e-9
    assert placed[0] >= 6 and placed[-1] <= 94
    assert spread([20.0, 60.0], [10.0, 10.0], 100.0) == [20.0, 60.0]


def test_wrap_breaks_words_that_are_too_long() -> None:
    lines = wrap("kort " + "x" * 80, 100, 8.5)
    assert all(width_of(line, 8.5) <= 100 for line in lines)
    assert "".join(line.rstrip("-") for line in lines) == "kort" + "x" * 80


def test_sections_by_the_first_identifier(survey: llo.Survey) -> None:
    drawn = figure(llo.mean("training", survey, by=["education", "contract"]))
    bold = [text.get_text() for text in texts(drawn.plot()) if "Bold" in (text.get_fontproperties().get_file() or "")]
    assert {"laag", "hoog"} <= set(bold)
    assert_readable(drawn.plot())


def test_gaps_and_contrasts_have_a_line_at_no_difference(survey: llo.Survey) -> None:
    gap = figure(llo.gap("training", survey, group="education", of="high", minus="low", by="contract"))
    assert gap.kind == "dots"
    contrast = figure(llo.mean("training", survey, by="education").contrast({"high": 1, "low": -1}))
    assert contrast.kind == "coefficients"
    for drawn in (gap, contrast):
        axes = drawn.plot().axes[0]
        assert any(list(line.get_xdata()) == [0, 0] for line in axes.lines)
    odds = figure(llo.gap("training", survey, group="education", of="high", minus="low", scale="odds", by="contract"))
    assert any(list(line.get_xdata()) == [1, 1] for line in odds.plot().axes[0].lines)


@pytest.fixture
def decomposition(make_result: Callable[..., Any]) -> Any:
    rows = {
        "component": ["mean_of", "mean_minus", "gap", "explained", "unexplained", "explained"],
        "term": ["total"] * 5 + ["age"],
    }
    meta, share = {"call": {"formula": "y ~ age"}}, Quantity("share", "percent")
    quantity = (share, share, *(Quantity("part", "points", 0.0),) * 4)
    return make_result(rows, [0.73, 0.45, 0.28, 0.35, -0.07, 0.35], [0.01] * 6, None, meta, quantity)


def test_waterfall_adds_up(decomposition: Any) -> None:
    drawn = figure(decomposition)
    assert drawn.kind == "waterfall"
    assert drawn.frame["estimate"].tolist() == pytest.approx([45.0, 35.0, -7.0, 73.0])
    bars = [(p.get_x(), p.get_x() + p.get_width()) for p in drawn.plot().axes[0].patches]
    assert bars == [pytest.approx(bar) for bar in ((45, 80), (73, 80))]
    title = drawn.title.replace("\u00a0", " ")
    told = "Y: met verschillen in age gaan 35,0 punten samen, groter dan heel het verschil (28,0 punten)"
    assert title.startswith(told)


def test_parts_that_do_not_add_up_are_refused(make_result: Callable[..., Any]) -> None:
    rows = {"component": ["gap", "explained", "unexplained"]}
    with pytest.raises(DataError, match="do not add up"):
        figure(make_result(rows, [0.3, 0.1, 0.1], [0.01] * 3))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "pie"}, "dots, lines, waterfall, coefficients"),
        ({"kind": "lines"}, "Lines need a column with times"),
        ({"kind": "lines", "time": "month"}, "no column 'month'"),
        ({"kind": "lines", "time": "education"}, "times that are numbers"),
        ({"kind": "waterfall"}, "parts that add up"),
        ({"language": "de"}, "nl, en"),
    ],
)
def test_what_cannot_be_drawn_is_refused(by_education: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        figure(by_education, **options)


def test_mixed_units_and_empty_results_are_refused(survey: llo.Survey) -> None:
    with pytest.raises(DataError, match="different units"):
        figure(llo.mean(["training", "hours"], survey))
    with pytest.raises(DataError, match="no rows"):
        figure(pd.DataFrame({"estimate": []}))


def test_lines_need_two_times_one_number_each_and_few_groups(make_result: Callable[..., Any]) -> None:
    one = make_result({"year": [2014, 2014], "g": ["a", "b"]}, [1, 2], [0.1, 0.1])
    with pytest.raises(DataError, match="at least two times"):
        figure(one, kind="lines").plot()
    many = make_result({"year": [2014, 2016] * 8, "g": [f"g{i // 2}" for i in range(16)]}, [1.0] * 16, [0.1] * 16)
    with pytest.raises(DataError, match="8 lines cannot be told apart"):
        figure(many).plot()


def test_no_global_state(by_education: Any) -> None:
    import matplotlib

    matplotlib.rcParams["lines.linewidth"] = 9.0
    try:
        before = dict(matplotlib.rcParams)
        drawn = figure(by_education).plot()
        assert dict(matplotlib.rcParams) == before
        assert all(line.get_linewidth() != 9.0 for line in drawn.axes[0].lines if line.get_marker() == "None")
    finally:
        matplotlib.rcdefaults()


def test_notebooks_get_the_picture_and_its_words(by_education: Any) -> None:
    data, metadata = figure(by_education)._repr_mimebundle_()
    assert data["image/svg+xml"].startswith("<svg")
    assert data["text/plain"] == metadata["image/svg+xml"]["alt"] == figure(by_education).alt_text


def test_few_lines_are_told_from_start_to_end(make_result: Callable[..., Any]) -> None:
    rows = {"year": [y for y in (2014, 2016, 2018, 2020, 2022) for _ in "ab"], "g": ["a", "b"] * 5}
    estimate = [0.1 * i for i in range(9)] + [np.nan]
    result = make_result(rows, estimate, [0.01] * 9 + [np.nan], [50] * 9 + [0])
    told = figure(result, language="en").alt_text
    assert "a: 0.00 (-0.02 to 0.02) in 2014, 0.80 (0.78 to 0.82) in 2022;" in told
    assert "b: 0.10 (0.08 to 0.12) in 2014, 0.70 (0.68 to 0.72) in 2020, 1 without data." in told


def test_options_without_effect_are_refused(by_education: Any, over_time: Any, decomposition: Any) -> None:
    for result, kind in ((by_education, "dots"), (over_time, "dots"), (decomposition, None)):
        with pytest.raises(DataError, match="time has no effect"):
            figure(result, kind=kind, time=str(result.rows.columns[0]))
    assert figure(over_time, time="year").kind == "lines"
    for limits in ((80, 40), (1, 1), "ab", (0, float("inf")), 3):
        with pytest.raises(DataError, match="limits are two numbers"):
            figure(by_education, limits=limits)


def test_weight_figures_take_limits_or_refuse_them(survey: llo.Survey) -> None:
    svy = llo.calibrate(survey, {"education": {"low": 300.0, "high": 320.0}})
    report = llo.weight_report(svy, ["training"])
    for kind in ("margins", "outcomes"):
        assert figure(report, kind=kind, limits=(-20, 90)).plot().axes[0].get_xlim() == (-20, 90)
    with pytest.raises(DataError, match="limits have no effect on a histogram"):
        figure(report, kind="g", limits=(0, 1))
    for kind in ("margins", "outcomes", "g"):
        with pytest.raises(DataError, match="time has no effect"):
            figure(report, kind=kind, time="step")


def test_words_about_intervals_are_those_of_the_rows_shown(survey: llo.Survey) -> None:
    pointwise = llo.mean("training", survey, by="education")
    joint = llo.mean("training", survey, by="education", simultaneous=True)
    for result, simultaneous in (
        (pointwise, False),
        (joint, True),
        (joint.contrast("high - low"), False),
        (llo.joint({"a": pointwise, "b": joint}), False),
        (llo.joint({"a": pointwise, "b": joint}, simultaneous=True), True),
    ):
        text = str(table(result, language="en"))
        assert ("simultaneous 95% confidence" in text) is simultaneous
        assert ("simultaneous" in " ".join(figure(result, language="en", kind="dots").wording.foot)) is simultaneous
        assert ("simultaneous interval" in result.summary()) is simultaneous
    assert "CI: 80% confidence" in str(table(llo.mean("training", survey, level=0.8), language="en"))


def test_a_table_book_as_a_figure_names_its_breakdowns() -> None:
    frame = pd.DataFrame({"t": [1, 0, 0, 0] * 30, "sex": list("mvvv") * 30, "age": list("abab") * 30, "w": 1.0})
    labels = {"sex": {"nl": "Geslacht", "en": "Sex"}, "t": {"nl": "Cursus", "en": "Training"}}
    book = llo.banner("t", llo.Survey(frame, weights="w", labels=labels), by=["sex", "age"])
    assert "above" in " ".join(book.flags)
    drawn = figure(book, language="nl")
    words = " ".join([drawn.wording.subtitle, drawn.alt_text, *drawn.wording.foot])
    assert "naar geslacht en age" in words and "naar group" not in words
    assert "Open punt: " not in words or "hoger" not in words, "above the rest is no warning"
    assert "by sex and age" in figure(book, language="en").alt_text
