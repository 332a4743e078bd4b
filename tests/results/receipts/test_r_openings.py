"""Proves that scripts in R read files, names, levels and conditions as we do, and say first what R cannot do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from tests.results.receipts import r_designs
from tests.results.receipts.r_runs import differences, in_r, r_with

pytestmark = pytest.mark.filterwarnings("ignore::llo_research.LloWarning")  # weights that are all 1

# R sums in another order
DIGITS = 1e-10
# of residuals that take the scale as 1: seen up to 4e-3
_NEAR = 2e-2
ODD = "é'\"q"
CONDITIONS = [
    "`a b` > 0",
    "~(`a b` > 0)",
    "`a b` > 0 | num >= 3",
    "~(`a b` > 0 & num < 4)",
    "0 < num <= 4",
    "num in [1, 2, 3]",
    "num not in [1, 2]",
    "isna(num) | num == 2",
    "notna(num) & ~isna(`a b`)",
    "num % 3 == 1",
    "-num % 3 == 1",
    "num * 2 - 1 > x + 3",
    "num / x > 2",
    "(num - 1) / (num - 2) > 0.5",
    "flag",
    "~flag & num > -1.5e-3",
    "flag != False & num > 1",
    "code == '01'",
    "code in ['01', '02']",
    "grade >= 1",
    "grade < 2",
    "share == 0.5",
    "truth == True",
    "education >= 'middle'",
    "education == 'low' | sex != 'f'",
    "skill == 'hoog'",
    "skill > 'low level'",
    "sexe == 'vrouw'",
    "sexe in ['man']",
    "`if` > 0 & design < 1",
    "not (num > 2) and x < 1",
    *[f'`{ODD}` == "{value}"' for value in ("x'y", "naïve, ok", "NA", "x\\\\y", "two\\nlines")],
    f"`{ODD}` == 'x\"y'",
    f"`{ODD}` not in ['NA', 'naïve, ok']",
]


def survey() -> llo.Survey:
    """Columns of every kind, with names and values that other programs stumble over."""
    rng = np.random.default_rng(5)
    frame = r_designs.people()
    n = len(frame)
    frame["a b"], frame["if"], frame["x"], frame["design"] = rng.normal(size=(4, n))
    frame["num"] = rng.integers(0, 7, n).astype(float)
    frame.loc[rng.random(n) < 0.15, ["num", "a b"]] = np.nan
    frame["flag"] = pd.array(rng.random(n) < 0.5, dtype="boolean")
    frame.loc[rng.random(n) < 0.1, "flag"] = pd.NA
    frame["code"] = rng.choice(["01", "1", "02"], n)
    frame["grade"] = pd.Categorical(rng.choice([1, 2, 3], n), [3, 1, 2], ordered=True)
    frame["share"], frame["truth"] = pd.Categorical(rng.choice([0.5, 1.5], n)), pd.Categorical(rng.random(n) < 0.5)
    frame["skill"] = pd.Categorical(rng.choice(["lo", "hi"], n), ["lo", "hi"], ordered=True)
    frame["sexe"] = rng.choice([1, 2], n)
    frame["day"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 9, n), "D")
    frame[ODD] = rng.choice(["x'y", 'x"y', "x\\y", "naïve, ok", "NA", "two\nlines"], n)
    words = {"lo": {"en": "low level", "nl": "laag"}, "hi": {"en": "high level", "nl": "hoog"}}
    labels = {
        "skill": {"en": "Skill", "nl": "Vaardigheid", "values": words},
        "sexe": {
            "en": "Sex",
            "nl": "Geslacht",
            "values": {1: {"en": "man", "nl": "man"}, 2: {"en": "woman", "nl": "vrouw"}},
        },
    }
    return r_designs.plain(frame, labels=labels)


@r_with()
def test_conditions_names_and_levels(tmp_path: Path) -> None:
    """In a path with blanks and quotes, too."""
    svy = survey()
    folder = tmp_path / "it's é"
    folder.mkdir()
    svy.to_file(folder / "the data.csv")
    path = str(folder / "the data.csv")
    results = {words: llo.mean("y", svy.where(words)) for words in CONDITIONS}
    results["twice"] = llo.mean("y", svy.where("x > 0").where("num > 2"))
    results["of a condition"] = llo.mean("num >= 3 & `a b` < 1", svy)
    results["by odd names"] = llo.mean("if", svy, by=[ODD, "sexe"])
    results["by ordered numbers"] = llo.mean("a b", svy, by=["grade", "skill"])
    results["of texts"] = llo.mean("code", svy)
    scripts = {name: result.to_r(path) for name, result in results.items()}
    own = {
        "by rows": svy.where(svy.frame["x"] > 0).where("num > 1"),
        "assigned": svy.assign(z="x > 0").where("z & num > 1"),
    }
    for name, other in own.items():
        other.to_file(tmp_path / f"{name}.csv")
        results[name] = llo.mean("y", other)
        scripts[name] = results[name].to_r(str(tmp_path / f"{name}.csv"))
    found = in_r(scripts, tmp_path)
    wrong = {}
    for name, result in results.items():
        answer = found[name]
        most = {answer: 1.0} if isinstance(answer, str) else differences(result, answer)
        if max(most.values()) > DIGITS:
            wrong[name] = most
    assert not wrong, wrong


@r_with()
def test_windows_line_ends(tmp_path: Path) -> None:
    svy = r_designs.plain()
    path = svy.to_file(tmp_path / "data.csv")
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    result = llo.share("education", svy)
    answer = in_r({"it": result.to_r(str(path)).replace("\n", "\r\n")}, tmp_path)["it"]
    assert max(differences(result, answer).values()) < DIGITS


def test_a_path_of_windows_keeps_its_backslashes() -> None:
    script = llo.mean("y", r_designs.plain()).to_r("C:\\new data\\table.csv")
    assert 'read.csv("C:\\\\new data\\\\table.csv"' in script


@r_with("haven")
@pytest.mark.parametrize("ending", ["dta", "sav"])
def test_files_of_stata_and_spss(ending: str, tmp_path: Path) -> None:
    """Categories are numbered there, and some names are others."""
    if ending == "sav":
        pytest.importorskip("pyreadstat")
    svy = survey()
    path = str(svy.to_file(tmp_path / f"data.{ending}"))
    results = {
        "levels": llo.mean("y", svy.where("education >= 'middle' & flag"), by=["skill", "grade"]),
        "shares": llo.share("education", svy, by="code"),
        "names": llo.mean("a b", svy, by=ODD),
    }
    found = in_r({name: result.to_r(path) for name, result in results.items()}, tmp_path)
    for name, result in results.items():
        assert max(differences(result, found[name]).values()) < DIGITS, name


def first_lines(result: llo.Result) -> str:
    """The comment that a script begins with, as one line."""
    lines = result.to_r().splitlines()
    return " ".join(line.lstrip("# ") for line in lines[: lines.index("")])


def test_the_first_lines_say_what_r_cannot_do() -> None:
    frame = r_designs.people()
    again = llo.Survey(frame, weights="w", strata=["year", "who_h"], unit="who", time="year")
    once = r_designs.designs()["waves"]
    assert "waves that were drawn by themselves and share people" in first_lines(llo.mean("y", again))
    assert "share people" not in first_lines(llo.mean("y", once))
    assert "does not centre totals" in first_lines(llo.total("y", r_designs.lonely("adjust")))
    totals = r_designs.errors(r_designs.plain())
    made = llo.calibrate(llo.replicate(r_designs.plain(), "bootstrap", replicates=20, seed=1), totals)
    assert "totals as known" in first_lines(llo.mean("y", made))
    assert "totals as known" in llo.mean("y", made).receipt()["programs"]["R"]["cannot"]
    assert "totals as known" not in first_lines(llo.mean("y", llo.calibrate(r_designs.plain(), totals)))


@r_with()
def test_waves_that_share_people(tmp_path: Path) -> None:
    """Equal strata: our standard errors, degrees of freedom, and the overlap."""
    frame = r_designs.people().assign(four=lambda d: d["who"] % 4)
    path = str(llo.Survey(frame, weights="w").to_file(tmp_path / "data.csv"))
    options = {"weights": "w", "time": "year"}
    equal = llo.Survey(frame, strata=["year", "four"], unit="who", **options)
    alone = llo.Survey(frame, strata=["year", "h"], psu="house", nest=False, **options)
    results = {
        "equal": llo.mean("y", equal),
        "equal, by year": llo.mean("y", equal, by="year"),
        "equal, change": llo.change("y", equal, time="year", base=2019),
        "equal, domain": llo.mean("y", equal.where("year == 2020 & sex == 'f'")),
        "nobody returns": llo.mean("y", alone),
    }
    found = in_r({name: result.to_r(path) for name, result in results.items()}, tmp_path)
    for name, result in results.items():
        most = differences(result, found[name])
        assert most["df"] == 0, (name, most)
        assert max(most.values()) < DIGITS, (name, most)
    strangers = llo.Survey(frame.assign(row=np.arange(len(frame))), strata=["year", "four"], unit="row", **options)
    apart = llo.mean("y", strangers).std_error[0]
    assert abs(apart / results["equal"].std_error[0] - 1) > 1e-3, "the overlap makes no difference"


@r_with()
def test_waves_in_unequal_strata_of_which_r_has_nearly_the_errors(tmp_path: Path) -> None:
    frame = r_designs.people().assign(three=lambda d: (d["who"] % 13) // 5)
    path = str(llo.Survey(frame, weights="w").to_file(tmp_path / "data.csv"))
    unequal = llo.mean("y", llo.Survey(frame, strata=["year", "three"], unit="who", weights="w", time="year"))
    most = differences(unequal, in_r({"unequal": unequal.to_r(path)}, tmp_path)["unequal"])
    assert most["df"] == 0 and most["estimate"] < DIGITS, most
    assert max(most.values()) < _NEAR, most


@r_with()
def test_weights_that_only_the_file_knows(tmp_path: Path) -> None:
    """A distance or scale of one's own: our weights; standard errors as the first lines say."""
    svy = r_designs.plain()
    crossed = r_designs.totals(svy)["crossed"]
    own = llo.calibrate(svy, crossed, method=llo.weighting.Distance(np.exp, np.exp, "mine"))
    made = {
        "standard errors are ours": (own, DIGITS),
        "take the scale as 1": (llo.calibrate(svy, crossed, scale=svy.frame["q"]), _NEAR),
        "count as given": (llo.calibrate(own, {"sex": crossed["sex", "age"].groupby(level=0).sum().to_dict()}), None),
    }
    results, scripts = {}, {}
    for number, (words, (weighted, _)) in enumerate(made.items()):
        path = weighted.to_file(tmp_path / f"{number}.csv")
        results[words] = llo.mean("y", weighted)
        scripts[words] = results[words].to_r(str(path))
        assert words in first_lines(results[words])
    found = in_r(scripts, tmp_path)
    for words, (_, near) in made.items():
        most = differences(results[words], found[words])
        assert most["estimate"] < DIGITS, words
        assert near is None or most["std_error"] < near, (words, most)


