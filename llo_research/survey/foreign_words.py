"""What SPSS, Stata and R call the arguments of a Survey, and what they do before an analysis: their words and ours."""

from __future__ import annotations

# Argument of a Survey: what it is called elsewhere (small letters, joined by _). A slip of the pen is told as well.
_ARGUMENTS = {
    "weights": "weight w wt wgt pweight pweights iweight aweight fweight weight_column weight_by weightby weeg weging "
    "gewicht gewichten weegfactor analysisweight sampleweight finalweight probs prob",
    "strata": "stratum strat stratification",
    "psu": "id ids cluster clusters su ssu vpsu",
    "fpc": "fpcs population population_size popsize",
    "unit": "person person_id respondent panel_id subject",
    "time": "wave waves year period",
    "lonely_psu": "singleunit single_unit lonely",
    "replicate_weights": "repweights rep_weights replicates brrweight jkrweight sdrweight bsrweight",
    "replicate_method": "type method rep_method vce",
    "replicate_scale": "scale",
    "replicate_rscales": "rscales",
    "fay": "rho fay_rho",
    "labels": "value_labels variable_labels varlabels",
    "frame": "data dataset df variables",
}
_MEANT = {word: name for name, words in _ARGUMENTS.items() for word in words.split()}
# Words that mean an argument, with another meaning.
_OTHERWISE = {
    "probs": "weights are one over the probability: svy = llo.Survey(frame.assign(w=1 / frame['p']), weights='w')",
    "prob": "weights are one over the probability: svy = llo.Survey(frame.assign(w=1 / frame['p']), weights='w')",
    "weight_by": "weights='w' takes the weights as those of a sample; SPSS's WEIGHT BY counts them as people, and its "
    "standard errors are wrong: result.naive() shows them beside",
    "fweight": "a weight that counts equal people: weights='w' gives the estimate, but its standard error takes each "
    "row for one person; repeat the rows instead: frame.loc[frame.index.repeat(frame['w'])]",
}
_SELECT = 'svy.where("age >= 25") restricts to a domain and keeps the design; rows are never deleted'
_MISSING = (
    "values that an SPSS file declares missing are missing when llo.read_file or llo.read_microdata reads it; other "
    "codes: [missing] in a mapping, or frame.replace({'x': {9: None}}) before llo.Survey"
)
_PLAN = (
    "name what the plan names: /PLANVARS ANALYSISWEIGHT is weights='...', /DESIGN STRATA is strata='...', CLUSTER is "
    "psu='...', /INCLPROB or /POPSIZE is fpc='...'"
)
_GROUPS = "by= of an estimator: llo.mean('training', svy, by='year') gives a row for each group"
_MADE = 'svy.assign(older="age >= 55") or svy.assign(x=lambda d: d["a"].map({1: "low", 2: "high"})) makes a column'
# What has no argument here, and how it is done.
_DONE = {
    _SELECT: "filter filter_by select_if select subset subpop subpopulation use_filter temporary query",
    _MISSING: "user_missing missing missing_values usermissing sysmis",
    _PLAN: "plan csplan csaplan plan_file complex_samples complex_samples_plan sample_plan",
    _GROUPS: "split_file split by over group_by groupby",
    _MADE: "recode compute mutate transform generate egen replace do_if",
    "the degrees of freedom are those of the design: PSUs minus strata": "dof df_resid degf",
    "llo.poststratify(svy, cells) or llo.calibrate(svy, totals), after making the Survey": "poststrata postweight "
    "calibrate_formula rake raking",
    "svy.to_file('data.sav') writes the data for other programs, as .csv, .dta, .sav or .parquet": "to_csv to_stata "
    "to_spss to_sav to_dta to_parquet to_r export save_outfile saveold write_sav write_dta write_csv",
}
_HOW = {word: how for how, words in _DONE.items() for word in words.split()}


def meant(name: str) -> str | None:
    """The argument of a Survey that a word of another program means."""
    word = plain(name)
    return _MEANT.get(word) or _MEANT.get(word.rstrip("s_"))


def how_here(name: str) -> str | None:
    """How a thing of another program is done here, where that is not the argument of the same meaning."""
    word = plain(name)
    return _OTHERWISE.get(word) or _HOW.get(word) or _HOW.get(word.rstrip("s_"))


def plain(name: str) -> str:
    """A word of SPSS, Stata or R as the table has it."""
    return "_".join(name.casefold().replace(".", " ").replace("-", " ").split())
