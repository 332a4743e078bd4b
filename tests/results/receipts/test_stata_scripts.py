"""Do-files cannot be run here: they are kept as files that were read beside the manual, and held to rules of syntax."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import llo_research as llo
from llo_research.results.receipts.script import WIDTH
from llo_research.results.receipts.stata.write import NEAREST, WRITERS, cannot
from llo_research.results.receipts.told import told_of
from tests import recorded_calls
from tests.results.receipts import decomposed, golden, r_designs
from tests.results.receipts.stata_machine import Machine
from tests.results.receipts.stata_rules import columns_of

# case -> the entries of Stata's manuals (release 16 to 18), or the help file, that its file was read beside
MANUAL = {
    "mean": "[R] mean (names c.y@1.a#2.b: coeflegend), lincom; [SVY] svyset, Subpopulation estimation",
    "mean_of_domain": "[SVY] svy, subpop(); [U] 12.2.1 Missing values, 13.2.3 Relational operators",
    "mean_of_condition": "[U] 11.3 Naming conventions, 13.2.4 Logical operators; [FN] String functions, char()",
    "mean_available": "[R] estimates store; [SVY] svy",
    "mean_two_stages": "[SVY] svyset, multiple-stage syntax, fpc()",
    "mean_weights_of_fractions": "[SVY] svyset, fpc(), singleunit(centered); [D] egen, tag(), total()",
    "mean_replicates": "[SVY] svyset, jkrweight() multiplier(), mse; [SVY] svy jackknife; [M-5] rank()",
    "mean_calibrated": "[SVY] Calibration; svyset, rake() totals() noconstant",
    "mean_trimmed": "[SVY] svyset",
    "mean_plausible": "[P] forvalues, macro (word # of), preserve; [MI] mi estimate, Methods and formulas",
    "mean_contrast": "[R] lincom",
    "mean_contrast_smooth": "[R] nlcom, r(b) and r(V)",
    "share": "[R] proportion; [R] mean",
    "share_beta": "[R] proportion, citype(exact), Methods and formulas; [FN] invibeta(), invibetatail()",
    "total": "[R] total",
    "ratio": "[R] ratio; [R] nlcom",
    "correlation": "[R] nlcom; [FN] atanh(), tanh()",
    "variance": "[R] nlcom",
    "quantile": "[M-5] sort(), runningsum(), selectindex(), st_data(), st_numscalar()",
    "gap": "[R] mean, over(); [R] lincom",
    "gap_odds": "[R] nlcom",
    "change": "[R] mean, over(); [R] lincom",
    "gap_change": "[R] mean, over(); [R] lincom",
    "trend": "[R] lincom",
    "crosstab": "[SVY] svy: tabulate twoway, pearson, wald",
    "narrowing": "[R] mean, over(); [R] lincom; [M-5] order(), st_matrix(); [FN] t()",
    "ranks": "[R] mean, over(); [R] lincom",
    "meta_analysis": "[META] meta set, meta summarize: random(ebayes), se(khartung), predinterval(); [D] svmat",
    "break_robustness": "[P] scalar, forvalues; [FN] rowsof(), invttail()",
    "crosstab_test": "[SVY] svy: tabulate twoway, pearson, Stored results",
    "glm_test": "[R] test, nosvyadjust, Stored results; [FN] Ftail()",
    "glm_ratio": "[R] test; [R] lrtest (no svy)",
    "compare": "[R] regress",
    "omitted_variable_bias": "help sensemakr, help psacalc (ssc)",
    "hausman": "[R] test; [D] egen",
    "hausman_of_two_models": "[R] hausman",
    "joint": "[P] preserve; [R] suest",
    "glm": "[R] regress; [U] 11.4.3 Factor variables, ib#.; [R] test, testparm nosvyadjust",
    "glm_logit": "[R] logit; [SVY] svy estimation",
    "glm_cluster": "[R] vce_option; [R] logit",
    "margins": "[R] margins, dydx() vce(unconditional) subpop() post",
    "ordered": "[R] ologit, /cut1",
    "fixed_effects": "[XT] xtreg, fe, Methods and formulas; [R] areg",
    "fixed_effects_cluster": "help reghdfe (Correia), absorb() vce(cluster) keepsingletons",
    "first_difference": "[U] 11.4.4 Time-series varlists; [D] by, _n",
    "between": "[XT] xtreg, be",
    "random_effects": "[XT] xtreg, re sa",
    "mundlak": "[XT] xtreg; [D] egen",
    "event_time": "[XT] xtreg, fe; [D] egen, min()",
    "oaxaca": "help oaxaca 4.1.1 (Jann), pooled, svy(subpop()), equations overall: explained: unexplained:",
    "oaxaca_threefold": "help oaxaca 4.1.1, threefold, normalize()",
    "oaxaca_change": "help oaxaca 4.1.1; [P] matrix, e(b)",
    "gelbach": "b1x2.ado 4.1.0 (Gelbach), its syntax line",
    "sequential": "[R] regress",
    "shapley": "[R] regress, e(r2); [P] forvalues, macro; shapley2.ado 1.7 (no weights in its regressions)",
    "standardise": "[R] mean, proportion, over(); [D] egen, group() label",
    "rank_gap": "no command",
    "kitagawa": "[M-2] op_colon; [M-5] sum(), rowsum(), colsum()",
    "das_gupta": "[M-2] pointers, for; [M-5] factorial(), mod()",
}
_COMMANDS = """
version clear set use egen generate replace svyset svy program args tempvar tempname scalar local quietly display if
else end foreach forvalues capture count units shown_row row quantile_row matrix return unab mata nlcom lincom
estimates preserve restore testparm margins oaxaca b1x2 reghdfe regress logit ologit xtset xtreg bysort drop
tabulate summarize corrected ereturn test svmat meta }
"""
# words of commands, options, functions and stored results in the files; all else is a column, or made in the file
_WORDS = """
byte long double int pweight aweight strata fpc singleunit missing certainty centered scaled jkrweight multiplier
vce jackknife mse rake totals noconstant mean total ratio over subpop group tag by label in of varlist cell se ci
pearson wald proportion define rclass meanonly word store invttail ttail invlogit ln exp atanh tanh invibeta
invibetatail abs cond min max sqrt r N df nullmat _b _cons _se _column _continue as text result c noisily
nosvyadjust dydx unconditional post cut1 cut2 off more all absorb cluster keepsingletons re sa pooled threefold
normalize relax linearized overall explained unexplained endowments coefficients interaction difference group_1
group_2 list e x1all x2all x1only x2delta stat r2 N_clust df_r inlist char m v _n _N d own weight
eclass repost V f b freedom noabsorb aweight r2 mod floor lnfactorial g h beta t z chi2 F Ftail level _all i sign
rowsof answers1 answers2 random ebayes dlaird reml se khartung predinterval eform
"""
_KNOWN = frozenset(_WORDS.split()) | frozenset(_COMMANDS.split())
_MADE = re.compile(
    r"\b(?:egen|generate) (?:byte |long |double |int )?(\w+) =|(?:matrix|scalar|local|store|unab) (\w+)\b"
    r"|generate\((\w+)\)"
)


def _code(text: str) -> list[str]:
    """Commands of a do-file: lines that go on are joined, comments are gone."""
    out: list[str] = []
    more = False
    for line in text.splitlines():
        if line.lstrip().startswith("*") and not more:
            assert "///" not in line and "/*" not in line and "`" not in line, line
            continue
        body, _, comment = line.partition("  // ")
        body = body.rstrip()
        assert "`" not in comment, line
        goes_on = body.endswith(" ///")
        assert "///" not in body.removesuffix(" ///"), line
        body = body.removesuffix(" ///")
        out = [*out[:-1], f"{out[-1]} {body.strip()}"] if more else [*out, body]
        more = goes_on
    assert not more, "the last line goes on"
    return [line for line in out if line.strip()]


def _bare(command: str) -> str:
    """A command without what stands in quotes; macros are closed."""
    plain = command.replace('`"', '"').replace("\"'", '"')
    while re.search(r"`[^`']*'", plain):
        plain = re.sub(r"`[^`']*'", "macro", plain)
    assert "`" not in plain and "'" not in plain, command
    assert plain.count('"') % 2 == 0, command
    return re.sub(r'"[^"]*"', '""', plain)


def _balanced(command: str) -> None:
    """Brackets are closed in their order."""
    stack = []
    for sign in command:
        if sign in "([{":
            stack.append(sign)
        elif sign in ")]":
            assert stack and stack.pop() == {")": "(", "]": "["}[sign], command
    assert stack in ([], ["{"]), command


def _mata_apart(commands: list[str]) -> tuple[list[str], list[str]]:
    """Commands of Stata, and those of Mata."""
    stata: list[str] = []
    mata: list[str] = []
    inside = False
    for command in commands:
        if command == "mata:":
            inside = True
        elif inside and command == "end":
            inside = False
        else:
            (mata if inside else stata).append(command)
    assert not inside
    return stata, mata


def _names(command: str) -> set[str]:
    """The names in a command; of a row those in its expression and its condition."""
    if command.lstrip().startswith("row "):
        quoted = re.findall(r'"([^"]*)"', command.replace('`"', '"').replace("\"'", '"'))
        command = " ".join(quoted[1:])
    command = re.sub(r"\b[er]\(\w+\)|x2delta\((?:\w+ = )?|(?<= : )\w+ =|%\S+|\bmacro\w*|\d+e[-+]\d+", " ", command)
    command = re.sub(r"(?<![\w])(?:ib\d+|ibn|i|c|\d+)\.(?=[A-Za-z_])", " ", command)
    return set(re.findall(r"(?<![\w.])[A-Za-z_]\w*", command))


def check(text: str, columns: set[str]) -> None:
    """The rules of syntax that a program can look at."""
    stata, mata = _mata_apart(_code(text))
    for command in mata:
        _balanced(command)
    blocks = 0
    made: set[str] = set()
    used: dict[str, str] = {}
    for command in stata:
        bare = _bare(command)
        _balanced(bare)
        word = re.split(r"[\s,:(]", bare.strip())[0]
        assert word in _COMMANDS.split() or word == "macro", command
        blocks += bare.rstrip().endswith("{") - (bare.strip() == "}")
        blocks += word == "program" and "define" in bare
        blocks -= word == "end"
        made |= {next(filter(None, own)) for own in _MADE.findall(command)}
        if word not in ("args", "tempname", "tempvar", "program", "mata"):
            for name in _names(command if word == "row" else bare):
                used.setdefault(name, command)
    assert blocks == 0
    made |= {f"{prefix}_{name}" for prefix in ("w", "d") for name in [*made, *columns]}
    made |= {
        name
        for name in used
        if re.fullmatch(r"(w_)?effect\d_\d*|(\w+_)?macro|(value|pooled|free|count|explained)_\d+", name)
    }
    unknown = set(used) - made - columns - _KNOWN
    assert not unknown, {name: used[name] for name in unknown}
    assert all(len(name) <= 32 for name in made | set(used))
    assert all(len(line) <= WIDTH + 10 or '"' in line for line in text.splitlines())


def _columns(svy: llo.Survey, folder: Path) -> set[str]:
    """The columns of the file that a script reads."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        svy.to_file(folder / "data.dta")
    return set(pd.read_stata(folder / "data.dta", convert_categoricals=False).columns)


