"""Which modules are changed, which fast tests must notice, what nobody can; the one place that knows their paths."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "llo_research"

_KERNEL = (
    "test_streams.py",
    "tests/design",
    "test_variance_routes.py",
    "test_pieces.py",
    "test_maps_of_estimates.py",
    "test_occasions.py",
    "test_lonely_domains.py",
)
_MAPS = ("test_combinations.py", "test_maps_of_estimates.py", "test_maps.py", "test_contrast_df.py", "test_joint.py")
# Of a module that moves the first path that is there counts; test files are found by name, wherever they are.
_HEART: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    *(
        ((f"design/{name}.py",), _KERNEL)
        for name in ("kernel", "components", "lonely", "moments", "sparse_sums", "stages", "unit_sums", "occasions")
    ),
    (("design/scores.py",), ("test_maps_of_estimates.py", "tests/design", "test_joint.py", "test_pieces.py")),
    (("design/residuals.py",), ("test_pieces.py", "test_two_routes.py", "test_dependent_totals.py", "test_routes.py")),
    *(((f"results/{name}.py",), _MAPS) for name in ("estimates", "inference", "freedom", "vcov")),
    (
        ("results/contrasts.py", "estimation/contrasts.py"),
        (
            "test_combinations.py",
            "test_contrasts_in_words.py",
            "test_contrasts.py",
            "test_contrast_df.py",
            "test_contrasts_of_imputations.py",
        ),
    ),
    (("numerics/calibration.py",), ("test_newton.py", "tests/numerics/test_calibration.py", "test_two_routes.py")),
    (
        ("numerics/rank.py",),
        ("tests/numerics/test_rank.py", "tests/numerics/test_calibration.py", "test_two_routes.py"),
    ),
)


def _found(name: str) -> list[str]:
    """Test files of a name, or a folder of tests."""
    if "/" in name:
        return [name] if (ROOT / name).exists() else []
    return sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob(name))


def _tests() -> dict[str, tuple[str, ...]]:
    """Module to test files, of the modules that are there."""
    out = {}
    for places, names in _HEART:
        there = [place for place in places if (ROOT / PACKAGE / place).exists()]
        if there:
            out[there[0]] = tuple(path for name in names for path in _found(name))
    return out


TESTS = _tests()


@dataclass(frozen=True)
class Unseen:
    """Lines of a module of which a change can be seen in no number, and why.

    module : empty for all of them.
    before : parts of these lines.
    after : parts of the lines as changed, where only some changes are unseen; none for all of them.
    """

    module: str
    reason: str
    before: tuple[str, ...]
    after: tuple[str, ...] = ()


_ROUTE = "Which of several routes with the same numbers is quicker."
_BOUND = "How much is held in memory at once; the numbers are the same."
_TOLERANCE = "A tolerance far from both what must pass and what must not; twice as much is as good."
_SHORTCUT = "A shortcut that is taken less often."
_WRITTEN = "Every number is written before it is read."
_ROOM = "Room for codes that there are none of."
_NOBODY = "Rows outside the domain are in no sum, whatever stands there."

UNSEEN: tuple[Unseen, ...] = (
    Unseen("", "An assertion: what stands side by side is of one length.", ("strict=True",), ("strict=False",)),
    Unseen("", "numpy takes any negative length as the one that is left over.", ("reshape(",), (", -2)", "(-2,")),
    Unseen("design/kernel.py", _ROUTE, ("_FEW_TOGETHER = 8", "_MANY_PRODUCTS, _SPARSE_TIMES =", "_HEAVY = 1 / 8")),
    Unseen("design/kernel.py", _ROUTE, ("heavy = np.flatnonzero(filled > ", "light = np.flatnonzero((filled > 0) & ")),
    Unseen("design/kernel.py", _ROUTE, ("single = len(blocks) == 1 and", "dense = float(stage.n_units) * width ** 2")),
    Unseen("design/kernel.py", _TOLERANCE, ("CANCELLATION = 0.0001",)),
    Unseen("design/kernel.py", _TOLERANCE, ("return bool((np.diag(made) < CANCELLATION",), ("<= CANCELLATION",)),
    Unseen("design/kernel.py", _BOUND, ("_SQUARE = 256",)),
    Unseen("design/kernel.py", _SHORTCUT, ("if k == m == transform.nnz",), ("(transform.data == 2).all()",)),
    Unseen("design/kernel.py", _SHORTCUT, ("if not (stage.carry > 0).any()",), ("(stage.carry >= 0).any()",)),
    Unseen("design/kernel.py", _ROUTE, ("width > _FEW_TOGETHER",), ("width >= _FEW_TOGETHER",)),
    Unseen("design/kernel.py", _ROUTE, ("if _SPARSE_TIMES * multiplications",)),
    Unseen("design/kernel.py", "An array without numbers.", ("sums = (streamed.scores.size, np.zeros((0, 0)))",)),
    Unseen("design/moments.py", _ROUTE, ("FEW_COLUMNS = 3", "_SHARE, _MANY_COLUMNS =", "if min(p, q) > FEW_COLUMNS")),
    Unseen("design/moments.py", _ROUTE, ("if sums.shape[1] >= _MANY_COLUMNS and",)),
    Unseen("design/moments.py", _ROUTE, ("if one.codes is other.codes or",), ("other.codes and",)),
    Unseen(
        "design/moments.py",
        "Room for codes that there are none of.",
        ("shape = (one.n_cells + 1,",),
        ("(one.n_cells + 2,",),
    ),
    Unseen("design/moments.py", _NOBODY, ("padded = np.concatenate([means",), ("np.ones(",)),
    Unseen("design/moments.py", _ROUTE, ("size, of_row = (np.zeros(",), ("np.ones(",)),
    Unseen("design/components.py", _ROUTE, ("_SETS = 32", "_PLACES = 4", "if places > _PLACES", "most = max(")),
    Unseen("design/components.py", _ROUTE, ("columns = np.bincount(label[n_strata:]",), ("weights=widths,",)),
    Unseen("design/components.py", _ROUTE, ("filled = (np.cumsum(columns) - columns / 2) // most",)),
    Unseen("design/components.py", _ROUTE, ("len(stage.units_per_stratum) == 1",), ("== 2", "!= 1")),
    Unseen("design/components.py", _BOUND, ("order = np.argsort(label.astype(np.int16 if number < 2 ** 15",)),
    Unseen(
        "design/sparse_sums.py", _ROUTE, ("_SHARE = 1 / 8", "if right.nnz > _SHARE", "return float(touched @ touched)")
    ),
    Unseen("design/unit_sums.py", _BOUND, ("_PIECE = 4000000", "if stage.n_units * size <= _PIECE", "rows_before =")),
    Unseen(
        "design/unit_sums.py",
        _BOUND,
        ("length, first = (max(1, _PIECE // max(size, 1)), 0)",),
        ("min(size, 1)", "max(2,"),
    ),
    Unseen(
        "design/unit_sums.py", _BOUND, ("in _ranges_of_units(stage, max(1, ", "last = int(np.searchsorted(rows_before,")
    ),
    Unseen(
        "design/unit_sums.py", _SHORTCUT, ("if first == 0 and last == stage.n_units",), ("first == 1", "first != 0")
    ),
    Unseen("design/scores.py", _ROUTE, ("_LARGE, _SHARE =", "_MANY_COLUMNS = 32", "if self.n_base >= _MANY_COLUMNS")),
    Unseen(
        "design/scores.py", _ROUTE, ("if full.size < _LARGE or", "small = whole.shape[0]", "whole.toarray() if small")
    ),
    Unseen("design/scores.py", _NOBODY, ("gone = (own == 0) &",), ("block.codes <= block.n_cells",)),
    Unseen("design/residuals.py", _BOUND, ("_PIECE = 4000000", "length = max(1, _PIECE")),
    Unseen("design/residuals.py", _ROUTE, ("_FEW = 8", "if scores.size <= _FEW", "_MANY = 256")),
    Unseen(
        "design/residuals.py", _TOLERANCE, ("lost = np.flatnonzero(np.diag(out) < CANCELLATION",), ("<= CANCELLATION",)
    ),
    Unseen("design/residuals.py", _ROUTE, ("lost = np.flatnonzero(np.diag(out) <",), ("< transform.power(2)",)),
    Unseen("design/residuals.py", "The last row is taken, of one or of two.", ("padded = np.vstack(",), ("zeros((2,",)),
    Unseen("results/freedom.py", _ROUTE, ("_TOGETHER = 16",)),
    Unseen("results/freedom.py", _ROUTE, ("fits = (i for i, ", "taken.append(np.zeros_like(pattern))")),
    Unseen("results/freedom.py", _SHORTCUT, ("if number > 1 and",), ("number >= 1",)),
    Unseen("results/freedom.py", _ROUTE, ("if number > 1 and",), ("|",)),
    Unseen("results/freedom.py", _ROOM, ("minlength=number + 1)[:number]",), ("minlength=number + 2",)),
    Unseen(
        "results/contrasts.py",
        "A slope without end, times zeros, leaves none that is finite.",
        ("undefined = ~(np.isfinite(estimate)",),
        (".any(axis=1)",),
    ),
    Unseen(
        "results/contrasts.py", "Slopes are not looked at.", ("expression, flat, gradient=False).value",), ("=True",)
    ),
    Unseen("results/contrasts.py", "Slopes are not asked for.", ("flat = {name: Dual(at[:, i], np.zeros(1), none)",)),
    Unseen("results/vcov.py", "There are rows, so that the largest code is none of these.", ("codes.max(initial=-1)",)),
    Unseen("results/estimates.py", _TOLERANCE, ("_STEP = 1e-100", "_BESIDE = 0.01", "_CHECK, _AGREES =")),
    Unseen("results/estimates.py", _TOLERANCE, ("+ _CHECK ** 2 * np.abs(value)",), ("_CHECK ** 3",)),
    Unseen("results/estimates.py", _TOLERANCE, ("for side in (1, -1)",), ("(2, -1)", "(1, -2)")),
    Unseen("results/estimates.py", _TOLERANCE, ("_CHECK * np.where(at == 0, 1.0, at)",), ("at == 0, 2.0, at",)),
    Unseen(
        "results/estimates.py", _TOLERANCE, ("moved = base.value * (1 + side * _BESIDE)",), ("base.value / (1 + side",)
    ),
    Unseen("numerics/calibration.py", _TOLERANCE, ("_FURTHER, _ROUNDING =", "NEAR_ZERO =", "_HALVINGS = 40")),
    Unseen("numerics/calibration.py", "F(0) is 1.", ("miss = x.sums(old * g) - totals",), ("(old / g)", "sums(old)")),
    Unseen(
        "numerics/calibration.py", "How much shorter a step that is too long gets.", ("factor / 2)",), ("factor / 3)",)
    ),
    Unseen(
        "numerics/calibration.py",
        "A set in which a column has no weight has no solution, however it is found out.",
        ("length = np.where(length > 0, length, 1.0)",),
        ("length >= 0", "length, 2.0"),
    ),
    Unseen("numerics/rank.py", _TOLERANCE, ("row[j] > _COLLINEAR",), (">= _COLLINEAR",)),
    Unseen("numerics/rank.py", _ROUTE, ("_SURELY_FULL =",)),
    Unseen("numerics/rank.py", _TOLERANCE, ("_COLLINEAR =", "_NO_SHARE =")),
    Unseen("numerics/rank.py", _WRITTEN, ("factor = np.zeros(", "factor = np.zeros_like("), ("np.ones",)),
    Unseen("numerics/rank.py", "Nothing is left then.", ("while rank < len(gram) and",), ("rank <= len(gram)",)),
)
