"""Proves that each program takes the names that are made for it, and that no two columns become one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llo_research.errors import DataError
from llo_research.program_names import PROGRAMS, legal

# Written down again from the manuals, without the module under test: what a program takes at all.
FORMS = {
    "r": r"([A-Za-z]|\.(?![0-9]))[A-Za-z0-9._]*",
    "stata": r"[^\W\d][\w]{0,31}",
    "spss": r"[^\W\d_#$][\w.$#@]{0,63}|@[\w.$#@]{0,63}",
}
KEPT = {
    "r": ["age", "Age", ".hidden", "a.b", "x" * 70, "with", "str5"],
    "stata": ["age", "Age", "_x", "leeftijd_één", "x" * 32, "WITH", "str", "strange"],
    "spss": ["age", "Age", "a.b", "@x", "x$", "leeftijd_één", "x" * 64, "if"],
}
RESERVED = {
    "r": "if else repeat while function for next break TRUE FALSE NULL Inf NaN NA NA_integer_ NA_real_ NA_character_"
    " in",
    "stata": "_all _b byte _coef _cons double float if in int long _n _N _pi _pred _rc _skip str1 str18 str2045 strL"
    " using with _se",
    "spss": "ALL AND BY EQ GE GT LE LT NE NOT OR TO WITH all And by tO",
}
NASTY = [
    "two words",
    "dots.and.more",
    "1st",
    "2014",
    "é" * 40,
    "e\N{COMBINING ACUTE ACCENT}en",
    "日本",
    "a-b",
    "a+b",
    "a/b",
    "x" * 70,
    "x" * 71,
    "",
    " ",
    "new\nline",
    "☺",
    "a.",
    "_",
    "#x",
    "$x",
    "×",
    "x`y",
    '"q"',
]


def test_names_that_a_program_takes_stay() -> None:
    changed = {(program, name) for program, names in KEPT.items() for name in names if legal(name, program) != name}
    assert changed == set()


@pytest.mark.parametrize("program", PROGRAMS)
def test_reserved_words_and_odd_names_become_names(program: str) -> None:
    for name in [*RESERVED[program].split(), *NASTY]:
        new = legal(name, program)
        assert re.fullmatch(FORMS[program], new), (name, new)
        assert legal(new, program) == new
        if name in RESERVED[program].split():
            assert new != name


@pytest.mark.parametrize("program", PROGRAMS)
def test_no_two_of_them_become_one(program: str) -> None:
    names = [*dict.fromkeys([*NASTY, *RESERVED[program].split(), "two_words", "two.words", "TWO words", "a_b", "a b"])]
    new = [legal(name, program) for name in names]
    assert len({name.casefold() if program == "spss" else name for name in new}) == len(names)


@pytest.mark.parametrize("program", PROGRAMS)
@given(name=st.text(max_size=90))
def test_any_text_becomes_a_name(program: str, name: str) -> None:
    new = legal(name, program)
    assert re.fullmatch(FORMS[program], new)
    assert len(new.encode("utf-8")) <= {"r": 10_000, "stata": 128, "spss": 64}[program]
    assert legal(new, program) == new


def test_a_name_is_the_same_on_every_machine() -> None:
    # the first eight digits of: printf 'leeftijd (één)' | sha256sum
    assert legal("leeftijd (één)", "stata") == "leeftijd_een_28ef3932"
    assert legal("x" * 70, "stata") == "x" * 23 + "_c71bd109"


def test_a_program_that_is_not_known() -> None:
    with pytest.raises(DataError, match="three programs"):
        legal("age", "sas")