@pytest.mark.parametrize("name", golden.CASES)
def test_scripts_are_those_that_were_read(name: str, tmp_path: Path) -> None:
    svy, result = golden.case(name)
    text = result.to_stata("data.dta")
    assert text == golden.place(name, "stata").read_text(encoding="utf-8"), (
        "read it beside the manual, then: python -m tests.results.receipts.golden write"
    )
    assert name in MANUAL
    assert "NOT RUN" in "\n".join(text.splitlines()[:8])
    check(text, _columns(svy, tmp_path))
    if words := cannot(told_of(result)):
        first = " ".join(line.removeprefix("*").strip() for line in text.split("\n\n")[0].splitlines())
        assert " ".join(words) in first


@pytest.mark.parametrize("name", golden.MADE_OF)
def test_scripts_of_what_is_made_of_results_are_those_that_were_read(name: str, tmp_path: Path) -> None:
    svy, _ = golden.case(name)
    text = golden.script(name, "stata")
    assert text == golden.place(name, "stata").read_text(encoding="utf-8")
    assert name in MANUAL
    check(text, _columns(svy, tmp_path))


def test_rows_of_a_narrowing_are_our_differences(tmp_path: Path) -> None:
    svy, made = golden.case("narrowing")
    _columns(svy, tmp_path)
    columns = columns_of(pd.read_stata(tmp_path / "data.dta", convert_categoricals=False))
    machine = Machine(columns, svy.weights.to_numpy(float))
    machine.run(_code(golden.script("narrowing", "stata").split("* The statement of each cell")[0]))
    assert len(machine.rows) == len(made.result.estimate)
    for place, (label, estimate, df, error) in enumerate(machine.rows):
        assert abs(estimate - made.result.estimate[place]) <= DIGITS * max(1.0, abs(estimate)), label
        assert df == made.result.df[place], label
        assert abs(error / made.result.std_error[place] - 1) < ERRORS, label


