"""Table books that leave: cells are numbers as those of a mean, and a difference from the rest tells of every cell."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

import llo_research as llo

_N = 900


def _groups() -> tuple[np.random.Generator, pd.DataFrame]:
    """People in two groups."""
    rng = np.random.default_rng(9)
    return rng, pd.DataFrame({"group": pd.Categorical(rng.choice(list("AB"), _N)), "w": 1.0})


def _answers(both: int) -> llo.Survey:
    """Two answers that so many of group B gave both."""
    rng, frame = _groups()
    frame["a"], frame["b"] = ((rng.random(_N) < 0.3).astype(int) for _ in range(2))
    gave = np.flatnonzero((frame["group"] == "B") & (frame["a"] == 1) & (frame["b"] == 1))
    frame.loc[gave[both:], "b"] = 0
    return llo.Survey(frame, weights="w")


def _counts(twos: int) -> llo.Survey:
    """A number of courses, of which so many of group B followed two."""
    rng, frame = _groups()
    frame["courses"] = rng.choice([0, 1, 2], _N, p=[0.5, 0.3, 0.2])
    gave = np.flatnonzero((frame["group"] == "B") & (frame["courses"] == 2))
    frame.loc[gave[twos:], "courses"] = 0
    return llo.Survey(frame, weights="w")


def _left(result: llo.Result, folder: Path) -> llo.Result:
    """The result as it is outside."""
    return llo.read_result(llo.report.export(result, folder, profile="cbs") / "result")


def test_differences_do_not_tell_the_covariance_of_the_rest(tmp_path: Path) -> None:
    for both, leaves in ((3, False), (40, True)):
        book = _left(llo.banner(["a", "b"], _answers(both), by="group"), tmp_path / str(both))
        known = np.isfinite(book.differences.covariance)
        assert known.diagonal().all() and known.all() == leaves
        # that of the cells in A leaves; beside it that of the differences would be that of the cells in B
        assert np.isfinite(book.covariance[0, 2]) and known[0, 2] == leaves


def test_cells_of_a_number_leave_as_those_of_its_mean(tmp_path: Path) -> None:
    for twos, leaves in ((2, False), (60, True)):
        survey = _counts(twos)
        book = _left(llo.banner("courses", survey, by="group"), tmp_path / f"book{twos}").to_frame()
        mean = _left(llo.mean("courses", survey, by="group"), tmp_path / f"mean{twos}").to_frame()
        np.testing.assert_array_equal(book["std_error"], mean["std_error"])
        assert book["std_error"].notna().all() == leaves
        told = book[["difference_low", "p_value", "effect"]].notna().to_numpy()
        assert told.all() == leaves and told.any() == leaves  # each rests on both cells
        assert leaves or not book["flag"].str.contains("above|below").any()
