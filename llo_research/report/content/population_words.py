"""Words of tables of several populations, Dutch and English."""

from __future__ import annotations

RANKS: dict[str, tuple[str, str]] = {
    "rank": ("Rang", "Rank"),
    "interval": ("Rang, {level}%-BI", "Rank, {level}% CI"),
    "note": (
        "Rang 1 is de grootste schatting van {among}. De intervallen van de rangen gelden met {level}% zekerheid "
        "samen{within}: geteld is hoeveel andere zeker groter zijn, en hoeveel zeker kleiner.",
        "Rank 1 is the largest estimate of {among}. The intervals of ranks hold together with {level}% "
        "confidence{within}: counted is how many others are certainly larger, and how many certainly smaller.",
    ),
    "within": (", binnen elke uitkomst", ", within each outcome"),
    "bars": (
        "Balk: interval van de rang; alle samen gelden met {level}% zekerheid.",
        "Bar: interval of the rank; all together hold with {level}% confidence.",
    ),
}

POOLED: dict[str, tuple[str, str]] = {
    "what": ("Uitkomst", "Outcome"),
    "all": ("alle", "all"),
    "mean": ("Gemiddelde", "Mean"),
    "k": ("Schattingen", "Estimates"),
    "left": (
        " Weggelaten: {left}, zonder schatting of met een onbekende standaardfout of een van 0.",
        " Left out: {left}, without an estimate, or with a standard error that is unknown or 0.",
    ),
    "prediction": ("Voorspelling ({level}%)", "Prediction ({level}%)"),
    "tau": ("Spreiding tussen", "Spread between"),
    "i2": ("I² (%)", "I² (%)"),
    "q": ("p, geen spreiding", "p, no spread"),
    "note": (
        "Gemiddelde: van de populaties waaruit deze {k} een greep zijn (toevalseffecten, {method}{knapp}). "
        "Voorspelling: waar een volgende populatie zou liggen. Spreiding tussen: de standaarddeviatie van de ware "
        "waarden. I²: haar aandeel in de variantie van de schattingen. p: van de toets dat er geen spreiding is (Q).",
        "Mean: of the populations that these {k} are a sample of (random effects, {method}{knapp}). Prediction: where "
        "a further population would lie. Spread between: the standard deviation of the true values. I²: its share in "
        "the variance of the estimates. p: of the test that there is no spread (Q).",
    ),
    "paule-mandel": ("Paule en Mandel", "Paule and Mandel"),
    "dersimonian-laird": ("DerSimonian en Laird", "DerSimonian and Laird"),
    "reml": ("REML", "REML"),
    "knapp": ("; fouten van Knapp en Hartung", "; errors of Knapp and Hartung"),
}