# cases whose rows rest on commands that the machine of the tests does not have
_ELSEWHERE = """
mean_replicates mean_plausible quantile joint margins ordered fixed_effects_cluster random_effects
oaxaca oaxaca_threefold oaxaca_change gelbach sequential shapley standardise rank_gap kitagawa das_gupta
"""
# designs whose variances the machine does not have: later stages, calibration; means of units that move with weights
_OTHER_ERRORS = "mean_two_stages mean_weights_of_fractions mean_calibrated mean_trimmed"
# slopes of smooth expressions are differences
ERRORS = 1e-6
# numbers that are added up in another order
DIGITS = 1e-9


@pytest.mark.parametrize("name", [name for name in golden.CASES if name not in _ELSEWHERE.split()])
def test_rows_are_our_estimates_on_our_degrees_of_freedom(name: str, tmp_path: Path) -> None:
    svy, result = golden.case(name)
    _columns(svy, tmp_path)
    columns = columns_of(pd.read_stata(tmp_path / "data.dta", convert_categoricals=False))
    machine = Machine(columns, svy.weights.to_numpy(float))
    machine.run(_code(result.to_stata("data.dta")))
    assert len(machine.rows) == len(result.estimate)
    for place, (label, estimate, df, error) in enumerate(machine.rows):
        assert abs(estimate - result.estimate[place]) <= DIGITS * max(1.0, abs(estimate)), label
        assert df is None or df == result.df[place], label
        if name not in _OTHER_ERRORS.split():
            assert abs(error / result.std_error[place] - 1) < ERRORS, label