@r_with()
def test_large_round_numbers_are_cells(tmp_path: Path) -> None:
    """R writes 100000 as 1e+05 where nobody stops it."""
    frame = r_designs.people()
    frame["g"], frame["when"] = np.where(frame["sex"] == "f", 100000, 20000000), frame["year"] * 100000
    svy = llo.Survey(frame, weights="w", strata="h", psu="psu")
    results = {
        "mean": llo.mean("y", svy, by="g"),
        "condition": llo.mean("g == 100000", svy, by="when"),
        "change": llo.change("y", svy, by="g", time="when", base=int(frame["when"].min())),
        "trend": llo.trend("y", svy, by="g", time="when"),
        "gap": llo.gap("y", svy, group="g", of=100000, minus=20000000, by="when"),
        "model": llo.glm("y ~ C(g)", svy),
    }
    path = svy.to_file(tmp_path / "data.csv")
    found = in_r({name: result.to_r(str(path)) for name, result in results.items()}, tmp_path)
    for name, result in results.items():
        assert max(differences(result, found[name]).values()) < DIGITS, name


@r_with()
def test_estimates_that_a_replicate_does_not_have(tmp_path: Path) -> None:
    """Ours has no error then; R leaves the replicate out, or fits what has no solution."""
    frame = r_designs.people()
    rare = (frame["psu"] == 0) & (np.arange(len(frame)) % 2 == 0)
    frame["g"], frame["rare"] = np.where(frame["psu"] == 0, "one unit", "others"), rare.astype(float)
    svy = llo.replicate(r_designs.plain(frame), "jkn")
    results = {
        "mean": llo.mean("y", svy, by="g"),
        "quantile": llo.quantile("y", svy, q=0.5, by="g"),
        "separated": llo.glm("rare ~ income", svy, family="binomial"),
    }
    for name, result in results.items():
        assert any("replicate_undefined" in flag for flag in result.flags), name
    assert "has no solution" in first_lines(results.pop("separated")).replace("\n# ", " ")
    path = svy.to_file(tmp_path / "data.csv")
    found = in_r({name: result.to_r(str(path)) for name, result in results.items()}, tmp_path)
    for name, result in results.items():
        assert max(differences(result, found[name]).values()) < DIGITS, name


def test_first_lines_of_negative_weights_and_restricted_data() -> None:
    frame = r_designs.people()
    svy = llo.calibrate(r_designs.plain(frame), {"income": -1.0})
    again = llo.calibrate(svy, {"education": dict.fromkeys(r_designs.LEVELS, 1000.0)})
    assert "negative" in first_lines(llo.mean("y", again))
    assert "negative" not in first_lines(llo.mean("y", svy))
    closed = llo.Survey(frame, weights="w", source={"restricted": True})
    result = llo.mean("y", closed, by="sex")
    for text in (result.to_r(), result.to_stata(), result.to_spss()):
        assert "disclosure control" in text[:900]
    assert "needs R's package arrow" in result.to_r("data.parquet")
