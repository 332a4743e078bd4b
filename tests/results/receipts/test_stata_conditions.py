"""Proves that a condition in Stata's words is true where ours is true, and false where ours is false or unknown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

import llo_research as llo
from llo_research.results.receipts.stata import conditions
from llo_research.results.receipts.told import Told, told_of
from llo_research.survey.condition import evaluate
from tests.results.receipts.stata_rules import columns_of, holds

CONDITIONS = 1000
_PART = {"low": "lo 'w", "middle": 'mid "d" `x $y', "high": "high"}
_LEVELS = list(_PART.values())


def data(seed: int = 1, n: int = 120) -> pd.DataFrame:
    """Columns of each kind, a fifth of them missing."""
    rng = np.random.default_rng(seed)

    def gaps(values: pd.Series) -> pd.Series:
        return values.mask(pd.Series(rng.random(n) < 0.2))

    frame = pd.DataFrame({"w": rng.gamma(4, 25, n)})
    frame["age"] = gaps(pd.Series(rng.integers(0, 6, n).astype(float)))
    frame["hours of work"] = gaps(pd.Series(rng.integers(-2, 4, n).astype(float)))
    frame["yes"] = gaps(pd.Series((rng.random(n) < 0.5).astype(float)))
    frame["firm"] = gaps(pd.Series(rng.choice(["a", "it's", 'the "b"', "$c `d'"], n)))
    frame["level"] = pd.Categorical(gaps(pd.Series(rng.choice(_LEVELS, n))), _LEVELS, ordered=True)
    frame["other"] = pd.Categorical(gaps(pd.Series(rng.choice(_LEVELS, n))), _LEVELS, ordered=True)
    frame["size"] = pd.Categorical(gaps(pd.Series(rng.choice([3, 1, 2], n))), [3, 1, 2], ordered=True)
    frame["answered"] = gaps(pd.Series(rng.random(n) < 0.5).astype(object)).astype("boolean")
    return frame


def condition(rng: np.random.Generator, depth: int = 3) -> str:
    """A random condition of our grammar."""
    kind = rng.integers(0, 4 if depth else 1)
    if kind == 1:
        return f"not ({condition(rng, depth - 1)})"
    if kind > 1:
        sign = " & " if kind == 2 else " | "
        return sign.join(f"({condition(rng, depth - 1)})" for _ in range(rng.integers(2, 4)))
    sign = str(rng.choice(["==", "!=", "<", "<=", ">", ">="]))
    same = str(rng.choice(["==", "!="]))
    number, word = int(rng.integers(-2, 6)), repr(str(rng.choice(_LEVELS)))
    some = [int(value) for value in rng.integers(-1, 5, rng.integers(0, 4))]
    inside = str(rng.choice(["in", "not in"]))
    return str(
        rng.choice(
            [
                f"age {sign} {number}",
                f"{number} {sign} age",
                f"age {sign} `hours of work`",
                f"age + 1 {sign} `hours of work` * 2",
                f"age / `hours of work` {sign} {number}",
                f"age % 3 {sign} 1",
                f"-age {sign} {number}",
                f"0 <= age {sign} 4",
                f"age {inside} {some}",
                f"`hours of work` {inside} [{number}]",
                f"level {sign} {word}",
                f"level {inside} [{word}, 'high']",
                f"level {sign} other",
                f"size {sign} {rng.choice([1, 2, 3])}",
                f"size {inside} [1, 3]",
                f"""firm {same} "it's" """.strip(),
                f"""firm {inside} ['the "b"', "$c `d'"]""",
                f"firm {same} 'a'",
                "yes",
                "answered",
                f"answered {same} True",
                f"{rng.choice(['isna', 'notna'])}({rng.choice(['age', 'level', 'firm', 'answered'])})",
            ]
        )
    )


def _told(svy: llo.Survey) -> Told:
    """What a result on these columns tells."""
    return told_of(llo.mean("w", svy))


def _as_written(svy: llo.Survey, folder: Path) -> dict[str, np.ndarray]:
    """The file of Stata, read back."""
    import pytest

    with pytest.warns(llo.LloWarning, match="another name"):
        svy.to_file(folder / "data.dta")
    return columns_of(pd.read_stata(folder / "data.dta", convert_categoricals=False))


def test_unknown_is_neither_true_nor_false(tmp_path: Path) -> None:
    svy = llo.Survey(data(), weights="w")
    told, columns = _told(svy), _as_written(svy, tmp_path)
    rng = np.random.default_rng(5)
    seen = {"true": 0, "false": 0, "unknown": 0}
    for _ in range(CONDITIONS):
        words = condition(rng)
        ours = evaluate(words, svy.frame, svy.labels)
        true, false = (holds(write(told, words), columns) for write in (conditions.true, conditions.false))
        assert (true == ours.true).all(), (words, conditions.true(told, words))
        assert (false == ~(ours.true | ours.unknown)).all(), (words, conditions.false(told, words))
        seen["true"] += ours.true.sum()
        seen["unknown"] += ours.unknown.sum()
        seen["false"] += false.sum()
    assert min(seen.values()) > 4_000, seen


def test_the_rules_of_stata_differ_from_ours(tmp_path: Path) -> None:
    # without guards these would be true of missing values, or of the complement
    columns = {"x": np.array([1.0, np.inf]), "s": np.array(["a", ""], dtype=object)}
    assert holds("x > 0", columns).tolist() == [True, True]
    assert holds("!(x < 5)", columns).tolist() == [False, True]
    assert holds('s != "b"', columns).tolist() == [True, True]
    assert holds("x + 1 > 100 | 0", columns).tolist() == [False, True]
    assert holds("x > 0 & !missing(x)", columns).tolist() == [True, False]


def test_levels_may_be_named_by_their_labels() -> None:
    frame = data().assign(code=lambda own: own["age"])
    svy = llo.Survey(frame, weights="w", labels={"level": {"values": {"high": "Hoog"}}})
    told = told_of(llo.mean("level == 'Hoog'", svy))
    assert conditions.true(told, "level == 'Hoog'") == "level == 3"