@pytest.mark.parametrize("family", ["gaussian", "binomial"])
@pytest.mark.parametrize("small_sample", [None, "none"])
@pytest.mark.parametrize("vcov", ["cluster", "hc1"])
def test_errors_without_the_design(vcov: str, small_sample: str | None, family: str, tmp_path: Path) -> None:
    svy = golden.clusters()
    result = llo.glm("training ~ age", svy, family=family, vcov=vcov, small_sample=small_sample)
    _columns(svy, tmp_path)
    machine = Machine(
        columns_of(pd.read_stata(tmp_path / "data.dta", convert_categoricals=False)), svy.weights.to_numpy(float)
    )
    machine.run(_code(result.to_stata("data.dta")))
    for place, (label, estimate, df, error) in enumerate(machine.rows):
        assert abs(estimate - result.estimate[place]) <= DIGITS * max(1.0, abs(estimate)), label
        assert df == result.df[place], label
        assert abs(error / result.std_error[place] - 1) < ERRORS, label


@pytest.mark.slow
@pytest.mark.parametrize("kind", [kind for kind in recorded_calls.surveys() if kind != "stack of replicates"])
def test_on_every_design(kind: str, tmp_path: Path) -> None:
    svy = recorded_calls.surveys()[kind]()
    _columns(svy, tmp_path)
    columns = columns_of(pd.read_stata(tmp_path / "data.dta", convert_categoricals=False))
    told = 0
    for name, call in recorded_calls.CALLS.items():
        if name in ("plausible", "imputations", "joint", "joint contrast") or "quantile" in name:
            continue
        try:
            result = call(svy)
        except llo.LloError:
            continue
        machine = Machine(dict(columns), svy.weights.to_numpy(float))
        machine.run(_code(result.to_stata("data.dta")))
        assert len(machine.rows) == len(result.estimate), name
        for place, (label, estimate, df, _) in enumerate(machine.rows):
            assert abs(estimate - result.estimate[place]) <= DIGITS * max(1.0, abs(estimate)), (name, label)
            assert df is None or df == result.df[place], (name, label)
        told += 1
    assert told > 15


def test_every_estimator_has_a_script() -> None:
    told = {golden.case(name)[1].meta["call"]["function"] for name in golden.CASES}
    others = {"narrowing", "panel.hybrid", "panel.correlated_random_effects", "covariance"}
    assert set(WRITERS) <= told | others
    assert not set(NEAREST) & set(WRITERS)


