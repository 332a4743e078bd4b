"""A result told again: its receipt, and the scripts of other programs that print the same numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from llo_research.results.exported import is_exported, not_outside

if TYPE_CHECKING:
    from llo_research.results.receipts.receipt import Receipt
    from llo_research.results.receipts.told import Told
    from llo_research.results.result import Result


class Retold:
    """What every result can do with what its ``meta`` holds."""

    def receipt(self, *, language: str = "en", disclosure: str = "auto") -> Receipt:
        """How these numbers were made: call, data, weight, design, what was left out, and what confirms them.

        Parameters
        ----------
        language : {"en", "nl"}
            Of its words.
        disclosure : str
            ``auto``: of restricted and registered data without paths, checksums, counts and values of the domain, until
            all rows may be seen under a profile that somebody has dated; ``off``: everything; or a profile's name.

        Returns
        -------
        Receipt
            A mapping (``json.dumps(dict(receipt))``) whose text is short. It holds `call`, `version`, `data`, `domain`,
            `weight`, `weighting_steps`, `design`, `degrees_of_freedom`, `interval`, `n`, `left_out`, `breaks`, `flags`,
            `certified` (against what such a statistic was held, and to how many digits), `programs` (what R, Stata and
            SPSS give of it), `weight_by` (our standard errors beside those of ``WEIGHT BY``; see :meth:`naive`).

        Raises
        ------
        DataError
            Another language, or no such profile.

        Examples
        --------
        >>> import llo_research as llo
        >>> receipt = llo.mean("training", llo.synthetic("nea", years=[2022]), by="education").receipt()
        >>> receipt["call"]
        "llo.mean('training', svy, by='education')"
        """
        from llo_research.results.receipts.receipt import receipt_of

        return receipt_of(cast("Result", self), language, disclosure)

    def to_r(self, path: str = "data.csv") -> str:
        """A complete script in R that gives the same numbers from the file of ``svy.to_file(path)``.

        Parameters
        ----------
        path : str
            The file, as the script reads it.

        Returns
        -------
        str
            The script, which leaves the numbers in ``answer``. Its first lines are the call, and say what R cannot do
            of it or reads in another way, and what comes nearest (:meth:`receipt` says the same).

        References
        ----------
        Lumley, T. (2010). Complex Surveys: A Guide to Analysis Using R. Wiley.

        Examples
        --------
        >>> import llo_research as llo
        >>> nea = llo.synthetic("nea", years=[2022])
        >>> script = llo.mean("training", nea, by="education").to_r("nea.csv")
        >>> "svyby" in script or "svymean" in script
        True
        """
        from llo_research.results.receipts.r.write import to_r

        return to_r(told_for_scripts(cast("Result", self), "to_r"), path)

    def to_stata(self, path: str = "data.dta") -> str:
        """A complete do-file for Stata 16 or later that prints the same numbers from the file of ``svy.to_file(path)``.

        It is marked as not run: there is no Stata to prove it. What Stata cannot do is said in its first lines.
        """
        from llo_research.results.receipts.stata.write import to_stata

        return to_stata(told_for_scripts(cast("Result", self), "to_stata"), path)

    def to_spss(self, path: str = "data.sav") -> str:
        """A complete script in SPSS (Complex Samples) for the file of ``svy.to_file(path)``; not run by us.

        Parameters
        ----------
        path : str
            The file, as the script reads it.

        Returns
        -------
        str
            The script. Its first lines say whether the module Complex Samples is needed, which columns are called
            otherwise in SPSS, and what SPSS cannot give of this result, why, and what comes nearest.

        References
        ----------
        IBM Corporation (2021). IBM SPSS Complex Samples 28; IBM SPSS Statistics 28 Command Syntax Reference.

        Examples
        --------
        >>> import llo_research as llo
        >>> nea = llo.synthetic("nea", years=[2022])
        >>> "CSDESCRIPTIVES" in llo.mean("training", nea).to_spss("nea.sav")
        True
        """
        from llo_research.results.receipts.spss.write import to_spss

        return to_spss(told_for_scripts(cast("Result", self), "to_spss"), path)


def told_for_scripts(result: Result, method: str) -> Told:
    """What a script is written from; exported results hold too little of it."""
    from llo_research.results.receipts.told import check_rows, told_of

    if is_exported(result.meta):
        raise not_outside(
            result.meta, "A script", f"result.{method}(), and hand its file over with export(code=)", method
        )
    return check_rows(told_of(result))


def told_after(result: Result, path: str, lines: Sequence[str]) -> str:
    """The script in R of a result, and of what is made of it."""
    from llo_research.results.receipts.r.write import to_r
    from llo_research.results.receipts.told import told_of

    return to_r(told_of(result), path, lines)


def beside_each_other(scripts: Mapping[str, str | None]) -> str:
    """Scripts in R of several models in one; those of other programs (None) have none."""
    from llo_research.results.receipts.r.side_by_side import together

    return together(scripts)


def test_after(result: Result, path: str, test: str, restrictions: Sequence[Mapping[str, Any]]) -> str:
    """The script in R of a model, and of a test of its coefficients."""
    from dataclasses import replace

    from llo_research.results.receipts.r.hypotheses import lines, no_ratio
    from llo_research.results.receipts.r.write import to_r
    from llo_research.results.receipts.told import told_of

    told = replace(told_of(result), linearised=test == "lr")
    plain = told.function == "glm" and told.call.get("vcov") == "design" and not told.survey.get("replicates")
    if test == "lr" and not plain:
        return to_r(replace(told, linearised=False), path, no_ratio())
    return to_r(told, path, lines(test, restrictions, result.labels))


def sensitivity_after(
    result: Result | None, path: str, places: Mapping[str, Any], shown: Sequence[tuple[str, str]]
) -> str:
    """The script in R of a model, and of what an omitted variable would do to it."""
    from dataclasses import replace

    from llo_research.results.receipts.r.sensitivity import COLUMNS, lines, no_lines
    from llo_research.results.receipts.r.write import to_r
    from llo_research.results.receipts.told import told_of

    assert result is not None
    told = replace(told_of(result), linearised=True)
    if told.function not in COLUMNS or told.survey.get("replicates"):
        return to_r(replace(told, linearised=False), path, no_lines())
    return to_r(told, path, lines(told.function, result.labels, **places, level=result.level, shown=shown))


class RetoldAround:
    """What can be done with something that was made of one result: its receipt is that of the result."""

    def _around(self) -> tuple[Result, str]:
        """The result, and the call that it was given to, with ``{}`` in its place."""
        raise NotImplementedError

    def receipt(self, *, language: str = "en", disclosure: str = "auto") -> Receipt:
        """How the result behind it was made; see :meth:`Result.receipt`."""
        from llo_research.results.receipts.receipt import receipt_of

        result, around = self._around()
        return receipt_of(result, language, disclosure, around)
