"""Attacks by the road of saved results: what may not leave in the session does not leave when read from a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.report.disclosure.decided import Decision, decide
from tests.report.disclosure import test_second_attack as second
from tests.report.disclosure import test_values as values
from tests.report.disclosure.people import SOURCE

N = 600


def restricted(svy: llo.Survey) -> llo.Survey:
    """A survey as of a restricted file."""
    return svy._with(source={**svy.source, **SOURCE})


def read(results: dict[str, llo.Result], folder: Path) -> dict[str, llo.Result]:
    """The results as another day reads them."""
    return {name: llo.read_result(result.save(folder / name)) for name, result in results.items()}


def shut(decision: Decision) -> bool:
    """Whether nothing of anything leaves."""
    return all(gone.all() for gone in decision.hidden.values())


SINGLE: dict[str, Callable[[int], llo.Result]] = {
    **{
        f"{use}, {name}": lambda few, use=use, name=name: values.USES[use](
            name, restricted(values.survey(**values.but(few)))
        )
        for use in ("mean", "numerator", "denominator", "variance", "correlation", "inequality", "contrast")
        for name in ("courses", "code")
    },
    "variance of three values": lambda few: llo.variance("number", restricted(values.survey(number=values.three(few)))),
}


@pytest.mark.parametrize("name", SINGLE)
@pytest.mark.parametrize("few", [3, 200])
def test_what_a_number_is_by_its_values_stands_in_the_file(name: str, few: int, tmp_path: Path) -> None:
    result = SINGLE[name](few)
    live, later = decide({"r": result}), decide(read({"r": result}, tmp_path))
    assert (later.hidden["r"] == live.hidden["r"]).all() and live.hidden["r"].all() == (few == 3)


@pytest.mark.parametrize("few", [3, 60])
def test_errors_and_digits_that_count_values_stay_inside(few: int, tmp_path: Path) -> None:
    svy = restricted(values.survey(number=values.three(few)))
    results = {"m": llo.mean("number", svy), "x": llo.mean("x", svy)}
    for name, result in results.items():
        live, later = decide({name: result}), decide(read({name: result}, tmp_path))
        assert (later.covariances[name].ends == live.covariances[name].ends).all()
        assert values.told(later, name) == values.told(live, name)


@pytest.mark.parametrize("name", second.MODELS)
def test_models_do_not_leave_without_their_people(name: str, tmp_path: Path) -> None:
    frame = second.people(rare=np.arange(N) < 100, code=(np.arange(N) < 100) + 1, own=np.arange(N) % 2)
    frame["level"] = np.where(np.arange(N) % 2, "b", "c")
    assert shut(decide(read({"m": second.MODELS[name](restricted(second.survey(frame)))}, tmp_path)))


TOGETHER: dict[str, Callable[[llo.Survey], dict[str, llo.Result]]] = {
    "all but a few": lambda s: {"a": llo.mean("income", s), "b": llo.mean("income", s.where("id >= 3"))},
    "in all three": lambda s: {
        one: llo.mean("income", s.where(one)) for one in ("p", "q", "r", "p & q", "p & r", "q & r", "p | q | r")
    },
    "the top cut off": lambda s: {"a": llo.mean("income", s), "b": llo.mean("top", s)},
    "near quantiles": lambda s: {f"q{q}": llo.quantile("income", s, q=q) for q in (0.3, 0.31)},
    "for those with a hidden answer": lambda s: {one: llo.mean(one, s) for one in ("trained", "purpose")},
    "counts that add up": lambda s: {
        "all": llo.mean("yes", s),
        "p": llo.mean("income", s.where("cat == 'p'")),
        "q": llo.mean("x", s.where("cat == 'q'")),
    },
}


def planted() -> llo.Survey:
    """Persons with secrets that two results tell."""
    frame = second.people(**second.in_common(3), id=np.arange(N), trained=(np.arange(N) >= 3) * 1.0)
    frame["top"] = frame["income"].clip(upper=np.sort(frame["income"])[-4])
    frame["purpose"] = np.where(frame["trained"] == 1, frame["yes"], np.nan)
    frame["cat"] = np.where(np.arange(N) < 6, "r", np.where(np.arange(N) < 350, "p", "q"))
    return restricted(second.survey(frame))


@pytest.mark.parametrize("name", TOGETHER)
def test_what_results_tell_together_is_not_known_of_files(name: str, tmp_path: Path) -> None:
    results = TOGETHER[name](planted())
    decision = decide(read(results, tmp_path))
    assert shut(decision)
    assert decision.findings["why"].str.contains("export it in the session that computes it").any()


def test_other_weights_in_another_survey(tmp_path: Path) -> None:
    frame = second.people()
    frame["w2"] = np.where(np.arange(N) < 3, 2.5 * frame["w"], frame["w"])
    surveys = {name: restricted(second.survey(frame, weights=w)) for name, w in (("a", "w"), ("b", "w2"))}
    assert shut(decide(read({name: llo.mean("income", svy) for name, svy in surveys.items()}, tmp_path)))


def test_a_file_beside_a_result_of_the_session_and_one_that_left(tmp_path: Path) -> None:
    svy = planted()
    live, saved = llo.mean("income", svy), read({"b": llo.mean("income", svy.where("id >= 3"))}, tmp_path)
    decision = decide({"a": live, **saved})
    assert decision.hidden["b"].all() and not decision.hidden["a"].any()
    left = llo.report.export({"a": live}, tmp_path / "first")
    with pytest.raises(llo.DisclosureError, match="may leave"):
        llo.report.export(saved, tmp_path / "second", left_before=left)


@pytest.mark.parametrize(("where", "leaves"), [("id >= 0", True), ("id >= 60", True), ("id >= 3", False)])
def test_beside_what_left_before_a_file_is_looked_at_by_names_and_counts(
    where: str, leaves: bool, tmp_path: Path
) -> None:
    svy = planted()
    left = llo.report.export({"first": llo.mean("income", svy)}, tmp_path / "first")
    before = {"first": llo.read_result(left / "first")}
    second_day = llo.mean("x", svy.where(where), by="region")
    saved = read({"one": second_day}, tmp_path)
    live = decide({"one": second_day}, left_before=before).hidden["one"]
    later = decide(saved, left_before=before).hidden["one"]
    assert (later == live).all() and live.any() != leaves


def test_results_saved_as_one_leave_by_what_was_known_of_them_together(tmp_path: Path) -> None:
    svy = restricted(second.survey(second.people()))
    joint = llo.joint({"income": llo.mean("income", svy), "yes": llo.mean("yes", svy, by="region")})
    out = llo.report.export(read({"j": joint}, tmp_path), tmp_path / "out")
    left = llo.read_result(out / "j")
    assert left.to_frame()["estimate"].notna().all()
    assert "by itself it was checked when it was saved" in (out / "control" / "control.md").read_text("utf-8")


@pytest.mark.parametrize("profile, leaves", [("cbs", True), ("own", True), ("stricter", False)])
def test_a_profile_stricter_than_any_is_not_known(profile: str, leaves: bool, tmp_path: Path) -> None:
    saved = read({"m": llo.mean("income", restricted(second.survey(second.people())))}, tmp_path)
    rules = {"own": "units = 10\ncomplement = 12", "stricter": "units = 10\ncomplement = 500"}.get(profile)
    own: str | Path = profile
    if rules:
        own = tmp_path / f"{profile}.toml"
        text = f'title = "own"\n[rules.restricted]\n{rules}\nlargest_share = 0.5\none_category_others = 100\n'
        own.write_text(text, encoding="utf-8")
    assert shut(decide(saved, own)) != leaves


def test_what_is_made_of_a_file_is_not_what_was_looked_at(tmp_path: Path) -> None:
    saved = read({"m": llo.mean("income", restricted(second.survey(second.people())), by="region")}, tmp_path)["m"]
    assert not decide({"m": saved}).hidden["m"].any()
    assert shut(decide({"c": saved.contrast({"A": 1, "B": -1})}))


def test_a_file_holds_no_row_of_the_data(tmp_path: Path) -> None:
    frame = second.people(income=np.random.default_rng(3).lognormal(7, 1, N) + 0.123456789)
    path = llo.mean("income", restricted(second.survey(frame)), by="region").save(tmp_path / "m")
    text = path.read_text("utf-8")
    assert '"checked"' in text and not any(repr(value) in text for value in frame["income"])
    assert pd.read_csv(tmp_path / "m.csv").shape[0] == 3