def test_paths_of_windows() -> None:
    _, result = golden.case("total")
    assert 'use "C:/my data/own.dta", clear' in result.to_stata("C:\\my data\\own.dta")


def test_conditions_on_plausible_values_have_a_column(tmp_path: Path) -> None:
    svy = golden.recorded()
    text = llo.mean("PV* > 50", svy, by="education", plausible=True).to_stata()
    check(text, _columns(svy, tmp_path))


def test_labels_that_lose_signs_are_told() -> None:
    frame = golden.clusters().frame
    frame = frame.assign(firm=["it's" if own == "north" else "c\\d" for own in frame["region"]])
    svy = llo.Survey(frame, weights="w", strata="h", psu="psu")
    assert "Labels stand here without" in llo.mean("hours", svy, by="firm").to_stata()
    assert "Labels stand here without" not in llo.mean("hours", svy, by="region").to_stata()


def test_shares_of_r2_are_made_of_weighted_regressions() -> None:
    result = golden.case("shapley")[1]
    text = result.to_stata()
    groups = dict(re.findall(r"^local terms_(\d+) (.*)$", text, re.MULTILINE))
    svy = golden.clusters()
    inside = svy.frame[["hours", "age", "education"]].notna().all(axis=1).to_numpy()
    columns = {"age": svy.frame["age"].to_numpy(float)}
    columns |= {f"x{i}": (svy.frame["education"] == own).to_numpy(float) for i, own in ((2, "middle"), (3, "high"))}
    y, w = svy.frame["hours"].to_numpy(float)[inside], svy.weights.to_numpy(float)[inside]

    def explained(names: list[str]) -> float:
        x = np.column_stack([np.ones(len(y)), *(columns[name][inside] for name in names)]) * np.sqrt(w)[:, None]
        left = y * np.sqrt(w) - x @ np.linalg.lstsq(x, y * np.sqrt(w), rcond=None)[0]
        return 1 - float(left @ left) / float(w @ (y - np.average(y, weights=w)) ** 2)

    one, other = (groups[place].split() for place in ("1", "2"))
    both, first, second = explained([*one, *other]), explained(one), explained(other)
    shares = [(first + both - second) / 2, (second + both - first) / 2, both]
    assert np.abs(np.array(shares) - result.estimate).max() < DIGITS


def test_files_of_other_programs_are_refused() -> None:
    with pytest.raises(llo.DataError):
        golden.case("total")[1].to_stata("data.csv")


def test_equivalence_is_printed_and_adjusted_values_are_told(tmp_path: Path) -> None:
    gap = llo.gap("hours", golden.clusters(), **decomposed.GROUPS, by="education")
    text = gap.equivalence(2.0).to_stata()
    check(text, _columns(golden.clusters(), tmp_path))
    assert "p_equivalence, bound 2" in text
    assert "Not printed here: p_adjusted. qqvalue" in gap.adjusted("holm").to_stata()


def test_rules_of_syntax_can_fail() -> None:
    for text in (
        "generate byte x = (1",
        'display "a',
        "display `a",
        "generate x = 1 ///",
        "foreach v of varlist x {",
        "replce x = 1",
        "generate byte x = y",
        f"generate byte {'x' * 33} = 1",
    ):
        with pytest.raises(AssertionError):
            check(text, set())
    check("generate byte x = 1 ///\n    + 2\n* a comment\n", set())


def test_a_stack_of_replicates_says_which_weights_rows_have_at_replicates_of_others() -> None:
    """The file has each row's own survey's; the do-file makes all of them, and counts degrees of freedom by survey."""
    one = llo.replicate(r_designs.plain(), "bootstrap", replicates=12, seed=6)
    svy = llo.stack({"a": one, "b": r_designs.produced("jk1")})
    script = llo.mean("y", svy).to_stata("data.dta")
    parts = [part.n_replicates for part in svy.design.replicates.parts]
    assert f"forvalues s = 1/{len(parts)} {{" in script
    assert f"every_replicate_1-every_replicate_{sum(parts)}" in script
    assert "cond(own_survey == `s', replicate_`r', stack_weight)" in script
    assert f"local r : word `s' of {' '.join(map(str, parts))}" in script and "local made : word `s' of 1 0" in script
