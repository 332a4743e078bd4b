"""The page "Coverage of distributions and causal readings", from the table that is kept.

python -m tests.decomposition.coverage_distributions_page     writes it
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tests.coverage_tables import far, off, rows
from tests.decomposition.coverage_distributions import TABLE

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "coverage_of_distributions.md"
_HEAD = """# Coverage of distributions and causal readings

**SYNTHETIC: this shows method, not the Netherlands.** {samples:,} samples of 1,800 people from the synthetic
NEA of 2021, of whom everything is known. Sampling is informative: within the strata of the NEA those who work
more than 32 hours are drawn about twice as often, and large strata less often than small ones, so that weights
go with the outcome. Gaps are those of the high over the low educated, in hours (spread evenly within the hour:
a median on a heap is refused) or in training. *Truth* is what the estimator finds when everybody is asked;
*bias* is the mean error in standard deviations of the estimates, *SE / SD* the estimated beside the found
standard error. A coverage of 95 % has a Monte-Carlo standard error of {error:.1f} points; rows that are off by
more than three of these are **bold**: {count} of {number}. Made by
`python -m tests.decomposition.coverage_distributions`; the tests hold the table to 95 %, give or take what
chance may do to so many rows, and a point.

## Where it is not 95 %

- **RIF of the median, what is explained: {rif:.1f} %, and with replicate weights more.** The row is within chance.
  With replicate weights quantile and density are found anew, and errors are too large: in 500 of these samples
  with 100 bootstrap replicates each the row held {boot:.1f} % (SE / SD {boot_ratio:.2f}).
- **Terms of RIFs.** In {few} of these samples the {terms} rows of terms of the median held {low:.1f} to {high:.1f} %
  (SE / SD {least:.2f} to {most:.2f}), those of the interquartile range {iqr_low:.1f} to {iqr_high:.1f} %
  (SE / SD {iqr_least:.2f} to {iqr_most:.2f}): the widest are explained parts of terms in which the groups hardly
  differ. Errors of the latter were 6 to 38 % too large as long as the kernel spanned one of its standard deviations
  in place of the square root of five: the slope of so narrow a density is noise, which the errors took for
  movement. And how far a quantile moves is told by how steep shares rise around it: a kernel smooths the heaps of
  hours (median of the low educated: SE / SD 1.18 by the kernel, {heap:.2f} so). The rows of RIFs and of
  reweighting were made anew with this, from the same samples.
- **Fairlie's part of sex: {sex:.1f} %, and the part `prevalence`: {prevalence:.1f} %.** Both are products of
  two factors that are weak beside their errors (sexes are spread nearly alike over the groups; support too):
  such products are not normal. The first misses on one side, the second holds more than it must. The same
  happens to parts of a change ([known faults](../known_faults.md)).

## All rows

| estimator | row | truth | mean | bias in SD | SE / SD | covers, % |
|---|---|---:|---:|---:|---:|---:|
"""
# 500 samples, 100 bootstrap replicates each, of the row `explained` of the median: coverage and SE / SD
BOOTSTRAP = (0.97, 1.134)
# the rows of terms of the median and of the interquartile range
TERMS = TABLE.with_name("coverage_rif_terms.csv")


def page(table: pd.DataFrame) -> str:
    """The page in Markdown."""
    at = table.set_index(["case", "part"])["coverage"] * 100
    samples = int(table["samples"].iloc[0])
    head = _HEAD.format(
        samples=samples,
        error=100 * far(samples) / 3,
        count=int(off(table).sum()),
        number=len(table),
        rif=at["rif q50", "explained"],
        sex=at["fairlie", "explained:C(sex)[T.female]"],
        prevalence=at["four_parts", "prevalence"],
        boot=100 * BOOTSTRAP[0],
        boot_ratio=BOOTSTRAP[1],
        heap=(table["std_error"] / table["spread"])[
            (table["case"] == "rif q50") & (table["part"] == "mean_minus")
        ].item(),
        **_terms(pd.read_csv(TERMS)),
    )
    return head + "\n".join([*rows(table, ["case", "part"], "truth"), ""])


def _terms(table: pd.DataFrame) -> dict[str, float]:
    """How far the terms of both measures are off."""
    out: dict[str, float] = {}
    for measure, before in (("q50", ""), ("iqr", "iqr_")):
        own = table[(table["case"] == f"rif {measure}, terms") & table["part"].str.contains(":")]
        held, ratio = 100 * own["coverage"], own["std_error"] / own["spread"]
        out |= {f"{before}low": held.min(), f"{before}high": held.max()}
        out |= {f"{before}least": ratio.min(), f"{before}most": ratio.max()}
        out |= {"terms": len(own), "few": own["samples"].iloc[0]}
    return out


if __name__ == "__main__":
    PAGE.write_text(page(pd.read_csv(TABLE)), encoding="utf-8", newline="\n")
