"""The true values behind the synthetic surveys: what an estimator should find."""

from __future__ import annotations

import gzip
import io
from functools import cache

import pandas as pd

from llo_research.data.synthetic import establishments
from llo_research.data.synthetic.parameters import OTHER_WORLDS, Parameters, check_scenario, folder, parameters
from llo_research.errors import DataError

ABSENT = "The true values of the synthetic survey are not here."
COLUMNS = ["quantity", "population", "variable", "group", "level", "of", "minus", "term", "base", "year", "value"]
# Gaps of these variables and pairs of groups are listed; others follow from the means.
_GAPS_OF = ("training", "informal_learning", "informal_scale", "need_training")
_PAIRS = (
    ("education", "high", "low"),
    ("contract", "permanent", "flexible"),
    ("age_group", "25-34", "55+"),
    ("sex", "male", "female"),
    ("firm_size", "250+", "1-9"),
)


def truth(instrument: str, scenario: str = "default") -> pd.DataFrame:
    """What is true in the population behind a synthetic survey.

    Use it to see whether a method finds what it should: draw samples with :func:`synthetic` and compare.

    Parameters
    ----------
    instrument : {"nea", "zea", "wea"}
        Of the WEA ``population`` is ``establishments`` or ``employees`` (establishments weighted by their workers).
    scenario : {"default", "no_within_between", "no_break", "no_drivers"}
        As in :func:`synthetic`.

    Returns
    -------
    DataFrame
        One row a value, columns ``quantity``, ``population``, ``variable``, ``group``, ``level``, ``of``, ``minus``,
        ``term``, ``base``, ``year`` and ``value`` (shares as 0-1; empty where a column does not apply):

        - ``total``: real people, in all and by group; ``mean``: of an indicator, in all and by group, in the years in
          which it was asked, as it is measured in that year;
        - ``gap``: of minus minus; ``gap_change``: the gap of ``year`` less that of ``base``, as measured;
          ``gap_change, without break``: the same when the method had not changed;
        - ``break``: what the new method adds to a mean in that year;
        - ``pooled``, ``pooled, education``, ``between``, ``within``: least-squares slopes on the drivers of informal
          learning, over the population of a year (by ``group`` where given) or over the cohort when nobody leaves;
          there also ``first difference``. With ``, tasks`` behind: ``variety_tasks`` in the place of ``variety``;
          ``pooled, by learning``: the part of the pooled slope on ``variety`` that its item on learning carries;
        - ``step``: what one more of a driver, given to everybody in the cohort, would add to the outcome's mean;
          ``event time``: the profile around the first wave with high autonomy, as ``llo.panel.event_time`` has it.

    Raises
    ------
    DataError
        No such instrument or scenario.

    Notes
    -----
    Values are computed from everybody in the synthetic population, without sampling error;
    ``llo_research.data.synthetic.superpopulation`` gives that population, for quantities that are not listed.

    Examples
    --------
    >>> import llo_research as llo
    >>> values = llo.truth("nea")
    >>> found = values.query("quantity == 'mean' and variable == 'training' and group == '' and year == 2024")
    >>> found["value"].round(2).tolist()
    [0.54]
    """
    check_scenario(instrument, scenario)
    if instrument == establishments.NAME:
        return _laid_out([establishments.true_values()])
    return _made(parameters(instrument, scenario), scenario).copy()


@cache
def _stored(instrument: str) -> pd.DataFrame:
    """The table with a column for each scenario."""
    path = folder() / f"{instrument}_truth.csv.gz"
    if not path.is_file():
        raise DataError(
            ABSENT,
            where=path.name,
            todo="unzip llo_research-...-figures.zip where the bundle was unzipped; or compute them, which takes an "
            f"hour: python -m llo_research.data.synthetic.making_truth {instrument}",
        )
    text = gzip.decompress(path.read_bytes()).decode("utf-8")
    kinds = dict.fromkeys(["quantity", "population", "variable", "group", "level", "term"], str)
    return pd.read_csv(io.StringIO(text), dtype=kinds, keep_default_na=False, na_values={"no_break": [""]})


@cache
def _made(given: Parameters, scenario: str) -> pd.DataFrame:
    """Stored values, and the gaps and break sizes that follow from them."""
    stored = _stored(given.instrument)
    plain = stored.rename(columns={scenario: "value"})
    parts = [plain, _gaps(stored, scenario, "gap"), *_changes(stored, scenario), _breaks(given, stored, scenario)]
    return _laid_out(parts)


def _laid_out(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Values below each other in the columns of the table."""
    frame = pd.concat([part.reindex(columns=COLUMNS) for part in parts if len(part)], ignore_index=True)
    text = [name for name in COLUMNS if name not in ("year", "base", "value")]
    frame[text] = frame[text].fillna("")
    return frame.astype({"base": "Int64", "year": "Int64"})


def _gaps(stored: pd.DataFrame, column: str, quantity: str) -> pd.DataFrame:
    """Differences between two groups in each year."""
    means = stored[(stored["quantity"] == "mean") & stored["variable"].isin(_GAPS_OF)]
    keys = ["population", "variable", "group", "year"]
    made = []
    for group, of, minus in _PAIRS:
        inside = means[means["group"] == group]
        sides = [inside[inside["level"] == level].set_index(keys)[column] for level in (of, minus)]
        gap = (sides[0] - sides[1]).dropna().rename("value").reset_index()
        made.append(gap.assign(quantity=quantity, of=of, minus=minus))
    return pd.concat(made, ignore_index=True)


def _changes(stored: pd.DataFrame, scenario: str) -> list[pd.DataFrame]:
    """Changes of gaps between any two years, as measured and without the break."""
    made = []
    for quantity, column in (("gap_change", scenario), ("gap_change, without break", "no_break")):
        if quantity != "gap_change" and scenario in OTHER_WORLDS:
            continue
        gaps = _gaps(stored, column, quantity)
        keys = ["quantity", "population", "variable", "group", "of", "minus"]
        both = gaps.merge(gaps.rename(columns={"year": "base", "value": "before"}), on=keys)
        both = both[both["year"] > both["base"]]
        made.append(both.assign(value=both["value"] - both["before"]))
    return made


def _breaks(given: Parameters, stored: pd.DataFrame, scenario: str) -> pd.DataFrame:
    """What the new method adds to each mean: the same people with and without it."""
    rule = given.raw.get("break")
    if rule is None or scenario != "default":
        return stored.iloc[:0]
    rows = stored[(stored["quantity"] == "mean") & (stored["year"] >= rule["year"])]
    size = rows["default"] - rows["no_break"]
    return pd.DataFrame(rows.assign(quantity="break", value=size)[size != 0.0])
