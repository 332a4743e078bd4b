"""True values of a synthetic population by year, group or what else tells them apart, for a table beside estimates."""

from __future__ import annotations

from llo_research.errors import DataError


def true_values(instrument: str, by: str = "year", **rows: str | int) -> dict[str, float]:
    """Values of ``llo.truth`` by one of its columns, of the rows named.

    Use it with :func:`beside_truth` in chapters that show method on synthetic data.

    Parameters
    ----------
    instrument : str
        A synthetic instrument: ``"nea"``, ``"zea"``, ``"wea"``.
    by : str
        The column of ``llo.truth`` whose entries become the keys.
    **rows
        Entries of other columns: ``variable="training", quantity="mean", group="education", level="high"``. A `group`
        that is not named is none (``""``).

    Returns
    -------
    dict of str to float
        Keys as text.

    Raises
    ------
    DataError
        A column that is not there, no such rows, or several for a key.

    Examples
    --------
    >>> import llo_research as llo
    >>> sorted(llo.monitor.true_values("wea", variable="trained_over_75", population="establishments"))
    ['2016', '2021', '2024']
    """
    from llo_research.data.synthetic.truth import truth

    known = truth(instrument)
    wanted = {"group": "", **rows}
    absent = [name for name in (by, *wanted) if name not in known]
    if absent:
        raise DataError("The truth has no such column.", where="true_values", found=absent[0])
    for name, value in wanted.items():
        known = known[known[name] == value]
    keys = [str(key) for key in known[by]]
    if not keys or len(set(keys)) < len(keys):
        raise DataError(
            "These rows of the truth are none, or several for a key.",
            where="true_values",
            found=f"{len(keys)} rows of {', '.join(f'{name} {value!r}' for name, value in wanted.items())}",
            todo="name more columns, as quantity='mean'",
        )
    return dict(zip(keys, known["value"].astype(float), strict=True))
