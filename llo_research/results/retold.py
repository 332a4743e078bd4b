"""A result told again: its receipt, and the scripts of other programs that print the same numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from llo_research.results.exported import is_exported, not_outside

if TYPE_CHECKING:
    from llo_research.results.receipts.made_of import MadeOf
    from llo_research.results.receipts.receipt import Receipt
    from llo_research.results.receipts.told import Told
    from llo_research.results.result import Result


_ITSELF = "what it gives, or the result in coarser groups of which no row is withheld (else a table is none any more)"


class Retold:
    """What every result can do with what its ``meta`` holds."""

    if not TYPE_CHECKING:  # which knows what a result has

        def __getattr__(self, name: str) -> Any:
            """Only for names that a result does not have; one that left may have had it inside."""
            kind, meta = type(self).__name__, self.__dict__.get("meta") or {}
            if name.startswith("_") or not is_exported(meta):
                raise AttributeError(f"A {kind} has no {name!r}.")
            raise AttributeError(str(not_outside(meta, f"{name!r}, which a {kind} has not,", _ITSELF, name)))

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


class RetoldAround:
    """What can be done with something that was made of a result: its scripts are that of the result, and more."""

    def _made_of(self) -> MadeOf:
        """Of what it was made, by which call."""
        raise NotImplementedError

    def receipt(self, *, language: str = "en", disclosure: str = "auto") -> Receipt:
        """How the result behind it was made; see :meth:`Result.receipt`."""
        from llo_research.results.receipts.receipt import receipt_of_made

        return receipt_of_made(self._made_of(), language, disclosure)

    def to_r(self, path: str = "data.csv") -> str:
        """A script in R of the result and of what was made of it, which it leaves in ``answer``; see ``Result.to_r``.

        Examples
        --------
        >>> import llo_research as llo
        >>> nea = llo.synthetic("nea", years=[2021, 2022])
        >>> "ranked" in llo.ranks(llo.mean("training", nea, by="education")).to_r()
        True
        >>> "svychisq" in llo.crosstab("education", "training", nea).test().to_r()
        True
        """
        from llo_research.results.receipts.r.made_of import to_r

        return to_r(self._made_of(), path)

    def to_stata(self, path: str = "data.dta") -> str:
        """A do-file of the result and of what was made of it; not run. Its first lines say what Stata cannot do."""
        from llo_research.results.receipts.stata.made_of import to_stata

        return to_stata(self._made_of(), path)

    def to_spss(self, path: str = "data.sav") -> str:
        """A script in SPSS of the result; not run. Its first lines say how what was made of it follows, if it does."""
        from llo_research.results.receipts.spss.made_of import to_spss

        return to_spss(self._made_of(), path)


def beside_each_other(program: str, labels: Sequence[str], models: Sequence[Any], path: str) -> str:
    """Scripts of several models in one; those of other programs have none."""
    from llo_research.results.receipts.programs import PROGRAMS
    from llo_research.results.receipts.side_by_side import together

    scripts = [getattr(one, PROGRAMS[program][1])(path) if isinstance(one, Retold) else None for one in models]
    return together(program, dict(zip(labels, scripts, strict=True)))
