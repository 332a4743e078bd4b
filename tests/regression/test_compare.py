"""Models side by side: ours, statsmodels' and linearmodels', with what each rests on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from linearmodels.iv import IV2SLS
from linearmodels.panel import PanelOLS

import llo_research as llo
from llo_research import DataError
from tests.regression import models


def test_terms_in_rows_and_models_in_columns() -> None:
    svy = models.survey()
    small, large = llo.glm("y ~ hours", svy), llo.glm("y ~ hours + C(education)", svy)
    both = llo.compare([small, large], labels=["small", "large"])
    assert both.terms == ("hours", "C(education)[T.middle]", "C(education)[T.high]", "Intercept")
    table = both.wide()
    assert list(table.columns) == ["small", "large"]
    assert table.loc[("hours", "estimate"), "large"] == large.estimate[1]
    assert table.loc[("hours", "std_error"), "small"] == small.std_error[1]
    assert np.isnan(table.loc[("C(education)[T.high]", "estimate"), "small"])
    frame = both.to_frame()
    assert frame.columns[:3].tolist() == ["model", "term", "estimate"] and len(frame) == 6
    footer = both.footer
    assert footer.loc["n"].tolist() == [160, 160] and footer.loc["n_psu"].tolist() == [20, 20]
    assert footer.loc["controls"].tolist() == ["", "education"]
    weights = svy.frame["w"]
    assert footer.loc["mean_y", "small"] == pytest.approx(np.average(svy.frame["y"], weights=weights))
    assert "(0." in both.summary() and "large" in both._repr_html_()


def test_those_of_other_programs() -> None:
    frame = models.people()
    ours = llo.glm("y ~ hours", models.survey(frame), vcov="hc1")
    theirs = smf.wls("y ~ hours", frame, weights=frame["w"]).fit(cov_type="HC1", use_t=True)
    iv = IV2SLS.from_formula("y ~ 1 + hours", frame, weights=frame["w"]).fit(cov_type="unadjusted")
    panel = frame.assign(unit=frame.index // 2, t=frame.index % 2).set_index(["unit", "t"])
    effects = PanelOLS.from_formula("y ~ 1 + hours + EntityEffects", panel).fit()
    table = llo.compare({"ours": ours, "sm": theirs, "iv": iv, "effects": effects})
    numbers = table.wide()
    assert numbers.loc[("hours", "estimate"), "sm"] == pytest.approx(ours.estimate[1], rel=1e-10)
    assert numbers.loc[("hours", "std_error"), "sm"] == pytest.approx(ours.std_error[1], rel=1e-10)
    assert numbers.loc[("Intercept", "estimate"), "iv"] == pytest.approx(ours.estimate[0], rel=1e-8)
    tidy = table.to_frame().set_index(["model", "term"])
    for column in ("conf_low", "p_value", "df"):
        assert tidy.loc[("sm", "hours"), column] == pytest.approx(tidy.loc[("ours", "hours"), column], rel=1e-8)
    assert table.footer.loc["effects"].tolist()[-1] == "unit"
    assert table.footer.loc["program"].tolist() == ["llo_research", "statsmodels", "linearmodels", "linearmodels"]


class Feols:
    """What pyfixest's fits can be asked, as far as a comparison asks it."""

    _N, _fixef, _r2, _vcov_type_detail, _df_t = 100, "firm+year", 0.25, "CRV1", 9.0

    def coef(self) -> pd.Series:
        return pd.Series([0.5], index=["x"])

    def se(self) -> pd.Series:
        return pd.Series([0.1], index=["x"])

    def pvalue(self) -> pd.Series:
        return pd.Series([0.01], index=["x"])

    def confint(self, alpha: float = 0.05) -> pd.DataFrame:
        return pd.DataFrame([[0.5 - alpha, 0.5 + alpha]], index=["x"])


Feols.__module__ = "pyfixest.estimation.feols_"


def test_the_adapter_of_pyfixest() -> None:
    table = llo.compare([Feols()], level=0.9)
    assert table.to_frame()[["estimate", "std_error", "df"]].values.tolist() == [[0.5, 0.1, 9.0]]
    assert table.to_frame()["conf_low"].tolist() == [pytest.approx(0.4)]
    assert table.footer["(1)"].to_dict() == {
        "n": 100,
        "effects": "firm, year",
        "r2": 0.25,
        "vcov": "CRV1",
        "program": "pyfixest",
    }


def test_restricted_rows_are_not_shown() -> None:
    frame = models.people()
    frame["rare"] = frame.index < 4
    svy = models.survey(frame, source={"kind": "restricted", "instrument": "own"})
    fit = llo.glm("y ~ hours + rare", svy)
    shown = llo.compare([fit]).to_frame().set_index("term")["estimate"]
    if llo.glm("y ~ hours + rare", svy).summary().count("·"):
        assert np.isnan(shown["rare"]) and np.isfinite(shown["hours"])


@pytest.mark.parametrize(
    ("models_given", "labels", "words"),
    [
        ([], None, "Models are compared in a list"),
        (["y ~ x"], None, "no fitted model"),
        ([pd.DataFrame()], None, "a DataFrame of pandas"),
    ],
)
def test_what_is_no_model_is_refused(models_given: list[object], labels: list[str] | None, words: str) -> None:
    with pytest.raises(DataError, match=words):
        llo.compare(models_given, labels)


def test_labels_fit_and_differ() -> None:
    fit = llo.glm("y ~ hours", models.survey())
    with pytest.raises(DataError, match="a label of its own"):
        llo.compare([fit, fit], labels=["a", "a"])
    with pytest.raises(DataError, match="in a list"):
        llo.compare(fit)
