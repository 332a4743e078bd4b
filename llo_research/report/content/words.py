"""The words of tables and figures, Dutch first and English second: kinds, units, parts, flags, methods."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    # column heads
    "result": ("uitkomst", "outcome"),
    "variable": ("variabele", "variable"),
    "level": ("antwoord", "answer"),
    "term": ("term", "term"),
    "component": ("onderdeel", "component"),
    "measure": ("maat", "measure"),
    "quantile": ("kwantiel", "quantile"),
    "of": ("groep", "group"),
    "minus": ("vergeleken met", "compared with"),
    "group": ("groep", "group"),
    "year": ("jaar", "year"),
    "period": ("periode", "period"),
    "series": ("reeks", "series"),
    "category": ("categorie", "category"),
    "breakdown": ("uitsplitsing", "breakdown"),
    "instrument": ("instrument", "instrument"),
    "reference_period": ("referentieperiode", "reference period"),
    "population": ("populatie", "population"),
    "status": ("status", "status"),
    "unit": ("eenheid", "unit"),
    "note": ("noot", "note"),
    "n": ("n", "n"),
    "estimate": ("schatting", "estimate"),
    "value": ("waarde", "value"),
    "interval": ("{level}%-BI", "{level}% CI"),
    "row": ("rij", "row"),
    # kinds of estimates
    "share": ("aandeel", "share"),
    "mean": ("gemiddelde", "mean"),
    "total": ("totaal", "total"),
    "ratio": ("verhouding", "ratio"),
    "odds": ("oddsratio", "odds ratio"),
    "variance": ("variantie", "variance"),
    "gini": ("Gini-coëfficiënt", "Gini coefficient"),
    "iqr": ("kwartielafstand", "interquartile range"),
    "theil": ("Theil-index", "Theil index"),
    "mld": ("gemiddelde logaritmische afwijking", "mean log deviation"),
    "atkinson": ("Atkinson-index", "Atkinson index"),
    "concentration": ("concentratie-index", "concentration index"),
    "erreygers": ("concentratie-index (Erreygers)", "concentration index (Erreygers)"),
    "wagstaff": ("concentratie-index (Wagstaff)", "concentration index (Wagstaff)"),
    "median": ("mediaan", "median"),
    "quantiles": ("kwantielen", "quantiles"),
    "percentile": ("{rank}e percentiel", "{rank} percentile"),
    "difference": ("verschil", "difference"),
    "contrast": ("contrast", "contrast"),
    "correlation": ("correlatie", "correlation"),
    "covariance": ("covariantie", "covariance"),
    "coefficient": ("coëfficiënt", "coefficient"),
    "part": ("bijdrage", "contribution"),
    "decomposition": ("decompositie", "decomposition"),
    "published": ("gepubliceerd", "published"),
    "effect": ("marginaal effect", "marginal effect"),
    "effects": ("marginale effecten", "marginal effects"),
    # terms of models
    "Intercept": ("constante", "constant"),
    "prediction": ("gemiddelde voorspelling", "average prediction"),
    "threshold": ("drempel", "threshold"),
    "base": ("basis", "base"),
    "unit mean": ("gemiddelde van de eenheid", "mean of the unit"),
    "yes": ("ja", "yes"),
    "no": ("nee", "no"),
    # units
    "percent": ("%", "%"),
    "points": ("procentpunt", "percentage points"),
    "score 0-10": ("op een schaal van 0 tot 10", "on a scale of 0 to 10"),
    "x1000 persons": ("x 1.000 personen", "x 1,000 persons"),
    # parts of sentences
    "and": ("en", "and"),
    "or": ("of", "or"),
    "to": ("tot", "to"),
    "by": ("naar", "by"),
    "trend": ("trend", "trend"),
    "slope": ("helling per jaar", "slope per year"),
    "step": ("sprong", "step"),
    "with break term": ("met een term voor de breuk", "with break term"),
    "without break term": ("zonder term voor de breuk", "without break term"),
    "of all": ("van allen", "of all"),
    "within cells": ("binnen", "within"),
    "against": ("tegenover", "against"),
    "since": ("sinds", "since"),
    "no_data": ("geen gegevens", "no data"),
    "withheld": ("afgeschermd", "withheld"),
    "std_error": ("standaardfout", "standard error"),
    "no_interval": ("geen interval", "no interval"),
    "all": ("allen", "all"),
    "synthetic": ("SYNTHETISCH", "SYNTHETIC"),
    "synthetic_note": (
        "SYNTHETISCHE GEGEVENS: dit toont de methode, niet de bevolking.",
        "SYNTHETIC DATA: this shows the method, not the population.",
    ),
    "about": ("circa", "about"),
    "about the figures": ("Over deze cijfers", "About these figures"),
    "more than": ("meer dan", "more than"),
    "break": ("methodebreuk", "method break"),
    "not_published_interval": (
        "Er is geen betrouwbaarheidsinterval gepubliceerd.",
        "No confidence interval was published.",
    ),
    "rounding": ("afronding", "rounding"),
    "rounding_only": (
        "Grenzen: wat de afronding van de cijfers toelaat; een betrouwbaarheidsinterval is niet gepubliceerd.",
        "Bounds: what the rounding of the figures allows; no confidence interval was published.",
    ),
    "some_not_published_interval": (
        "Waar geen interval staat, is er geen gepubliceerd.",
        "Where no interval is shown, none was published.",
    ),
}

COMPONENTS: dict[str, tuple[str, str]] = {
    "mean_of": ("gemiddelde van de groep", "mean of the group"),
    "mean_minus": ("gemiddelde van de vergelijkingsgroep", "mean of the comparison group"),
    "gap": ("verschil", "gap"),
    "gap_change": ("verandering van het verschil", "change of the gap"),
    "change": ("verandering", "change"),
    "explained": ("verklaard", "explained"),
    "unexplained": ("onverklaard", "unexplained"),
    "endowments": ("kenmerken", "endowments"),
    "coefficients": ("coëfficiënten", "coefficients"),
    "interaction": ("interactie", "interaction"),
    "rate": ("niveau", "rate"),
    "composition": ("samenstelling", "composition"),
    "total": ("totaal", "total"),
    "within": ("binnen groepen", "within groups"),
    "between": ("tussen groepen", "between groups"),
}

FLAGS: dict[str, tuple[str, str]] = {
    "empty": ("geen waarnemingen met een gewicht", "no row with a weight"),
    "boundary": (
        "aandeel van precies 0 of 100%; alleen de beta- en wilson-intervallen zijn dan gedefinieerd",
        "share of exactly 0 or 100%; only the beta and wilson intervals are defined there",
    ),
    "zero_se": (
        "standaardfout 0, op afronding na: er is geen verschil tussen de steekproefeenheden",
        "standard error 0, but for rounding: nothing varies between the sampling units",
    ),
    "no_df": ("geen vrijheidsgraden: geen interval", "no degrees of freedom: no interval"),
    "no_interval": ("de methode vindt hier geen grenzen", "the method of the interval finds no ends here"),
    "low_df": (
        "minder dan 10 vrijheidsgraden: onzekerheidsmarge zelf onzeker",
        "fewer than 10 degrees of freedom: the margin itself is uncertain",
    ),
    "negative_variance": (
        "clusters in twee richtingen geven een variantie onder nul: geen standaardfout",
        "clusters in two ways give a variance below zero: no standard error",
    ),
    "replicate_undefined": (
        "bij een van de replicaties niet gedefinieerd: geen standaardfout",
        "undefined at one of the replicates: no standard error",
    ),
    "jackknife": (
        "de jackknife geeft van kwantielen geen consistente standaardfout; interval='mean' wel",
        "the jackknife gives no consistent standard error of quantiles; interval='mean' does",
    ),
    "open_interval": (
        "het interval van een kwantiel loopt door tot buiten de gegevens: geen onder- of bovengrens",
        "the interval of a quantile runs beyond the data: no lower or no upper end",
    ),
    "break": (
        "de vergeleken jaren liggen aan weerszijden van een methodebreuk: methode en werkelijkheid zijn vermengd",
        "the times compared lie on two sides of a method break: method and reality are mixed",
    ),
    "break_adjusted": (
        "de bekende verschuiving door een methodebreuk is eraf, met haar standaardfout",
        "the known shift of a method break was taken off, with its standard error",
    ),
    "above": ("hoger dan de rest", "above the rest"),
    "below": ("lager dan de rest", "below the rest"),
    "weak": ("het verschil is klein (Cohens h of d)", "the difference is small (Cohen's h or d)"),
    "not_identified": (
        "te weinig metingen om deze term van de andere te onderscheiden",
        "too few waves to tell this term from the others",
    ),
    "saturated": (
        "evenveel termen als metingen: de lijn met haar sprongen past altijd precies",
        "as many terms as waves: the line and its steps fit whatever happened",
    ),
    "unstable_share": (
        "het interval van het verschil bevat 0: een aandeel daarvan is zo onzeker dat het weinig zegt",
        "the interval of the gap holds 0: a share of it is so uncertain that it says little",
    ),
    "few_carry": (
        "in feite rust dit op minder dan 10 mensen met een groot gewicht: de onzekerheid is slecht bekend",
        "in effect fewer than 10 people with large weights carry this: its uncertainty is poorly known",
    ),
    "enclosing": (
        "binnen deze grenzen valt alles wat de afronding toelaat; ze kunnen ruimer zijn dan nodig",
        "the bounds hold whatever rounding allows, and may be wider than what can be reached",
    ),
    "no_test": (
        "meer restricties dan vrijheidsgraden, of een singuliere covariantie: geen toets",
        "more restrictions than degrees of freedom, or a singular covariance: no test",
    ),
    "period": ("verschillende referentieperioden: niet één reeks", "different reference periods: not one series"),
    # of published figures read side by side
    "instrument": ("verschillende instrumenten: niet één reeks", "different instruments: not one series"),
    "reference period": (
        "verschillende referentieperioden: niet één reeks",
        "different reference periods: not one series",
    ),
    "definition": ("verschillende definities: niet één reeks", "different definitions: not one series"),
    "population": ("verschillende populaties: niet één reeks", "different populations: not one series"),
}

INTERVALS: dict[str, tuple[str, str]] = {
    "wald": ("symmetrisch (Wald)", "symmetric (Wald)"),
    "log": ("symmetrisch op de logschaal", "symmetric on the log scale"),
    "logit": ("logit", "logit"),
    "xlogit": ("logit", "logit"),
    "fisher": ("Fisher", "Fisher"),
    "asin": ("arcsinus-wortel", "arcsine square root"),
    "beta": ("Korn-Graubard", "Korn-Graubard"),
    "wilson": ("Wilson", "Wilson"),
    "likelihood": ("geschaalde likelihood (Rao-Scott)", "scaled likelihood (Rao-Scott)"),
    # of quantiles
    "woodruff": ("Woodruff", "Woodruff"),
    "mean": ("Woodruff", "Woodruff"),
    "score": ("scoretoets van het aandeel eronder", "score test of the share below"),
    "replicate": ("kwantielen bij de replicaties", "quantiles at the replicates"),
}

WEIGHTING: dict[str, tuple[str, str]] = {
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

ROBUSTNESS: dict[str, tuple[str, str]] = {
    "title": ("{what}, en de methodebreuk die dat teniet zou doen", "{what}, and the method break that would undo it"),
    "break": ("breuk", "break"),
    "none": ("geen", "none"),
    "size_not_significant": ("niet meer aan te tonen vanaf", "not significant from"),
    "size_zero": ("nul bij", "zero at"),
    "size_reversed": ("omgekeerd vanaf", "reversed from"),
    "known_shift": ("bekende verschuiving", "known shift"),
    "net_of_shift": ("zonder die verschuiving", "net of that shift"),
    "verdict": ("oordeel", "verdict"),
    "se": ("standaardfout", "standard error"),
    "no se": ("zonder standaardfout", "without standard error"),
    "undefined": ("geen verandering te schatten", "no change can be estimated"),
    "no break": ("geen bekende breuk ertussen", "no known break in between"),
    "adjusted": ("na aftrek van de bekende verschuiving", "net of the known shift"),
    "unknown": ("grootte van de breuk onbekend", "size of the break not known"),
    "shift without se": ("verschuiving bekend zonder standaardfout", "shift known without standard error"),
    "stands": ("blijft staan na de bekende verschuiving", "stands after the known shift"),
    "falls": ("blijft niet staan na de bekende verschuiving", "does not stand after the known shift"),
    "undone": ("een breuk van {size} of verder is genoeg", "a break of {size} or beyond is enough"),
    "not significant": ("op zichzelf al niet aan te tonen", "not significant to begin with"),
    "reading": (
        "Een breuk is wat de nieuwe methode op hetzelfde moment toevoegt (nieuw {minus} oud). Vanaf de eerste grootte "
        "is de rest niet meer van geen verandering te onderscheiden, bij de tweede blijft niets over, vanaf de derde "
        "is de rest een aantoonbare verandering de andere kant op.",
        "A break is what the new method adds at the same moment (new {minus} old). From the first size on the rest can "
        "no longer be told from no change, at the second nothing is left, from the third on the rest is a significant "
        "change the other way.",
    ),
    "minus": ("min", "minus"),
    "over": ("gedeeld door", "over"),
    "beyond": (
        "De bekende verschuiving is er al af: de grootten gelden daarbovenop.",
        "The known shift was taken off already: the sizes are beyond it.",
    ),
    "no breaks": (
        "Tussen de vergeleken tijden ligt geen bekende methodebreuk.",
        "No known method break lies between the times compared.",
    ),
}

TESTS: dict[str, tuple[str, str]] = {
    "test": ("toets", "test"),
    "df": ("vrijheidsgraden", "degrees of freedom"),
    "p": ("p-waarde", "p-value"),
    "deff": ("designeffect", "design effect"),
    "title": ("{pair}: toets op onafhankelijkheid", "{pair}: test of independence"),
    "other title": ("toets: {what}", "test: {what}"),
    "hypothesis": ("Nulhypothese: {pair} hangen niet samen.", "Null hypothesis: {pair} are independent."),
    "other hypothesis": ("Nulhypothese: {what}.", "Null hypothesis: {what}."),
    "without": ("Antwoorden zonder waarnemingen, weggelaten: {n}.", "Levels without observations, left out: {n}."),
}
HYPOTHESES: dict[str, tuple[str, str]] = {
    "robust: coefficients of the unit means are 0": (
        "de coëfficiënten van de gemiddelden van eenheden zijn 0",
        "the coefficients of the unit means are 0",
    ),
}
TEST_METHODS: dict[str, tuple[str, str]] = {
    "F": (
        "Pearsons X² over de veralgemeniseerde designeffecten, tegen F (Rao-Scott, tweede orde).",
        "Pearson's X² over its generalised design effects, against F (Rao-Scott, second order).",
    ),
    "chisq": (
        "Pearsons X²; p-waarde van X² over het gemiddelde designeffect, tegen chi-kwadraat (Rao-Scott, eerste orde).",
        "Pearson's X²; p-value of X² over the mean design effect, against chi-square (Rao-Scott, first order).",
    ),
    "wald": (
        "Waldtoets van de celtotalen tegen die onder onafhankelijkheid, tegen F.",
        "Wald test of the cell totals against those under independence, against F.",
    ),
    "wald of estimates": (
        "Waldtoets van de schattingen samen, tegen F.",
        "Wald test of the estimates together, against F.",
    ),
    "lr of estimates": (
        "Aannemelijkheidsverhouding over de veralgemeniseerde designeffecten (Rao-Scott).",
        "Likelihood ratio over its generalised design effects (Rao-Scott).",
    ),
}

CLAIMS: dict[str, tuple[str, str]] = {
    "p_adjusted": ("p, aangepast", "adjusted p"),
    "bound": ("grens", "bound"),
    "p_equivalence": ("p, gelijkwaardigheid", "p, equivalence"),
    "holm": ("Holm", "Holm"),
    "bonferroni": ("Bonferroni", "Bonferroni"),
    "benjamini-hochberg": ("Benjamini-Hochberg", "Benjamini-Hochberg"),
    "romano-wolf": ("Romano-Wolf", "Romano-Wolf"),
    "adjusted note": (
        "p, aangepast: voor het aantal van {tests} toetsen{method}.",
        "Adjusted p: for the number of {tests} tests{method}.",
    ),
    "equivalence note": (
        "p, gelijkwaardigheid: twee eenzijdige toetsen; een kleine waarde toont dat het verschil kleiner is dan de "
        "grens.",
        "p, equivalence: two one-sided tests; a small value shows that the difference is smaller than the bound.",
    ),
}
