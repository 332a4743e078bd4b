"""Words of tables of models and of what an omitted variable would do, Dutch first and English second."""

from __future__ import annotations

SENSITIVITY: dict[str, tuple[str, str]] = {
    "title": (
        "{treatment} en {outcome}: hoe sterk een weggelaten variabele zou moeten zijn",
        "{treatment} and {outcome}: how strong an omitted variable would have to be",
    ),
    "measure": ("maat", "measure"),
    "benchmark": ("vergeleken met", "compared with"),
    "times": ("zo sterk", "as strong"),
    "partial_r2": ("partiële R² van {treatment} met de uitkomst", "partial R² of {treatment} with the outcome"),
    "rv": ("robuustheidswaarde: brengt de schatting op 0", "robustness value: brings the estimate to 0"),
    "rv_interval": (
        "robuustheidswaarde: brengt 0 in het interval",
        "robustness value: brings 0 into the interval",
    ),
    "oster_delta": ("delta (Oster)", "delta (Oster)"),
    "oster_beta": ("schatting bij delta = 1 (Oster)", "estimate at delta = 1 (Oster)"),
    "r2_short": ("R² met {treatment} alleen", "R² with {treatment} alone"),
    "r2_full": ("R² van het model", "R² of the model"),
    "r2_max": ("R² met alles erin, aangenomen", "R² with everything in it, assumed"),
    "bound_treatment": ("grens: partiële R² met {treatment}", "bound: partial R² with {treatment}"),
    "bound_outcome": ("grens: partiële R² met de uitkomst", "bound: partial R² with the outcome"),
    "adjusted": ("schatting met zo'n variabele erbij", "estimate with such a variable in it"),
    "reading": (
        "Een weggelaten variabele die van wat overblijft van regressor en uitkomst beide meer verklaart dan de "
        "robuustheidswaarde, kan de schatting op 0 brengen.",
        "An omitted variable that explains more than the robustness value of what is left of both, regressor and "
        "outcome, can bring the estimate to 0.",
    ),
    "as_it_is": ("zoals geschat", "as estimated"),
    "with_treatment": (
        "partiële R² van de weggelaten variabele met {treatment}",
        "partial R² of the omitted variable with {treatment}",
    ),
    "with_outcome": ("partiële R² met de uitkomst", "partial R² with the outcome"),
    "contours": (
        "Lijn: de schatting die overblijft, als het verband met de weggelaten variabele haar kleiner maakt.",
        "Line: the estimate that is left, where the omitted variable makes it smaller.",
    ),
    "finding": (
        "{treatment} en {outcome}: een weggelaten variabele die van beide {rv} verklaart, brengt de schatting op 0",
        "{treatment} and {outcome}: an omitted variable that explains {rv} of both brings the estimate to 0",
    ),
    "contour figure": ("Figuur met hoogtelijnen", "Contour figure"),
}

