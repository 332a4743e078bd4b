"""One tree of errors and warnings; every message says what, where, what was found, what was expected, what to do."""

from __future__ import annotations


def compose(what: str, where: object, found: object, expected: object, todo: str | None) -> str:
    """The message as people read it: one labelled line for each part that is known."""
    parts = [("where", where), ("found", found), ("expected", expected), ("what to do", todo)]
    return "\n".join([what, *(f"  {name}: {part}" for name, part in parts if part is not None)])


class LloError(Exception):
    """Base of all errors of this library.

    Parameters
    ----------
    what : str
        One sentence that says what is wrong.
    where, found, expected : object, optional
        The column, row, margin or cell; what stands there; what should stand there.
    todo : str, optional
        What the user can do about it.
    """

    def __init__(
        self,
        what: str,
        *,
        where: object = None,
        found: object = None,
        expected: object = None,
        todo: str | None = None,
    ) -> None:
        self.what, self.where, self.found, self.expected, self.todo = what, where, found, expected, todo
        super().__init__(compose(what, where, found, expected, todo))


class DataError(LloError):
    """The data do not fit what was asked of them: a file, a column, a code, an empty group."""


class DesignError(LloError):
    """The sampling design is inconsistent, or does not carry what was asked."""


class CalibrationError(LloError):
    """Weights that meet the totals do not exist or were not reached."""

    # Of estimated totals that depend on each other: the covariance given the dependence (an array).
    covariance: object = None


class IdentificationError(LloError):
    """A parameter is not identified: collinear, absorbed, or without support."""


class DisclosureError(LloError):
    """A result may not leave a secure environment."""

    # Of numbers that cannot be protected: which statements they are (an array).
    which: object = None


class LloWarning(UserWarning):
    """Something the reader of a result must know; the numbers stand."""


class LloDeprecationWarning(FutureWarning):
    """A name, option or column will go: since when it warns, when it may be gone, and what takes its place."""
