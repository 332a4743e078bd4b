"""Names of columns that R, Stata and SPSS take: a legal name stays, any other becomes a stem with a hash of its own."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass

from llo_research.errors import DataError

_LATIN = "A-Za-zÀ-ÖØ-öø-ɏ"  # letters of European languages, of which Stata and SPSS take those with accents too
_HASH = 8


@dataclass(frozen=True)
class _Rules:
    """What a program takes for a name: its form, its length in characters and in bytes, and the words it keeps."""

    form: re.Pattern[str]
    characters: int
    bytes: int
    reserved: frozenset[str]
    any_case: bool = False


# R: An Introduction to R, 1.8; ?Reserved; ?make.names. Which other letters are taken depends on the locale.
_R_WORDS = (
    "if else repeat while function for next break TRUE FALSE NULL Inf NaN NA NA_integer_ NA_real_ NA_character_"
    " NA_complex_ in ..."
)
# Stata User's Guide, [U] 11.3 Naming conventions, and 13.5 (_b, _se); str1, str2, ... are matched by the form.
_STATA_WORDS = (
    "_all _b byte _coef _cons double float if in int long _n _N _pi _pred _r _rc _se _skip strL using _weight with"
)
# Words of Stata's matrix language, [M-2] reswords, which pandas would rename in a file.
_MATA_WORDS = (
    "aggregate array boolean break case catch class colvector complex const continue default delegate delete do else"
    " eltypedef end enum explicit export external for friend function global goto inline local NULL pragma protected"
    " quad rowvector short typedef typename virtual"
)
# IBM SPSS Statistics, Command Syntax Reference, Variable names. A full stop at the end would end the command.
_SPSS_WORDS = "ALL AND BY EQ GE GT LE LT NE NOT OR TO WITH"

_RULES = {
    "r": _Rules(re.compile(r"(?:[A-Za-z]|\.(?![0-9]))[A-Za-z0-9._]*"), 10_000, 10_000, frozenset(_R_WORDS.split())),
    "stata": _Rules(
        re.compile(rf"(?!str[0-9]+$)[{_LATIN}_][{_LATIN}0-9_]*"),
        32,
        128,
        frozenset([*_STATA_WORDS.split(), *_MATA_WORDS.split()]),
    ),
    "spss": _Rules(
        re.compile(rf"[{_LATIN}@][{_LATIN}0-9_.$#@]*(?<!\.)"), 64, 64, frozenset(_SPSS_WORDS.split()), any_case=True
    ),
}
PROGRAMS = tuple(_RULES)


def legal(name: str, program: str) -> str:
    """A column's name as a program takes it: itself where it is legal, else a stem of it and a hash of the whole name.

    The answer depends on the name alone, so that a file and a script that are made apart agree.

    name : as it stands in the data.
    program : one of ``PROGRAMS``.

    Raises
    ------
    DataError
        A program that is none of these.
    """
    if program not in _RULES:
        raise DataError(
            "Names are known of three programs.", where="program", found=repr(program), expected=", ".join(PROGRAMS)
        )
    rules = _RULES[program]
    if _is_legal(name, rules):
        return name
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    stem = re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_")
    if not stem or not stem[0].isalpha():
        stem = f"v_{stem}" if stem else "v"
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH]
    room = min(rules.characters, 64) - _HASH - 1
    return f"{stem[:room].rstrip('_')}_{digest}"


def _is_legal(name: str, rules: _Rules) -> bool:
    """Whether a program takes this name as it is."""
    word = name.upper() if rules.any_case else name
    short = len(name) <= rules.characters and len(name.encode("utf-8", "surrogatepass")) <= rules.bytes
    return short and word not in rules.reserved and rules.form.fullmatch(name) is not None