MODELS: dict[str, tuple[str, str]] = {
    "gaussian": ("lineair", "linear"),
    "logit": ("logit", "logit"),
    "probit": ("probit", "probit"),
    "cloglog": ("complementaire log-log", "complementary log-log"),
    "poisson": ("poisson", "Poisson"),
    "gamma": ("gamma (log)", "gamma (log)"),
    "ordered": ("geordend {link}", "ordered {link}"),
    "fixed_effects": ("vaste effecten", "fixed effects"),
    "first_difference": ("eerste verschillen", "first differences"),
    "between": ("tussen eenheden", "between units"),
    "random_effects": ("toevalseffecten", "random effects"),
    "hybrid": ("binnen en tussen eenheden", "within and between units"),
    "mundlak": ("Mundlak", "Mundlak"),
    "correlated_random_effects": ("gecorreleerde toevalseffecten", "correlated random effects"),
    "conditional_logit": ("conditioneel logit", "conditional logit"),
    "fixed_effects_ordered": ("geordend logit met vaste effecten", "fixed effects ordered logit"),
    "fixed_effects_poisson": ("poisson met vaste effecten", "fixed effects Poisson"),
    "fixed_effects_iv": ("vaste effecten, instrumenten", "fixed effects, instruments"),
    "pseudo_panel": ("pseudopanel", "pseudo-panel"),
    "event_time": ("rond een gebeurtenis", "around an event"),
    "margins": ("marginale effecten, {model}", "marginal effects, {model}"),
    "weights vary": (
        "Gewichten verschillen binnen eenheden: elke rij telt met het gewicht van haar meting. De uitkomst gaat over "
        "personen op het moment van een meting, niet over personen die gevolgd worden.",
        "Weights vary within units: each row counts with the weight of its wave. The result speaks of persons at the "
        "time of a wave, not of persons followed.",
    ),
    "singletons": (
        "Eenheden die maar een keer zijn waargenomen: {n}. Zij tellen mee in n en dragen niets bij aan wat binnen "
        "eenheden verandert.",
        "Units observed only once: {n}. They are counted in n, and add nothing to what changes within units.",
    ),
    "unchanging": (
        "Eenheden die steeds hetzelfde antwoorden: {n}. Zij zeggen niets over veranderingen en tellen niet mee in n.",
        "Units that always answer the same: {n}. They say nothing of changes, and are not counted in n.",
    ),
    "separated": (
        "Groepen waarin nooit iets is geteld: {n}. Zij zeggen niets over veranderingen en tellen niet mee in n.",
        "Groups in which nothing was ever counted: {n}. They say nothing of changes, and are not counted in n.",
    ),
    "gap_closing": ("dubbel robuust", "doubly robust"),
    "four_parts": ("dubbel robuust", "doubly robust"),
    "reweight": ("herweging naar de kans op de groep (logit)", "weighted by the chance of the group (logit)"),
    "rif": ("lineair, van hergecentreerde invloedswaarden", "linear, of recentered influence values"),
    "fairlie": ("{model}, delen volgens Fairlie", "{model}, parts by Fairlie"),
    "yun": ("{model}, delen volgens Yun", "{model}, parts by Yun"),
    "age_period_cohort": ("leeftijd, periode en cohort", "age, period and cohort"),
}
COVARIANCES: dict[str, tuple[str, str]] = {
    "design": ("steekproefontwerp", "survey design"),
    "replicates": ("replicatiegewichten", "replicate weights"),
    "cluster": ("geclusterd", "clustered"),
    "two-way": ("geclusterd in twee richtingen", "clustered in two ways"),
    "driscoll-kraay": ("Driscoll-Kraay", "Driscoll-Kraay"),
    "hc1": ("HC1, heteroskedasticiteit", "HC1, heteroskedasticity"),
    "iid": ("klassiek", "classical"),
    "wild": ("geclusterd, toetsen met de wild bootstrap", "clustered, tests by the wild bootstrap"),
    "by stratum": ("n_h/(n_h-1) per stratum", "n_h/(n_h-1) by stratum"),
    "no factor": ("geen", "none"),
}
COMPARISONS: dict[str, tuple[str, str]] = {
    "model": ("model", "model"),
    "response": ("uitkomst", "outcome"),
    "unit": ("eenheid", "unit"),
    "n": ("n", "n"),
    "n_units": ("eenheden", "units"),
    "n_psu": ("steekproefeenheden", "sampling units"),
    "mean_y": ("gemiddelde van de uitkomst", "mean of the outcome"),
    "effects": ("effecten van {name}", "{name} effects"),
    "r2": ("R²", "R²"),
    "r2_within": ("R² (binnen)", "R² (within)"),
    "r2_between": ("R² (tussen)", "R² (between)"),
    "pseudo_r2": ("pseudo-R² (McFadden)", "pseudo-R² (McFadden)"),
    "vcov": ("standaardfouten", "standard errors"),
    "program": ("programma", "program"),
    "unit effect": ("eenheid", "unit"),
    "time effect": ("tijd", "time"),
    "in part": ("deels", "in part"),
    "controls": ("controlevariabelen", "controls"),
    "title": ("{response}: {count} modellen naast elkaar", "{response}: {count} models side by side"),
    "title of one": ("{response}: een model", "{response}: one model"),
    "models": ("modellen", "models"),
    "std_error": (
        "Tussen haakjes de standaardfout.",
        "Standard errors in brackets.",
    ),
    "interval": (
        "Tussen haakjes het {level}%-betrouwbaarheidsinterval.",
        "{level}% confidence intervals in brackets.",
    ),
    "stars": ("Sterren: {levels}.", "Stars: {levels}."),
    "factor": ("Kleine-steekproeffactor: {told}.", "Small-sample factor: {told}."),
    "scales": (
        "De modellen staan op verschillende schalen: hun coëfficiënten zijn als getal niet te vergelijken.",
        "The models are on different scales: their coefficients do not compare as numbers.",
    ),
    "nonlinear": (
        "Tussen logit- en probitmodellen met andere regressoren verschuift de schaal: vergelijk marginale effecten.",
        "Between logit or probit models with other regressors the scale moves as well: compare marginal effects.",
    ),
    "constant": ("De constante is niet getekend.", "The constant is not drawn."),
    "thresholds": ("De drempels zijn niet getekend.", "The thresholds are not drawn."),
    "not drawn": ("Ook in de modellen, niet getekend: {names}.", "Also in the models, not drawn: {names}."),
    "counts": ("Ongewogen aantal: n = {n}.", "Unweighted count: n = {n}."),
}
