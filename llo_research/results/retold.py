"""A result told again: its receipt, and the scripts of other programs that print the same numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from llo_research.results.receipts.receipt import Receipt
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
        """
        from llo_research.results.receipts.receipt import receipt_of

        return receipt_of(cast("Result", self), language, disclosure)

    def to_r(self, path: str = "data.csv") -> str:
        """A complete script in R that gives the same numbers from the file of ``svy.to_file(path)``."""
        from llo_research.results.receipts.r.write import to_r
        from llo_research.results.receipts.told import told_of

        return to_r(told_of(cast("Result", self)), path)

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
        """
        from llo_research.results.receipts.spss.write import to_spss
        from llo_research.results.receipts.told import told_of

        return to_spss(told_of(cast("Result", self)), path)


def told_after(result: Result, path: str, lines: Sequence[str]) -> str:
    """The script in R of a result, and of what is made of it."""
    from llo_research.results.receipts.r.write import to_r
    from llo_research.results.receipts.told import told_of

    return to_r(told_of(result), path, lines)


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
