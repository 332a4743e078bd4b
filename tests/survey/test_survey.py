"""Proves what a Survey promises: nothing mutates, rows stay, columns and weights come in the open, facts are right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.errors import DataError, DesignError, LloWarning
from tests.survey import samples

OPTIONS: dict[str, Any] = {"weights": "w", "strata": "stratum", "psu": "place"}


def _everything(svy: llo.Survey) -> None:
    """Use every part of the public interface once."""
    svy.describe()
    svy.assign(extra=lambda d: d["y"] * 2).where("older & notna(gappy)").use_weights("w")
    svy.join(pd.DataFrame({"region": ["north"], "rain": [1.0]}), on="region")
    mean = llo.mean(["gappy", "hours"], svy, by=["education", "older"], missing="available")
    for result in (
        mean,
        llo.share("education", svy, by="region"),
        llo.total("education", svy.where("older")),
        llo.ratio("y", "hours", svy, by="year"),
        llo.gap("trained", svy, group="education", of="high", minus="low", by="region"),
        llo.mean("PV*", svy, plausible=True),
        llo.joint({"a": mean, "b": llo.total("y", svy)}),
    ):
        result.to_frame()
        result.summary()
        _ = result.influence, result.cells, result.cov


@pytest.mark.parametrize("kind", ["design", "replicates"])
def test_nothing_changes_the_users_frame(kind: str) -> None:
    frame = samples.with_replicates(samples.people(1))
    before, dtypes = frame.copy(deep=True), frame.dtypes.copy()
    svy = llo.Survey(frame, **OPTIONS)
    if kind == "replicates":
        svy = llo.Survey(frame, weights="w", replicate_weights="r[1-12]", replicate_method="jk1")
        svy.describe()
        llo.mean(["gappy", "hours"], svy, by="education").to_frame()
    else:
        _everything(svy)
    pd.testing.assert_frame_equal(frame, before)
    assert (frame.dtypes == dtypes).all()
    assert list(svy.frame.columns) == list(before.columns)


def test_columns_that_a_user_adds_to_the_frame_do_not_reach_the_survey() -> None:
    svy = samples.survey()
    frame, weights = svy.frame, svy.weights
    frame["new"], frame.loc[:, "y"] = 1, 0.0
    weights[:] = 0
    svy.labels["y"] = "changed"
    svy.source["synthetic"] = True
    assert "new" not in svy.frame
    assert llo.mean("y", svy).estimate[0] > 0
    assert (svy.weights > 0).all()
    assert svy.labels == {} == svy.source


def test_each_method_returns_a_new_survey() -> None:
    svy = samples.survey()
    made = [
        svy.where("older"),
        svy.assign(a=1),
        svy.use_weights("hours"),
        svy.join(pd.DataFrame({"person": [1], "b": [2]}), on="person"),
    ]
    assert all(new is not svy for new in made)
    assert svy.domain.all() and "a" not in svy.frame and "b" not in svy.frame
    assert svy.weights.tolist() == svy.frame["w"].tolist()


INDEXES = {
    "duplicated": [0, 0, 1] * 24,
    "text": [f"person {i % 50}" for i in range(72)],
    "dates": pd.date_range("2020-01-01", periods=72),
    "several levels": pd.MultiIndex.from_arrays([["a", "b"] * 36, range(72)], names=["y", None]),
    "named as a column": pd.Index(range(72), name="hours"),
    "backwards": range(71, -1, -1),
}


@pytest.mark.parametrize("name", INDEXES)
def test_the_index_does_not_matter(name: str) -> None:
    frame = samples.people(1)
    other = frame.set_axis(INDEXES[name] if isinstance(INDEXES[name], pd.Index) else pd.Index(INDEXES[name]), axis=0)
    one, two = llo.Survey(frame, **OPTIONS), llo.Survey(other, **OPTIONS)
    _everything(two)
    for call in (
        lambda s: llo.mean("gappy", s.where("older"), by="education"),
        lambda s: llo.gap("trained", s.assign(big=lambda d: d["hours"] > 5), of="big", minus="~big"),
        lambda s: llo.mean("y", s.where(s.frame["y"] > 5), by="region"),
    ):
        assert call(one).covariance.tolist() == call(two).covariance.tolist()
    assert two.weights.index.equals(other.index)
    joined = two.join(pd.DataFrame({"person": np.arange(72), "q": np.arange(72) * 2.0}), on="person")
    assert joined.frame["q"].tolist() == [2.0 * i for i in range(72)]
    assert joined.frame.index.equals(other.index)


DTYPES = {
    "y": ["float32", "Float64", "object", "double[pyarrow]"],
    "trained": ["bool", "boolean", "Int64", "int8", "uint16", "float64", "object", "int64[pyarrow]", "bool[pyarrow]"],
    "region": ["object", "string", "category", "string[pyarrow]"],
    "stratum": ["object", "string", "category", "string[pyarrow]"],
    "place": ["Int64", "float64", "object", "int64[pyarrow]", "category"],
    "w": ["Float64", "double[pyarrow]"],
    "year": ["Int16", "float64", "category", "int64[pyarrow]"],
}


@pytest.mark.parametrize(("column", "dtype"), [(c, d) for c, dtypes in DTYPES.items() for d in dtypes])
def test_the_type_of_a_column_does_not_matter(column: str, dtype: str) -> None:
    if "pyarrow" in dtype:
        pytest.importorskip("pyarrow")
    frame = samples.people(1)
    other = frame.assign(**{column: frame[column].astype(dtype)})

    def call(svy: llo.Survey) -> Any:
        group = {"group": "region", "of": "north", "minus": "south"}
        return llo.joint(
            {
                "mean": llo.mean(["y", "hours"], svy, by=["year", "region"]),
                "shares": llo.share("trained", svy),
                "gap": llo.gap("y", svy.where("trained == 1"), **group),
            }
        )

    one, two = call(llo.Survey(frame, **OPTIONS)), call(llo.Survey(other, **OPTIONS))
    close = 1e-6 if dtype == "float32" else 1e-13
    assert two.covariance == pytest.approx(one.covariance, rel=close, abs=close * np.abs(one.covariance).max())
    assert two.df.tolist() == one.df.tolist()


def test_a_categorical_keeps_its_order_and_unused_levels_are_counted() -> None:
    result = llo.mean("y", samples.survey(), by="education")
    column = result.to_frame()["education"]
    assert column.dtype == samples.people()["education"].dtype
    assert column.tolist() == samples.EDUCATION
    assert result.meta["empty_cells"] == 1
    shares = llo.share("education", samples.survey()).to_frame()
    assert shares["level"].tolist() == [*samples.EDUCATION, "unknown"]
    assert shares["estimate"].iloc[-1] == 0 and "boundary" in shares["flag"].iloc[-1].split()


def test_describe_tells_the_facts() -> None:
    svy = samples.survey("clusters", 1)
    w = svy.weights.to_numpy()
    told = svy.describe()
    assert (told.n, told.n_domain, told.strata, told.psus, told.df) == (72, 72, 3, 12, 9)
    assert told.sum_weights == pytest.approx(w.sum(), rel=1e-14)
    assert told.deff_weighting == pytest.approx(1 + w.var() / w.mean() ** 2, rel=1e-12)
    assert told.n_eff == pytest.approx(w.sum() ** 2 / (w**2).sum(), rel=1e-12)
    assert told.problems == ()
    assert told.columns == {"weights": "w", "strata": "stratum", "psu": "place"}
    text = str(svy.where("older"))
    assert "  strata        stratum\n" in text and "  psu           place\n" in text
    assert "3 strata, 12 sampling units" in text and "in the domain" in text
    assert "problem" not in text
    assert set(told.to_frame().columns) == {"item", "value"}
    assert "<table" in told._repr_html_()
    rows = told.to_frame().set_index("item")["value"]
    assert rows["columns"] == "weights: w; strata: stratum; psu: place"
    many = samples.replicate_survey().describe()
    assert many.columns == {"weights": "w", "replicates": "r[1-12]"}
    halves = _halves().describe().columns
    assert halves["item_weights"] == "w_part1 of match; w_part2 of health"


def test_describe_names_problems() -> None:
    frame = samples.people(1)
    frame.loc[0, "w"] = 900.0
    frame["w"] /= frame["w"].mean()
    frame["alone"] = np.where(frame["person"] == 5, "alone", "rest")
    problems = llo.Survey(frame, weights="w", strata="alone").describe().problems
    assert any("single sampling unit" in p and "alone" in p for p in problems)
    assert any("times the median" in p for p in problems)
    assert any("proportional weights?" in p for p in problems)


def test_no_weights_means_one_each_with_a_warning() -> None:
    with pytest.warns(LloWarning, match="every row counts the same"):
        svy = llo.Survey(samples.people())
    assert (svy.weights == 1).all()
    assert llo.mean("y", svy).estimate[0] == pytest.approx(samples.people()["y"].mean(), rel=1e-14)


# -- adding columns ---------------------------------------------------------------------------------------------


def test_assign_takes_functions_arrays_scalars_and_series_of_the_same_index() -> None:
    svy = samples.survey()
    n = len(svy)
    made = svy.assign(
        a=lambda d: d["y"] > 5, b=np.arange(n), c=1.5, d=list(range(n)), e=svy.frame["y"], f="text", g=lambda d: ~d["a"]
    )
    frame = made.frame
    assert frame["a"].tolist() == (frame["y"] > 5).tolist()
    assert frame["b"].tolist() == frame["d"].tolist() == list(range(n))
    assert (frame["c"] == 1.5).all() and (frame["f"] == "text").all() and (frame["g"] == ~frame["a"]).all()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([1, 2], "one value for each row"),
        (pd.Series([1.0] * 72, index=range(1, 73)), "index"),
        (pd.Series([1.0, 2.0]), "index"),
        (pd.DataFrame({"a": [1]}), "one value for each row"),
        (lambda d: d["nope"], "asks for a column"),
    ],
)
def test_assign_aligns_and_recycles_nothing_in_silence(value: Any, words: str) -> None:
    with pytest.raises(DataError, match=words):
        samples.survey().assign(new=value)


@pytest.mark.parametrize("name", ["w", "stratum", "place", "places", "homes"])
def test_assign_does_not_replace_the_design(name: str) -> None:
    with pytest.raises(DesignError, match="makes the design"):
        samples.survey("two stages").assign(**{name: 1})


def test_join_keeps_rows_and_counts_those_without_a_partner() -> None:
    svy = samples.survey()
    other = pd.DataFrame({"region": ["south", "nowhere"], "rain": [2.0, 3.0]})
    joined = svy.join(other, on="region", validate="m:1")
    frame = joined.frame
    assert frame["person"].tolist() == list(range(72))
    assert (frame["rain"].notna() == (frame["region"] == "south")).all()
    north = int((frame["region"] == "north").sum())
    assert llo.mean("y", joined).meta["domain"] == [{"join": ["region"], "unmatched_rows": north}]
    assert llo.mean("y", joined).std_error.tolist() == llo.mean("y", svy).std_error.tolist()


def test_join_by_a_categorical_key_keeps_its_order() -> None:
    other = pd.DataFrame({"education": ["high", "low"], "points": [3, 1]})
    joined = samples.survey().join(other, on="education")
    assert joined.frame["education"].dtype == samples.people()["education"].dtype
    means = llo.mean("points", joined.where("education != 'middle'"), by="education")
    assert means.estimate == pytest.approx([1.0, 3.0], rel=1e-14)


def test_join_of_several_keys_one_to_one() -> None:
    svy = samples.survey()
    other = (
        svy.frame[["stratum", "place", "person"]].assign(new=lambda d: d["person"] + 0.5).sample(frac=1, random_state=1)
    )
    joined = svy.join(other, on=["stratum", "place", "person"], validate="1:1")
    assert (joined.frame["new"] == joined.frame["person"] + 0.5).all()


# -- weights of parts and items ---------------------------------------------------------------------------------


def _halves() -> llo.Survey:
    frame = samples.people(2)
    first = frame["person"] % 2 == 0
    frame["w_part1"] = (frame["w"] * 2).where(first)
    frame["w_part2"] = (frame["w"] * 2).where(~first)
    frame["match"] = frame["trained"].astype(float).where(first)
    frame["health"] = frame["hours"].where(~first)
    weights = {"match": "w_part1", "health": "w_part2"}
    return llo.Survey(frame, **OPTIONS, item_weights=weights)


def test_an_item_takes_its_own_weight_and_says_so() -> None:
    svy = _halves()
    result = llo.mean("match", svy, by="education")
    part = svy.frame.dropna(subset="w_part1")
    wanted = part.groupby("education", observed=True)[["match", "w_part1"]].apply(
        lambda d: np.average(d["match"], weights=d["w_part1"])
    )
    assert result.estimate == pytest.approx(wanted.to_numpy(), rel=1e-13)
    assert result.meta["weight"] == "w_part1"
    assert llo.mean("y", svy).meta["weight"] == "w"
    assert llo.total("match", svy).estimate[0] == pytest.approx((part["match"] * part["w_part1"]).sum(), rel=1e-13)
    assert len(result.influence) == len(svy)


CONFLICTS: dict[str, Any] = {
    "two parts": lambda s: llo.mean(["match", "health"], s),
    "a part and all": lambda s: llo.mean(["match", "y"], s),
    "ratio": lambda s: llo.ratio("match", "hours", s),
    "cells of a part": lambda s: llo.mean("y", s, by="match"),
    "gap between groups of a part": lambda s: llo.gap("y", s, group="match", of=1, minus=0),
    "gap between conditions of a part": lambda s: llo.gap("y", s, of="match == 1", minus="match == 0"),
}


@pytest.mark.parametrize("name", CONFLICTS)
def test_items_of_different_weights_are_refused_until_one_is_chosen(name: str) -> None:
    with pytest.raises(DesignError, match="different weights") as caught:
        CONFLICTS[name](_halves())
    assert "use_weights" in str(caught.value.todo)
    if name not in ("two parts",):
        assert CONFLICTS[name](_halves().use_weights("w_part1")).meta["weight"] == "w_part1"


def test_use_weights_leaves_rows_without_it_outside_the_domain() -> None:
    part = _halves().use_weights("w_part1")
    assert part.domain.sum() == 36 and len(part) == 72
    assert llo.mean("y", part).n is not None and llo.mean("y", part).n.tolist() == [36.0]
    assert part.weights.tolist() == part.frame["w_part1"].fillna(0).tolist()
    assert {"use_weights": "w_part1", "rows_without": 36} in llo.mean("y", part).meta["domain"]


def test_results_of_different_item_weights_can_stand_together() -> None:
    svy = _halves()
    both = llo.joint({"match": llo.mean("match", svy), "health": llo.mean("health", svy)})
    assert both.covariance == pytest.approx(svy.design.covariance(both.influence), rel=1e-12)


def test_replicate_weights_stay_with_their_weight() -> None:
    with pytest.raises(DesignError, match="Replicate weights belong to the weight"):
        samples.replicate_survey().use_weights("hours")
