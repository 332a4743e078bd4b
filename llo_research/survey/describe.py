"""What a survey is, in a dozen lines: the first thing to look at, and the place where problems are named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy as np
import pandas as pd

from llo_research.design.design import Design
from llo_research.numerics.groups import Floats
from llo_research.survey.construct import as_names

_FEW = 10  # people in a domain of restricted files whose sums are shown, at least


@dataclass(frozen=True)
class Description:
    """Facts of a survey; `problems` lists what will get in the way of a standard error.

    n, n_domain : rows, and rows in the domain; of collapsed rows those they stand for.
    n_zero_weight : rows with weight zero.
    strata, psus : first-stage counts (None for a replicate design).
    sum_weights : sum of the weights in the domain.
    df : degrees of freedom of the domain.
    deff_weighting : Kish's 1 + cv(w)^2, the design effect of unequal weights.
    n_eff : n / deff_weighting.
    columns : the columns that make the design, by role (weights, strata, psu, fpc, unit, time, ...).
    collapsed : number of rows that stand for the `n`; None where each is one.
    guarded : of restricted or registered files: what a domain of few people weighs is told in no text.
    """

    n: int
    n_domain: int
    n_zero_weight: int
    strata: int | None
    psus: int | None
    replicates: str | None
    sum_weights: float
    weight: str | None
    weight_kind: str
    df: float
    deff_weighting: float
    n_eff: float
    synthetic: bool
    problems: tuple[str, ...]
    columns: dict[str, str]
    guarded: bool = field(default=False, repr=False)
    collapsed: int | None = None

    def to_frame(self) -> pd.DataFrame:
        """Columns `item` and `value`."""
        columns = "; ".join(f"{role}: {names}" for role, names in self.columns.items()) or "none"
        facts = {**asdict(self), "columns": columns, "problems": "; ".join(self.problems) or "none"}
        del facts["guarded"]
        return pd.DataFrame({"item": list(facts), "value": pd.Series(list(facts.values()), dtype=object)})

    @property
    def _few(self) -> bool:
        """A domain of restricted files with so few people that sums of it are theirs."""
        return self.guarded and 0 < self.n_domain < _FEW

    def __str__(self) -> str:
        domain = f"<{_FEW}" if self._few else f"{self.n_domain:,}"
        few = "" if self.collapsed is None else f"{self.collapsed:,} collapsed rows that stand for "
        lines = [f"Survey of {few}{self.n:,} rows" + (f", {domain} in the domain" if self.n_domain < self.n else "")]
        if self.replicates:
            lines.append(f"  design        {self.replicates}")
        else:
            lines.append(f"  design        {self.strata:,} strata, {self.psus:,} sampling units")
        lines += [
            f"  weights       {self.weight or 'none'} ({self.weight_kind})"
            + (", sum withheld" if self._few else f", sum {self.sum_weights:,.1f}"),
            *(f"  {role:<13} {names}" for role, names in self.columns.items() if role != "weights"),
        ]
        if self._few:
            lines.append(f"  WITHHELD      sums of fewer than {_FEW} people of restricted files")
        else:
            lines.append(f"  df            {self.df:,.0f}")
            if self.collapsed is None:
                lines.append(f"  weighting     design effect {self.deff_weighting:.2f}, effective n {self.n_eff:,.0f}")
        if self.synthetic:
            lines.append("  SYNTHETIC     shows method, not the population")
        return "\n".join([*lines, *(f"  problem       {problem}" for problem in self.problems)])

    def __repr__(self) -> str:
        facts = ", ".join(f"{item.name}={getattr(self, item.name)!r}" for item in fields(self) if item.repr)
        return str(self) if self._few else f"Description({facts})"

    def _repr_html_(self) -> str:
        frame = self.to_frame()
        if self._few:
            sums = frame["item"].isin(("sum_weights", "df", "deff_weighting", "n_eff"))
            frame.loc[sums, "value"] = "withheld"
            frame.loc[frame["item"] == "n_domain", "value"] = f"<{_FEW}"
        return str(frame.to_html(index=False))


def describe(
    design: Design, w: Floats, domain: np.ndarray, arguments: Mapping[str, Any], source: Mapping[str, Any]
) -> Description:
    """Work out the facts.

    w : (n,) current weights.
    domain : (n,) mask of the rows in the domain.
    arguments : of the constructor: the column of each role, and the kind of the weights.
    source : where the data come from.
    """
    counts = np.ones(len(w)) if design.stands is None else design.stands.counts
    inside, people = w[domain & (w != 0)], float(counts[domain & (w != 0)].sum())
    squares = (inside**2).sum() if design.stands is None else np.nan  # of people, that rows do not tell
    deff = float(people * squares / inside.sum() ** 2) if len(inside) else np.nan
    replicates = design.replicates
    replicated = None
    if replicates is not None:
        replicated = f"{replicates.n_replicates} replicate weights ({replicates.method}, scale {replicates.scale:g})"
    return Description(
        n=int(counts.sum()),
        n_domain=int(counts[domain].sum()),
        n_zero_weight=int(counts[w == 0].sum()),
        strata=None if replicates is not None else len(design.stages[0].units_per_stratum),
        psus=design.facts().get("n_psu"),
        replicates=replicated,
        sum_weights=float(inside.sum()),
        weight=arguments["weights"],
        weight_kind=str(arguments["weight_kind"]),
        df=design.degrees_of_freedom(domain & (w != 0)),
        deff_weighting=deff,
        n_eff=people / deff if len(inside) else 0.0,
        synthetic=bool(source.get("synthetic", False)),
        problems=(*_problems(design, w, domain, arguments), *_not_used(source), *_lacking(source)),
        columns=_columns(arguments),
        guarded=is_guarded(source),
        collapsed=None if design.stands is None else design.n,
    )


def is_guarded(source: Mapping[str, Any]) -> bool:
    """Whether a source, or one of those stacked in it, is restricted or registered."""
    own = source.get("restricted") is True or source.get("kind") in ("restricted", "registered")
    return own or any(is_guarded(part) for part in (source.get("surveys") or {}).values())


def _not_used(source: Mapping[str, Any]) -> list[str]:
    """Columns that look like those of the design, and were not named by whoever read the file."""
    found = source.get("not_used") or {}
    return [f"not used: {', '.join(names)} (it may be {role}={names[0]!r})" for role, names in found.items()]


def _lacking(source: Mapping[str, Any], of: str = "") -> list[str]:
    """What a file, or each of those stacked, has a place for and nobody in; replicates that do not count."""
    lines = [line for name, own in (source.get("surveys") or {}).items() for line in _lacking(own, f"{name}: ")]
    if lines:
        return lines
    if empty := source.get("no_answers"):
        lines.append(f"{of}no answers in any row: {_listed(list(empty))}")
    for name, levels in (source.get("no_people") or {}).items():
        lines.append(f"{of}nobody in {name}: {_listed([str(level) for level in levels])}")
    counts = source.get("replicates") or {}
    if counts and counts["used"] < counts["columns"]:
        lines.append(f"{of}{counts['used']} of {counts['columns']} replicate weights count, as the file says")
    return lines


def _columns(arguments: Mapping[str, Any]) -> dict[str, str]:
    """The columns of the design, by role."""
    roles = ("weights", "strata", "psu", "fpc", "unit", "time", "unit_weights")
    columns = {role: ", ".join(as_names(arguments.get(role))) for role in roles}
    items = dict.fromkeys(arguments["item_weights"].values())
    columns["item_weights"] = "; ".join(
        f"{weight} of {_listed([name for name, own in arguments['item_weights'].items() if own == weight])}"
        for weight in items
    )
    replicates = arguments.get("replicate_weights")
    if replicates is not None:
        columns["replicates"] = replicates if isinstance(replicates, str) else _listed(list(replicates))
    return {role: names for role, names in columns.items() if names}


def _listed(names: list[str]) -> str:
    """Names, the middle of many left out."""
    return ", ".join(names if len(names) <= 6 else [*names[:3], "...", names[-1]])


def _problems(design: Design, w: Floats, domain: np.ndarray, arguments: Mapping[str, Any]) -> tuple[str, ...]:
    """What will get in the way, one sentence each."""
    kind = arguments["weight_kind"] if arguments["weights"] is not None else "none"
    problems = []
    if design.replicates is None:
        for number, stage in enumerate(design.stages, start=1):
            if len(stage.lonely):
                names = ", ".join(str(stage.names[h]) for h in stage.lonely[:5])
                problems.append(
                    f"{len(stage.lonely)} strata with a single sampling unit at stage {number} ({names}); "
                    f"lonely_psu={design.lonely_psu!r}"
                )
    if (w < 0).any():
        problems.append(f"{int((w < 0).sum())} negative weights")
    inside = w[domain & (w > 0)]
    if design.stands is None and len(inside) and inside.max() > 20 * np.median(inside):
        problems.append(f"the largest weight is {inside.max() / np.median(inside):.0f} times the median")
    people = design.rows_of_cells(np.zeros(design.n, dtype=np.intp), 1)[0]
    if kind == "expansion" and len(inside) and abs(w.sum() / people - 1) < 1e-6:
        problems.append("expansion weights that sum to the number of rows: proportional weights?")
    return tuple(problems)
