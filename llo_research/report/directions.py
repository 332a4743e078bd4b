"""Which comparisons of a result are more, which less, and of which it cannot be told."""

from __future__ import annotations

from llo_research.errors import DataError
from llo_research.report.content.reading import content_of
from llo_research.report.readings import direction
from llo_research.results.result import Result
from llo_research.results.rules import AUTO


def directions(result: Result, *, disclosure: str = AUTO) -> dict[str, str]:
    """The reading of each comparison: ``more``, ``less`` or ``unclear``.

    Use it to count, or to pick, the rows of which a direction can be told. What is told of one row is said with
    :func:`sentences` (``{gap[low]:direction|more|less|cannot be told}``).

    Parameters
    ----------
    result : Result
        Gaps, changes, coefficients or contrasts.
    disclosure : str
        Which rows are withheld, as in :func:`table`; those are left out.

    Returns
    -------
    dict of str to str
        By label of the row: ``more`` where the interval lies above no difference, ``less`` where it lies below,
        ``unclear`` where it holds no difference.

    Raises
    ------
    DataError
        Rows that compare nothing.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> frame = pd.DataFrame({"y": [1, 1, 1, 0] * 20 + [0, 0, 0, 1] * 20, "g": ["a"] * 80 + ["b"] * 80, "w": 1.0})
    >>> gap = llo.gap("y", llo.Survey(frame, weights="w"), group="g", of="a", minus="b")
    >>> llo.report.directions(gap)
    {'y': 'more'}
    """
    content = content_of(result, 1, "en", disclosure)
    found = {}
    for i, label in enumerate(result.labels):
        null = content.quantities[i].null
        if null is None:
            raise DataError(
                "A direction is that of a comparison.",
                where=str(label),
                found=f"a {content.quantities[i].kind}",
                expected="a difference, a change, a coefficient or a contrast",
            )
        if not (content.withheld and content.withheld[i]):
            found[str(label)] = direction(content, i, null)
    return found
