"""Runs what stands on numpy, pandas and scipy alone, where no other package can be found; prints what happened.

    python tests/house/on_three_packages.py [everything]

With ``everything`` all packages are found. Each line: a name, and a number or the words of an error.
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Any

ALLOWED = {"numpy", "pandas", "scipy", "dateutil", "six", "pytz", "tzdata", "llo_research"}

# What must give a number without the other packages, by name.
WORKS = {
    "mean": "training",
    "share": "llo.share('contract', svy, by='year')",
    "total": "llo.total('training', svy)",
    "ratio": "llo.ratio('training', 'informal_learning', svy)",
    "quantile": "llo.quantile('age', svy, q=[0.25, 0.5])",
    "variance": "llo.variance('age', svy)",
    "correlation": "llo.correlation(['age', 'training'], svy)",
    "gap": "gap",
    "change": "llo.change('training', svy, time='year', base=2018)",
    "trend": "llo.trend('training', svy, time='year')",
    "crosstab": "llo.crosstab('training', 'education', svy)",
    "joint": "llo.joint({'a': training, 'b': gap})",
    "contrast": "training.contrast({'high less low': {'high': 1, 'low': -1}})",
    "condition": "llo.mean('age >= 40 & training == 1', svy.where(\"contract == 'permanent'\"))",
    "calibrate": "llo.mean('training', llo.calibrate(fresh, sizes, method='raking'))",
    "poststratify": "llo.mean('training', llo.poststratify(fresh, sizes))",
    "replicate": "llo.mean('training', llo.replicate(svy, 'bootstrap', replicates=10, seed=1))",
    "kitagawa": "llo.decomposition.kitagawa(rates, people)",
    "standardise": "llo.decomposition.standardise('training', svy, cells='education', over='year')",
    "rank_gap": "llo.rank_gap('training', svy, rank='age')",
    "text": "len(str(llo.report.table(training)))",
    "markdown": "len(llo.report.table(training).to_markdown())",
    "html": "len(llo.report.table(training).to_html())",
    "sentence": "len(str(llo.report.sentence(gap)))",
    "saved": "llo.read_result(training.save(folder / 'kept'))",
    "to_r": "len(training.to_r())",
    "check_disclosure": "len(llo.report.check_disclosure({'training': training, 'gap': gap}))",
    "export": "len(list(llo.report.export({'training': training}, folder / 'out').glob('*.json')))",
    "exported": "llo.read_result(folder / 'out' / 'training.json')",
    "attack": "len(llo.report.attack(folder / 'out'))",
}
# What needs a package, by name.
REFUSED = {
    "glm": "llo.glm('training ~ age', svy)",
    "ordered": "llo.ordered('learn_tasks ~ age', svy)",
    "fixed_effects": "llo.panel.fixed_effects('training ~ age', persons)",
    "oaxaca_blinder": "llo.decomposition.oaxaca_blinder('training ~ age', svy, group='contract', of='permanent', "
    "minus='flexible')",
    "adjust_nonresponse": "llo.adjust_nonresponse(persons, 'came', formula='~ age')",
    "excel": "llo.report.table(training).to_excel(folder / 'x.xlsx')",
    "figure": "llo.report.figure(training)",
}


class Only:
    """Finds the standard library and a few packages; any other is absent."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        top = name.partition(".")[0]
        known = top in ALLOWED or top in sys.stdlib_module_names or top.startswith("_")
        return PathFinder.find_spec(name, path, target) if known else None


def names(folder: Path) -> dict[str, Any]:
    """What the calls speak of."""
    import pandas as pd

    import llo_research as llo

    svy = llo.synthetic("nea", years=[2018, 2020], n=2000)
    frame = svy.frame.assign(w=1.0, who=range(len(svy.frame)), came=svy.frame["age"] > 20)
    return {
        "llo": llo,
        "svy": svy,
        "folder": folder,
        "training": llo.mean("training", svy, by="education"),
        "gap": llo.gap("training", svy, group="education", of="high", minus="low"),
        "fresh": llo.Survey(frame, weights="w"),
        "persons": llo.Survey(frame, weights="w", unit="who", time="year"),
        "sizes": {"education": {"low": 200.0, "middle": 300.0, "high": 400.0}},
        "rates": pd.DataFrame({2014: [0.2, 0.6], 2024: [0.3, 0.6]}, index=["low", "high"]),
        "people": pd.DataFrame({2014: [50, 50], 2024: [40, 60]}, index=["low", "high"]),
    }


def answer(call: str, known: dict[str, Any]) -> str:
    """The sum of the estimates, or a number, with all its digits; or what an error says."""
    try:
        value = eval(call, known)
    except Exception as error:  # whatever it says is compared
        return f"{type(error).__name__}: " + " ".join(str(error).split())
    return repr(float(value) if isinstance(value, int) else float(value.to_frame()["estimate"].sum()))


def main(everything: bool) -> None:
    """Print a line for each."""
    if not everything:
        sys.meta_path[:] = [Only if finder is PathFinder else finder for finder in sys.meta_path]
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        known = names(Path(folder))
        for name, call in (WORKS if everything else WORKS | REFUSED).items():
            print(f"{name}\t{answer(call, known)}")


if __name__ == "__main__":
    main("everything" in sys.argv[1:])
