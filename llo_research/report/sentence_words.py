"""The sentences that a result is told in, Dutch first and English second; places are filled by their names."""

from __future__ import annotations

from llo_research.report.content.labels import said

# Kinds of numbers that stand with their name: alone they would be read as a mean.
NAMED = ("variance", "total", "correlation", "covariance")
SENTENCES: dict[str, tuple[str, str]] = {
    # one number
    "level": ("{what}: {value}{ends}", "{what}: {value}{ends}"),
    "withheld": ("{what}: afgeschermd, daar rust te weinig op", "{what}: withheld, too few people behind it"),
    "empty": ("{what}: geen gegevens", "{what}: no data"),
    # a difference between two groups or times
    "more": ("{size} meer {at_of} dan {at_minus}{ends}", "{size} more {at_of} than {at_minus}{ends}"),
    "less": ("{size} minder {at_of} dan {at_minus}{ends}", "{size} less {at_of} than {at_minus}{ends}"),
    "unclear": (
        "of {of} en {minus} verschillen, is niet aan te tonen; {of} min {minus} is geschat op {value}{ends}",
        "whether {of} and {minus} differ cannot be told; {of} minus {minus} is estimated at {value}{ends}",
    ),
    "none": (
        "geen verschil van {bound} of groter tussen {of} en {minus}; {of} min {minus} is geschat op {value}{ends}",
        "no difference of {bound} or larger between {of} and {minus}; {of} minus {minus} is estimated at {value}{ends}",
    ),
    "ratio more": (
        "meer {at_of} dan {at_minus}, {value} keer zo veel{ends}",
        "more {at_of} than {at_minus}, {value} times as much{ends}",
    ),
    "ratio less": (
        "minder {at_of} dan {at_minus}, {value} keer zo veel{ends}",
        "less {at_of} than {at_minus}, {value} times as much{ends}",
    ),
    "ratio unclear": (
        "of {of} en {minus} verschillen, is niet aan te tonen; de verhouding is geschat op {value}{ends}",
        "whether {of} and {minus} differ cannot be told; the ratio is estimated at {value}{ends}",
    ),
    "ratio none": (
        "geen verschil van een factor {bound} of groter tussen {of} en {minus}; geschat op {value}{ends}",
        "no difference of a factor {bound} or larger between {of} and {minus}; estimated at {value}{ends}",
    ),
    "odds more": (
        "hogere odds {at_of} dan {at_minus}, {value} keer zo hoog{ends}",
        "higher odds {at_of} than {at_minus}, {value} times as high{ends}",
    ),
    "odds less": (
        "lagere odds {at_of} dan {at_minus}, {value} keer zo hoog{ends}",
        "lower odds {at_of} than {at_minus}, {value} times as high{ends}",
    ),
    "odds unclear": (
        "of de odds van {of} en {minus} verschillen, is niet aan te tonen; de oddsratio is geschat op {value}{ends}",
        "whether the odds of {of} and {minus} differ cannot be told; the odds ratio is estimated at {value}{ends}",
    ),
    "odds none": (
        "geen verschil in odds van een factor {bound} of groter tussen {of} en {minus}; geschat op {value}{ends}",
        "no difference in odds of a factor {bound} or larger between {of} and {minus}; estimated at {value}{ends}",
    ),
    # a number against the value of no difference
    "alone more": ("{size} meer dan {null}{ends}", "{size} more than {null}{ends}"),
    "alone less": ("{size} minder dan {null}{ends}", "{size} less than {null}{ends}"),
    "alone unclear": (
        "of dit van {null} verschilt, is niet aan te tonen; geschat op {value}{ends}",
        "whether this differs from {null} cannot be told; estimated at {value}{ends}",
    ),
    "alone none": (
        "geen verschil van {bound} of groter met {null}; geschat op {value}{ends}",
        "no difference of {bound} or larger from {null}; estimated at {value}{ends}",
    ),
    # how a gap moved
    "widened": (
        "het verschil tussen {of} en {minus} is van {base} tot {later} {size} groter geworden{ends}",
        "the gap between {of} and {minus} widened by {size} from {base} to {later}{ends}",
    ),
    "narrowed": (
        "het verschil tussen {of} en {minus} is van {base} tot {later} {size} kleiner geworden{ends}",
        "the gap between {of} and {minus} narrowed by {size} from {base} to {later}{ends}",
    ),
    "rose": (
        "{of} min {minus} is van {base} tot {later} {size} gestegen{ends}",
        "{of} minus {minus} rose by {size} from {base} to {later}{ends}",
    ),
    "fell": (
        "{of} min {minus} is van {base} tot {later} {size} gedaald{ends}",
        "{of} minus {minus} fell by {size} from {base} to {later}{ends}",
    ),
    "moved unclear": (
        "of het verschil tussen {of} en {minus} van {base} tot {later} veranderde, is niet aan te tonen; "
        "{of} min {minus} veranderde naar schatting met {value}{ends}",
        "whether the gap between {of} and {minus} moved from {base} to {later} cannot be told; "
        "{of} minus {minus} is estimated to have moved by {value}{ends}",
    ),
    "moved none": (
        "het verschil tussen {of} en {minus} veranderde van {base} tot {later} geen {bound} of meer; geschat op "
        "{value}{ends}",
        "no difference of {bound} or larger between the gaps of {of} and {minus} in {base} and {later}; estimated at "
        "{value}{ends}",
    ),
    "factor more": (
        "de {ratio} van {of} tegenover {minus} is van {base} tot {later} gestegen, tot {value} keer wat die was{ends}",
        "the {ratio} of {of} against {minus} rose from {base} to {later}, to {value} times what it was{ends}",
    ),
    "factor less": (
        "de {ratio} van {of} tegenover {minus} is van {base} tot {later} gedaald, tot {value} keer wat die was{ends}",
        "the {ratio} of {of} against {minus} fell from {base} to {later}, to {value} times what it was{ends}",
    ),
    "factor unclear": (
        "of de {ratio} van {of} tegenover {minus} van {base} tot {later} veranderde, is niet aan te tonen; geschat op "
        "{value} keer wat die was{ends}",
        "whether the {ratio} of {of} against {minus} moved from {base} to {later} cannot be told; estimated at {value} "
        "times what it was{ends}",
    ),
    "factor none": (
        "geen verschil van een factor {bound} of groter tussen de verhoudingen van {base} en {later}; geschat op "
        "{value}{ends}",
        "no difference of a factor {bound} or larger between the ratios of {base} and {later}; estimated at "
        "{value}{ends}",
    ),
    # a trend
    "slope more": ("{size} meer per jaar{ends}", "{size} more a year{ends}"),
    "slope less": ("{size} minder per jaar{ends}", "{size} less a year{ends}"),
    "slope unclear": (
        "of er een stijging of daling is, is niet aan te tonen; geschat op {value} per jaar{ends}",
        "whether there is a rise or a fall cannot be told; estimated at {value} a year{ends}",
    ),
    "slope none": (
        "geen verschil van {bound} of groter per jaar; geschat op {value}{ends}",
        "no difference of {bound} or larger a year; estimated at {value}{ends}",
    ),
    "slope not told": (
        "of er een stijging of daling is, is met zo weinig metingen niet aan te tonen",
        "whether there is a rise or a fall cannot be told from so few waves",
    ),
    "with term": (", met een term voor de methodebreuk", ", with a term for the method break"),
    "without term": (" (zonder die term: {told})", " (without that term: {told})"),
    # what goes with a number
    "smaller than bound": (", minder dan de grens van {bound}", ", below the bound of {bound}"),
    "no interval": (" (zonder onzekerheidsmarge)", " (without a margin of uncertainty)"),
    "across": (
        "gemeten over de methodebreuk van {breaks} heen",
        "measured across the method break of {breaks}",
    ),
    "mixed": ("Methode en werkelijkheid zijn daarin vermengd.", "Method and reality are mixed in it."),
    "net of": (
        "na aftrek van de bekende verschuiving door de methodebreuk van {breaks}",
        "net of the known shift of the method break of {breaks}",
    ),
    "some year": ("onbekend jaar", "an unknown year"),
    # groups and times
    "at group": ("bij {name}", "for {name}"),
    "at time": ("in {name}", "in {name}"),
    # the parts of a gap
    "part": (
        "Van de {whole}{noun} gaan er {part}{ends} samen met {drivers}; de rest ({rest}) niet",
        "Of the {whole}{noun}, {part}{ends} go with {drivers}; the rest ({rest}) does not",
    ),
    "larger": (
        "Met {drivers} gaan {part}{ends} samen, groter dan heel {the_noun} ({whole}); de rest ({rest}) werkt de andere "
        "kant op",
        "With {drivers} go {part}{ends}, larger than all of {the_noun} ({whole}); the rest ({rest}) works the other "
        "way",
    ),
    "larger unclear": (
        "Met {drivers} gaan {part}{ends} samen, bij een verschil van {whole}; of er daarnaast iets overblijft "
        "({rest}), is niet aan te tonen",
        "With {drivers} go {part}{ends}, of a gap of {whole}; whether anything is left beside them ({rest}) cannot be "
        "told",
    ),
    "opposite": (
        "{drivers} gaan de andere kant op: {part}{ends}. Bij gelijke kenmerken zou {the_noun} volgens het model "
        "{rest} zijn, groter dan de {whole} van nu",
        "{drivers} work the other way: {part}{ends}. With equal characteristics {the_noun} would by the model be "
        "{rest}, larger than the {whole} it is",
    ),
    "opposite move": (
        "{drivers} gaan de andere kant op: {part}{ends}. De rest van {the_noun} ({rest}) is groter dan het geheel van "
        "{whole}",
        "{drivers} work the other way: {part}{ends}. The rest of {the_noun} ({rest}) is larger than the whole of "
        "{whole}",
    ),
    "part unclear": (
        "Of een deel van de {whole}{noun} samengaat met {drivers}, is niet aan te tonen",
        "Whether a part of the {whole}{noun} goes with {drivers} cannot be told",
    ),
    "estimates of part unclear": (
        ": geschat op {part}{ends}; voor de rest op {rest}",
        ": estimated at {part}{ends}; the rest at {rest}",
    ),
    "nothing": ("Er valt dan niets te verdelen", "There is then nothing to divide"),
    "beneath": (
        "Daaronder gaan wel delen schuil: met {drivers} gaan {part}{ends} samen, de rest is {rest}",
        "Parts lie beneath it: {part}{ends} go with {drivers}, the rest is {rest}",
    ),
    # a coefficient with and without what divides it
    "coefficient": (
        "de coëfficiënt zonder {drivers} is {value}{ends}",
        "the coefficient without {drivers} is {value}{ends}",
    ),
    "coefficient unclear": (
        "of de coëfficiënt zonder {drivers} van nul verschilt, is niet aan te tonen; geschat op {value}{ends}",
        "whether the coefficient without {drivers} differs from zero cannot be told; estimated at {value}{ends}",
    ),
    "coefficient none": (
        "geen coëfficiënt van {bound} of groter zonder {drivers}; geschat op {value}{ends}",
        "no coefficient of {bound} or larger without {drivers}; estimated at {value}{ends}",
    ),
    "focal part": (
        "Van de coëfficiënt ({whole}) valt {part}{ends} weg met {drivers} in het model; er blijft {rest} over",
        "Of the coefficient ({whole}), {part}{ends} is taken away by {drivers} in the model; {rest} is left",
    ),
    "focal larger": (
        "Met {drivers} in het model valt {part}{ends} weg, meer dan de hele coëfficiënt ({whole}); wat overblijft, "
        "{rest}, heeft het andere teken",
        "With {drivers} in the model {part}{ends} is taken away, more than the whole coefficient ({whole}); what is "
        "left, {rest}, has the other sign",
    ),
    "focal larger unclear": (
        "Met {drivers} in het model valt {part}{ends} weg, van een coëfficiënt van {whole}; of er iets overblijft, "
        "{rest}, is niet aan te tonen",
        "With {drivers} in the model {part}{ends} is taken away, of a coefficient of {whole}; whether anything is "
        "left, {rest}, cannot be told",
    ),
    "focal opposite": (
        "Met {drivers} in het model wordt de coëfficiënt groter, {rest} in plaats van {whole}: er komt {part}{ends} "
        "bij",
        "With {drivers} in the model the coefficient grows, to {rest} from {whole}: {part}{ends} is added",
    ),
    "focal part unclear": (
        "Of de coëfficiënt ({whole}) verandert met {drivers} in het model, is niet aan te tonen",
        "Whether the coefficient ({whole}) moves with {drivers} in the model cannot be told",
    ),
    "estimates of focal part unclear": (
        ": geschat valt {part}{ends} weg en blijft {rest} over",
        ": an estimated {part}{ends} is taken away and {rest} is left",
    ),
    "focal beneath": (
        "Met {drivers} in het model verandert hij wel: er valt {part}{ends} weg, en {rest} blijft over",
        "With {drivers} in the model it does move: {part}{ends} is taken away, and {rest} is left",
    ),
    "rest unclear": (
        "; dat die rest van nul verschilt, is niet aan te tonen",
        "; that this rest differs from zero cannot be told",
    ),
    "mainly": (". Het meest telt {terms}", ". Most of it is {terms}"),
    "listed": ("Daarvan: {parts}", "Of this: {parts}"),
    "if alike": (
        "Gold “{what}” in beide groepen even vaak als bij {given}",
        "Were “{what}” as common in both groups as among {given}",
    ),
    "if all": ("Gold voor iedereen “{what}”", "Were “{what}” so for all"),
    "if nobody": ("Gold voor niemand “{what}”", "Were “{what}” so for nobody"),
    "if all at": ("Gold voor iedereen “{what}: {given}”", "Were “{what}: {given}” so for all"),
    "closing": (
        "{given}, dan was het verschil {closed} kleiner, en bleef {left} over",
        "{given}, the gap would be smaller by {closed}, and {left} be left",
    ),
    "closing unclear": (
        "{given}: of het verschil daarmee kleiner was, is niet aan te tonen, geschat {closed}; {left} bleef over",
        "{given}: whether the gap would be smaller cannot be told, estimated by {closed}; {left} would be left",
    ),
    "only if": (
        "Gevolgen zijn dit alleen onder de veronderstellingen die bij het resultaat staan",
        "These are effects only under the assumptions that are printed with the result",
    ),
    "not told": ("van nul niet te onderscheiden", "cannot be told from zero"),
    "gap": ("", ""),
    "the gap": ("het verschil", "the gap"),
    "change": (" verandering", " of change"),
    "the change": ("de verandering", "the change"),
    "differences in": ("verschillen in {names}", "differences in {names}"),
    # a statement about several populations
    "gap narrowed": (
        "dat het verschil tussen {of} en {minus} kleiner is geworden, en meer doordat het {at_of} {way} dan doordat "
        "het {at_minus} {other}",
        "that the gap between {of} and {minus} narrowed, and more because it {way} {at_of} than because it {other} "
        "{at_minus}",
    ),
    "way fell": ("daalde", "fell"),
    "way rose": ("steeg", "rose"),
    "statement in": (
        "{claim}, geldt voor {cells} ({k} van {n}, samen getoetst volgens Holm)",
        "{claim}, holds for {cells} ({k} of {n}, tested together by Holm)",
    ),
    "statement nowhere": (
        "{claim}, is voor geen van de {n} aan te tonen",
        "{claim}, cannot be told for any of the {n}",
    ),
    "statement rest": ("Voor {cells} is het niet aan te tonen.", "For {cells} it cannot be told."),
    "statement all": ("Voor alle {n} tegelijk is het aangetoond ({p}).", "For all {n} at once it holds ({p})."),
    "statement not all": (
        "Voor alle {n} tegelijk is het niet aan te tonen.",
        "For all {n} at once it cannot be told.",
    ),
    "moves in": ("veranderingen in {names}", "changes in {names}"),
    "many": ("de {k} kenmerken van het model", "the {k} characteristics of the model"),
    "zero": ("nul", "zero"),
    "one": ("één", "one"),
}
# The same unit said again: after the first time points are enough in Dutch.
AGAIN: dict[str, tuple[str, str]] = {"points": ("punten", "points"), "percent": ("%", "%")}


def told(key: str, language: str, **places: str) -> str:
    """A sentence with its places filled in."""
    return said(SENTENCES, key, language).format(**places)
