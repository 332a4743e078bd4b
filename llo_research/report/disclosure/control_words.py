"""What the documents for an export officer say, in both languages."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "title": ("Control of an export", "Controle van een export"),
    "inside": (
        "This folder (control) stays inside. It holds counts that may not leave. It is for whoever checks the export.",
        "Deze map (control) blijft binnen. Er staan aantallen in die niet naar buiten mogen. De map is voor "
        "wie de "
        "export controleert.",
    ),
    "short": ("In short", "In het kort"),
    "sum": (
        "Results that leave: {files}; rows of numbers in them: {rows}; rows withheld: {gone}.",
        "Resultaten die naar buiten gaan: {files}; rijen getallen daarin: {rows}; afgeschermde rijen: {gone}.",
    ),
    "no export before": (
        "No earlier export was named (left_before): what these numbers tell beside numbers that left before "
        "was NOT checked.",
        "Er is geen eerdere export genoemd (left_before): wat deze getallen vertellen naast wat al naar buiten "
        "ging is NIET nagegaan.",
    ),
    "before by names": (
        "Of these earlier results only the numbers are known, not the people: differences from them were NOT "
        "checked, only which rows add up to which: {names}.",
        "Van deze eerdere resultaten zijn alleen de getallen bekend, niet de personen: verschillen met hen zijn "
        "NIET nagegaan, alleen welke rijen tot welke optellen: {names}.",
    ),
    "none of": ("Nothing leaves of: {names}.", "Niets gaat naar buiten van: {names}."),
    "synthetic": (
        "These numbers are of synthetic data: an exercise. No person stands behind them.",
        "Deze getallen komen uit synthetische gegevens: een oefening. Er staat geen persoon achter.",
    ),
    "confirmed": (
        "Rules: profile {name} ({title}), checked against the rules in force on {date}.",
        "Regels: profiel {name} ({title}), op {date} vergeleken met de geldende regels.",
    ),
    "unconfirmed": (
        "Rules: profile {name} ({title}), UNCONFIRMED: nobody has dated it against the rules in force.",
        "Regels: profiel {name} ({title}), NIET BEVESTIGD: niemand heeft het met datum vergeleken met de "
        "geldende regels.",
    ),
    "units": ("at least {n} unweighted people in a cell", "ten minste {n} ongewogen personen in een cel"),
    "complement": (
        "at least {n} people with the answer, and as many without it",
        "ten minste {n} personen met het antwoord, en evenveel zonder",
    ),
    "largest_share": (
        "at most {p} of a weighted total by one person",
        "hoogstens {p} van een gewogen totaal door één persoon",
    ),
    "degrees_of_freedom": (
        "models: at least {n} more people than coefficients",
        "modellen: ten minste {n} personen meer dan coëfficiënten",
    ),
    "one_category": (
        "at most {p} of a group in one category",
        "hoogstens {p} van een groep in één categorie",
    ),
    "looser": ("(LOOSER than the profile cbs: {n})", "(RUIMER dan het profiel cbs: {n})"),
    "one_category_others": (
        "more than that only where {n} people or more are in the other categories",
        "meer dan dat alleen waar {n} of meer personen in de andere categorieën zitten",
    ),
    "width": (
        "what follows of a withheld count from all that leaves spans at least {n} people",
        "wat uit alles samen over een afgeschermd aantal volgt, laat ten minste {n} personen ruimte",
    ),
    "rounding": (
        "counts are rounded to {n}, for reading: this does NOT hide n, which follows from a share and its error, "
        "or from a total where all weights are equal",
        "aantallen zijn afgerond op {n}, om te lezen: n is daarmee NIET verborgen, want het volgt uit een aandeel en "
        "zijn fout, of uit een totaal waar alle gewichten gelijk zijn",
    ),
    "files": ("What leaves", "Wat naar buiten gaat"),
    "files text": (
        "These files, and no others, lie beside this folder. NAME.csv is what people read, NAME.json the "
        "same numbers with "
        "their covariance, README.txt says how to read them.",
        "Deze bestanden, en geen andere, staan naast deze map. NAAM.csv is om te lezen, NAAM.json bevat dezelfde "
        "getallen met hun covariantie, README.txt zegt hoe ze te lezen zijn.",
    ),
    "columns": ("What stands in them", "Wat erin staat"),
    "columns text": (
        "Per row that passes: estimate, standard error, degrees of freedom, interval, test, the unweighted "
        "number of "
        "people (n), the weighted sum of people, design effect, and the covariance between such rows. Left "
        "inside: people's values, "
        "fitted values, residuals, influence values, replicates, weights, numbers of people with and "
        "without the answer, "
        "largest shares, numbers of sampling units and of rows of the file, paths and checksums of files, "
        "totals of the "
        "weighting. Ends of intervals of quantiles, which are people's values, leave on a grid between whose lines as "
        "many people lie as a cell must have.",
        "Per rij die mag: schatting, standaardfout, vrijheidsgraden, interval, toets, het ongewogen aantal "
        "personen (n), "
        "de gewogen som van personen, het designeffect, en de covariantie tussen zulke rijen. Binnen "
        "blijven: waarden van "
        "personen, voorspelde waarden, residuen, invloedswaarden, replicaties, gewichten, aantallen met en "
        "zonder het "
        "antwoord, grootste aandelen, aantallen steekproefeenheden en rijen van het bestand, plaatsen en "
        "controlegetallen "
        "van bestanden, totalen van de weging. Grenzen van intervallen van kwantielen, die waarden van personen zijn, "
        "gaan naar buiten op een raster waar tussen twee lijnen zoveel personen zitten als een cel er moet hebben.",
    ),
    "suppressed": ("What is withheld, and why", "Wat is afgeschermd, en waarom"),
    "nothing suppressed": ("No row is withheld.", "Geen enkele rij is afgeschermd."),
    "one sided": (
        "Nearly all in one category, and leaves all the same",
        "Bijna iedereen in één categorie, en gaat toch naar buiten",
    ),
    "one sided text": (
        "In these groups {n} people or more are outside the largest category, so that the row tells no one what each "
        "of them is. The rule of thumb as it is often written makes no such exception: see whether yours does.",
        "In deze groepen zitten {n} of meer personen buiten de grootste categorie, zodat de rij niet vertelt wat "
        "iedereen in de groep is. De vuistregel zoals die vaak is opgeschreven kent deze uitzondering niet: ga na of "
        "de geldende regels dat doen.",
    ),
    "in one": ("in one category", "in één categorie"),
    "in others": ("people in the others", "personen in de andere"),
    "all suppressed": ("All of it: suppressed.csv.", "Alles: suppressed.csv."),
    "attack": ("What could be worked out from what leaves", "Wat uit de export te herleiden is"),
    "attack text": (
        "An attacker who reads only the files that leave works out between which ends each of {n} withheld numbers "
        "lies. Known, to fewer than {width:g} people: {known}. The narrowest first; all: attack.csv.",
        "Een aanvaller die alleen de bestanden leest die naar buiten gaan, rekent uit tussen welke grenzen elk van {n} "
        "afgeschermde getallen ligt. Bekend, op minder dan {width:g} personen: {known}. De nauwste eerst; alles: "
        "attack.csv.",
    ),
    "no end": (
        "Where `at most` is empty, no upper end follows.",
        "Waar `ten hoogste` leeg is, volgt er geen bovengrens.",
    ),
    "nothing to attack": (
        "Nothing is withheld of tables of counts, shares, means or totals.",
        "Van tabellen van aantallen, aandelen, gemiddelden of totalen is niets afgeschermd.",
    ),
    "no attack": (
        "Ranges of withheld numbers could not be worked out: {why}",
        "Grenzen van afgeschermde getallen konden niet worden uitgerekend: {why}",
    ),
    "unread": ("What the attacker could not read:", "Wat de aanvaller niet kon lezen:"),
    "recovered": (
        "Of {n} withheld numbers it could not be shown that they do not follow from what leaves, or they followed from "
        "earlier exports already. Look at them before this export goes.",
        "Van {n} afgeschermde getallen kon niet worden aangetoond dat ze niet uit de export volgen, of ze volgden al "
        "uit eerdere exports. Bekijk ze voordat deze export gaat.",
    ),
    "what": ("number", "getal"),
    "of n": ("people", "personen"),
    "of answer": ("people with the answer", "personen met het antwoord"),
    "of weighted": ("weighted", "gewogen"),
    "low": ("at least", "ten minste"),
    "high": ("at most", "ten hoogste"),
    "told": ("known", "bekend"),
    "unchecked": ("What could not be checked", "Wat niet kon worden nagegaan"),
    "all checked": ("Nothing was left unchecked that the rules ask.", "Alles wat de regels vragen is nagegaan."),
    "counts": ("People behind every row", "Personen achter elke rij"),
    "counts text": (
        "Unweighted. All rows: counts.csv.",
        "Ongewogen. Alle rijen: counts.csv.",
    ),
    "first rows": ("The first {k} of {n} rows.", "De eerste {k} van {n} rijen."),
    "variables": ("Variables", "Variabelen"),
    "calls": ("How each result was made", "Hoe elk resultaat is gemaakt"),
    "code": ("The user's own code", "De eigen code van de gebruiker"),
    "code none": ("No code was handed over (code=).", "Er is geen code meegegeven (code=)."),
    "code text": ("In the folder code: {names}.", "In de map code: {names}."),
    # heads of columns
    "file": ("file", "bestand"),
    "rows leave": ("rows that leave", "rijen naar buiten"),
    "rows gone": ("rows withheld", "rijen afgeschermd"),
    "sha": ("SHA-256", "SHA-256"),
    "name": ("variable", "variabele"),
    "label": ("label", "omschrijving"),
    "values": ("values", "waarden"),
    "made": ("how it was made", "hoe gemaakt"),
    "period": ("reference period", "referentieperiode"),
    "source": ("data", "gegevens"),
    "result": ("result", "resultaat"),
    "row": ("row", "rij"),
    "n": ("rows (n)", "rijen (n)"),
    "n_units": ("people", "personen"),
    "n_nonzero": ("with the answer", "met het antwoord"),
    "n_complement": ("without it", "zonder"),
    "largest_share_c": ("largest share", "grootste aandeel"),
    "df": ("degrees of freedom", "vrijheidsgraden"),
    "leaves": ("leaves", "naar buiten"),
    "yes": ("yes", "ja"),
    "no": ("no", "nee"),
    "without interval": ("without interval", "zonder interval"),
    "rule": ("rule", "regel"),
    "found": ("found", "gevonden"),
    "limit": ("limit", "grens"),
    "same cell": ("it would tell a withheld row of the same result", "het zou een afgeschermde rij verraden"),
    "why": ("why", "waarom"),
    "how many": ("rows", "rijen"),
    # the file outside
    "readme": (
        "Results that left a secure environment\n\n"
        "{confirmed}\n\n"
        'NAME.csv    what people read. Rows with "yes" under `withheld` show that something is absent, without a\n'
        "            number.{others}\n"
        "NAME.json   the same numbers with their covariance:\n"
        "                import llo_research as llo\n"
        '                result = llo.read_result("NAME.json")\n'
        "            contrasts, joint tests, tables, figures and sentences are made of it; what needs "
        "people says so.\n"
        "control/    STAYS INSIDE, if you find it here outside: delete it, and tell whoever let it go.\n\n"
        "Numbers of rows left out for missing values are told to whole {units}s, small ones not at "
        "all.{rounded}\n\n"
        "Files: {files}\n",
        "Resultaten die uit een beveiligde omgeving komen\n\n"
        "{confirmed}\n\n"
        'NAAM.csv    om te lezen. Rijen met "yes" onder `withheld` staan er om te laten zien dat er iets ontbreekt;\n'
        "            er staat geen getal in.{others}\n"
        "NAAM.json   dezelfde getallen met hun covariantie:\n"
        "                import llo_research as llo\n"
        '                result = llo.read_result("NAAM.json")\n'
        "            contrasten, gezamenlijke toetsen, tabellen, figuren en zinnen worden ervan gemaakt; "
        "wat personen\n"
        "            nodig heeft, zegt dat. Een kruistabel waarvan cellen ontbreken is een gewoon resultaat, zonder\n"
        "            .test; voorspelde waarden, residuen en de steun van een decompositie zijn None.\n"
        "control/    BLIJFT BINNEN. Staat de map hier buiten: verwijder haar, en zeg het degene die haar "
        "liet gaan.\n\n"
        "Aantallen rijen die wegens ontbrekende waarden wegvielen staan er in veelvouden van {units}, "
        "kleine niet.{rounded}\n\n"
        "Bestanden: {files}\n",
    ),
    "others": (
        "\n            Some rows are not named: their names stand in no list that is known outside.",
        "\n            Sommige rijen zijn niet genoemd: hun namen staan in geen lijst die buiten bekend is.",
    ),
    "rounded": (
        " Counts are rounded to {n}, degrees of freedom down to them; estimates and errors are not.",
        " Aantallen zijn afgerond op {n}, vrijheidsgraden naar beneden; schattingen en fouten niet.",
    ),
}


# names of the rules, and in Dutch why a row breaks them; in English the findings say so themselves
RULES: dict[str, tuple[str, str, str]] = {
    "few": ("too few people", "te weinig personen", "{found} personen; ten minste {limit} nodig"),
    "complement": (
        "too few with or without the answer",
        "te weinig met of zonder het antwoord",
        "{found} personen gaven een van de antwoorden; ten minste {limit} nodig",
    ),
    "dominance": (
        "one person dominates",
        "één persoon overheerst",
        "één persoon is {found} van het totaal; hoogstens {limit}",
    ),
    "one_category": (
        "nearly all in one category",
        "bijna iedereen in één categorie",
        "{found} van de groep in één categorie; hoogstens {limit}",
    ),
    "degrees_of_freedom": (
        "too few people for the model",
        "te weinig personen voor het model",
        "{found} personen meer dan coëfficiënten; ten minste {limit} nodig",
    ),
    "extreme": ("value of the outermost people", "waarde van de uiterste personen", "een waarde van enkele personen"),
    "saturated": (
        "a model that is a table",
        "een model dat een tabel is",
        "het model heeft een coëfficiënt per groep, en vertelt de kleinste",
    ),
    "difference": (
        "difference of two groups",
        "verschil van twee groepen",
        "het verschil met een andere groep is {found} personen; ten minste {limit} nodig",
    ),
    "unknown": ("people not known", "personen niet bekend", "niet bekend op hoeveel personen dit rust"),
    "secondary": (
        "protects another row",
        "beschermt een andere rij",
        "samen met wat naar buiten gaat zou dit een afgeschermd getal verraden",
    ),
}


def rule_in_words(rule: str, language: str) -> str:
    """The name of a rule."""
    return RULES[rule][language == "nl"] if rule in RULES else rule


def why_in_words(rule: str, found: object, limit: object, why: str, language: str) -> str:
    """Why a row does not leave."""
    if language != "nl" or rule not in RULES:
        return why
    return RULES[rule][2].format(found=_number(found, rule), limit=_number(limit, rule))


def _number(value: object, rule: str) -> str:
    """A count, or a share as a percentage."""
    if not isinstance(value, int | float) or value != value:
        return "?"
    return f"{100 * value:.0f}%" if rule in ("dominance", "one_category") else f"{value:.0f}"


def say(key: str, language: str, **values: object) -> str:
    """A text in the language."""
    return WORDS[key][language == "nl"].format(**values)
