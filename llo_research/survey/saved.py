"""Reading a saved survey back: rebuilt by the constructor, and believed when its design can be told."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from llo_research.archive import UNREADABLE, read_archive
from llo_research.errors import DataError, LloError
from llo_research.survey.packing import unpack
from llo_research.survey.storage import FORMATS, PACKED, frame_of
from llo_research.survey.survey import Survey


def read_survey(path: str | Path) -> Survey:
    """Read back what :meth:`Survey.save` wrote.

    Parameters
    ----------
    path : str or Path
        With or without the ending ``.npz``.

    Returns
    -------
    Survey
        Data, design, weighting steps, domain, labels and source as they were.

    Raises
    ------
    DataError
        No such file, or not a saved survey.

    Examples
    --------
    >>> import pandas as pd, llo_research as llo
    >>> svy = llo.Survey(pd.DataFrame({"y": [1.0, 3.0], "w": [1.0, 1.0]}), weights="w")
    >>> llo.mean("y", llo.read_survey(svy.save("small"))).estimate.tolist()
    [2.0]
    """
    target = Path(path)
    if not target.exists() and target.with_name(target.name + ".npz").exists():
        target = target.with_name(target.name + ".npz")
    if not target.exists():
        raise DataError("There is no such file.", where=str(path), todo="check the folder; svy.save(path) writes one")
    try:
        return _proven(_rebuilt(target))
    except LloError:
        raise
    except UNREADABLE as error:
        raise DataError(
            "The file is not a saved survey.",
            where=str(path),
            found=str(error)[:100],
            todo="svy.save(path) writes one",
        ) from None


def _proven(svy: Survey) -> Survey:
    """The survey, when its design can be told and gives a variance; what the design refuses is said when it is used."""
    if not all(isinstance(note, dict) for note in svy._notes):
        raise ValueError("a note that is none")
    weights = svy.weights.to_numpy()
    if weights.dtype.kind not in "iuf" or not np.isfinite(weights).all():
        raise ValueError("a weight that is none")
    with suppress(LloError):
        str(svy.describe()), svy._meta()
        svy.design.covariance(weights[:, None].astype(float))
    return svy


def _rebuilt(target: Path) -> Survey:
    """The survey in a file."""
    text, read_arrays = read_archive(target, "head")
    head = json.loads(text.decode("utf-8", "surrogatepass"))
    if head["format"] not in FORMATS:
        raise DataError(
            "The file was written by another version.",
            where=str(target),
            found=f"format {head['format']}",
            expected=" or ".join(f"format {number}" for number in FORMATS),
            todo="make the survey again and save it",
        )
    rows = head["rows"]
    arrays = read_arrays(rows)
    parts = head if head["format"] == 1 else head | {name: unpack(head[name], arrays) for name in PACKED}
    frame = frame_of(head, arrays)
    weight = parts["arguments"]["weights"]
    filled = frame if weight is None else frame.assign(**{weight: frame[weight].fillna(0)})
    svy = Survey(filled, **parts["arguments"], labels=parts["labels"], source=parts["source"])
    domain = arrays.get("domain")
    if domain is not None and (domain.dtype != bool or domain.shape != (rows,)):
        raise ValueError("a domain of another length")
    origins = {name: tuple(sources) for name, sources in dict(parts.get("origins", {})).items()}
    kinds = dict(parts.get("kinds", {}))
    svy = svy._with(frame=frame, domain=domain, notes=tuple(parts["notes"]), origins=origins, kinds=kinds)
    return _weighted(svy, head["weighting"], arrays)


def _weighted(svy: Survey, packed: Any, arrays: dict[str, np.ndarray]) -> Survey:
    """The survey with its weights, steps and replicates."""
    if packed is None:
        return svy
    kept = unpack(packed, arrays)
    sizes = [len(kept[name]) for name in ("weights", "base_weights")]
    if (replicates := kept["replicates"]) is not None:
        sizes += [len(replicates.columns(0, 1))]
        if np.ndim(replicates.factors) != 2 or np.shape(replicates.rscales) != (replicates.n_replicates,):
            raise ValueError("replicates that do not fit their factors")
        if svy.design.replicates is not None:
            replicates = replace(replicates, origin=svy.design.replicates)
    if any(size != len(svy) for size in sizes):
        raise ValueError("weights of another length")
    design = replace(svy.design, steps=kept["steps"], replicates=replicates)
    return svy._with(design=design, weights=kept["weights"], base_weights=kept["base_weights"])
