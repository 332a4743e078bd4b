"""Some six hundred calls of every kind on made-up surveys of every kind: their numbers, written down and compared.

    python -m tests.recorded_calls write FILE          record the numbers of this version
    python -m tests.recorded_calls compare FILE        what differs from them, call by call; exit 1 when anything does

For changes of structure that may change no number: record before, compare after. A call that is refused is recorded
with its kind of error; words may change.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import llo_research as llo

# Sums in another order move the last digits.
TOLERANCE = 1e-9
YEARS = (2014, 2018, 2022)


@cache
def frame(seed: int = 20231130) -> pd.DataFrame:
    """Three waves of clusters in strata, with gaps in the answers."""
    rng = np.random.default_rng(seed)
    rows = [(t, h, f"{h}{c}", i) for t in YEARS for h in "ABCD" for c in range(4) for i in range(9)]
    out = pd.DataFrame(rows, columns=["year", "h", "psu", "i"])
    n = len(out)
    out["id"] = np.arange(n) % (n // 3) + np.where(np.arange(n) % 5 == 0, np.arange(n), 0)
    out["w"] = rng.gamma(4, 25, n)
    out["wp"] = out["w"] / out["w"].mean()
    out["w1"] = np.where(out["i"] % 2 == 0, 2 * out["w"], np.nan)
    out["education"] = pd.Categorical(rng.choice(["low", "middle", "high"], n), ["low", "middle", "high"], ordered=True)
    out["sex"] = rng.choice(["m", "v"], n)
    skill = 0.5 * out["education"].cat.codes + 0.2 * (out["year"] - 2014) / 4 + rng.normal(size=n)
    out["training"] = np.where(rng.random(n) < 0.05, np.nan, (skill > 0.4).astype(float))
    out["hours"] = np.where(rng.random(n) < 0.05, np.nan, np.exp(1 + 0.3 * skill).round(1))
    out["worked"] = rng.integers(8, 41, n).astype(float)
    out["contract"] = rng.choice(["flexible", "permanent", "none"], n, p=[0.3, 0.6, 0.1])
    out["half"] = np.where(out["i"] % 2 == 0, (skill > 0).astype(float), np.nan)
    out["size"], out["strata_size"] = 40.0, 20.0
    for m in range(1, 6):
        out[f"PV{m}"] = 250 + 20 * skill + rng.normal(0, 8, n)
    out["lonely"] = np.where(out["psu"] == "A0", "L", out["h"])
    return out


def surveys() -> dict[str, Callable[[], llo.Survey]]:
    """Each kind of survey, made when it is asked for."""
    data = frame()
    plain = {"weights": "w", "time": "year"}
    once = data.assign(h2=data["id"] % 3)

    def clustered(rows: pd.DataFrame = data, **more: Any) -> llo.Survey:
        return llo.Survey(rows, **{**plain, "strata": ["year", "h"], "psu": "psu", **more})

    def totals(column: str, factor: float = 1.1) -> dict[str, float]:
        return {str(k): float(v) for k, v in (data.groupby(column, observed=True)["w"].sum() * factor).items()}

    def calibrated() -> llo.Survey:
        margins = {"sex": totals("sex"), "education": totals("education")}
        return llo.calibrate(clustered(), margins)

    def estimated() -> llo.Survey:
        cov = 1e4 * np.array([[2.0, -1, -1], [-1, 2, -1], [-1, -1, 2]])
        return llo.calibrate(clustered(), llo.EstimatedTotals({"education": totals("education")}, cov))

    def nonresponse() -> llo.Survey:
        return llo.adjust_nonresponse(clustered().assign(there=data["i"] != 8), "there", classes=["h"])

    def twice() -> llo.Survey:
        return llo.stack({"a": clustered(), "b": llo.Survey(frame(7), **plain, strata=["year", "h"])})

    return {
        "strata": lambda: llo.Survey(data, **plain, strata=["year", "h"]),
        "fpc": lambda: clustered(fpc="strata_size"),
        "clusters": clustered,
        "two stages": lambda: clustered(psu=["psu", "i"], fpc=["strata_size", "size"]),
        "panel": lambda: llo.Survey(once, **plain, unit="id"),
        "adjust": lambda: clustered(strata=["year", "lonely"], lonely_psu="adjust"),
        "average": lambda: clustered(strata=["year", "lonely"], lonely_psu="average"),
        "proportional": lambda: clustered(weights="wp", weight_kind="proportional"),
        "halves": lambda: clustered(item_weights={"half": "w1"}),
        "domain": lambda: clustered().where("worked >= 15 & sex == 'v'"),
        "calibrated": calibrated,
        "raked": lambda: llo.calibrate(clustered(), {"sex": totals("sex"), "h": totals("h")}, method="raking"),
        "estimated totals": estimated,
        "trimmed": lambda: llo.trim(clustered(), upper=200.0, preserve="total"),
        "nonresponse": nonresponse,
        "jkn": lambda: llo.replicate(clustered(), "jkn"),
        "bootstrap": lambda: llo.replicate(clustered(), "bootstrap", replicates=60, seed=4),
        "calibrated jkn": lambda: llo.replicate(calibrated(), "jkn", mse=False),
        "stack": twice,
        "stack of replicates": lambda: llo.stack(
            {"a": llo.replicate(calibrated(), "jkn"), "b": llo.replicate(clustered(frame(7)), "jkn")}
        ),
    }


def _breaks(svy: llo.Survey) -> llo.Survey:
    """The survey with a series break."""
    return svy._with(source={**svy.source, "breaks": [{"time": 2018, "what": "new text", "series": ["training"]}]})


CALLS: dict[str, Callable[[llo.Survey], llo.Result]] = {
    "mean": lambda s: llo.mean("hours", s),
    "mean by": lambda s: llo.mean(["hours", "worked"], s, by=["year", "education"]),
    "mean joint ends": lambda s: llo.mean("hours", s, by="education", simultaneous=True, level=0.9),
    "mean available": lambda s: llo.mean(["hours", "training"], s, missing="available"),
    "share": lambda s: llo.share("contract", s, by="year"),
    "share beta": lambda s: llo.share("contract", s, interval="beta"),
    "share likelihood": lambda s: llo.share("contract", s, interval="likelihood"),
    "half": lambda s: llo.mean("half", s, by="year"),
    "total": lambda s: llo.total("training", s, by="education"),
    "ratio": lambda s: llo.ratio("hours", "worked", s, by="education"),
    "variance": lambda s: llo.variance("hours", s),
    "quantile": lambda s: llo.quantile("hours", s, q=[0.25, 0.5, 0.9]),
    "quantile mean": lambda s: llo.quantile("hours", s, q=0.5, by="education", interval="mean"),
    "quantile school": lambda s: llo.quantile("worked", s, q=[0.1, 0.5], rule="school", interval="xlogit"),
    "gap": lambda s: llo.gap("training", s, group="education", of="high", minus="low", by="year"),
    "gap ratio": lambda s: llo.gap("training", s, group="sex", of="v", minus="m", scale="ratio"),
    "gap odds": lambda s: llo.gap("training", s, group="education", of="high", minus="low", scale="odds"),
    "gap conditions": lambda s: llo.gap("hours", s, of="worked >= 30", minus="worked < 20"),
    "change": lambda s: llo.change("hours", s, by="education", time="year", base=2014),
    "change flagged": lambda s: llo.change("training", _breaks(s), time="year", base=2014, breaks="flag"),
    "gap change": lambda s: llo.gap_change(
        "training", s, group="education", of="high", minus="low", time="year", base=2014
    ),
    "trend": lambda s: llo.trend("hours", s, time="year", by="sex"),
    "crosstab": lambda s: llo.crosstab("education", "contract", s),
    "plausible": lambda s: llo.mean("PV*", s, by="education", plausible=True),
    "contrast": lambda s: llo.mean("training", s, by="education").contrast({"high": 1, "low": -1}),
    "contrast smooth": lambda s: llo.mean("hours", s, by="education").contrast("log(high / low)"),
    "joint": lambda s: llo.joint(
        {"a": llo.mean("hours", s, by="education"), "b": llo.mean("worked", s), "c": llo.total("training", s)}
    ),
    "joint contrast": lambda s: llo.joint(
        {"a": llo.mean("hours", s.where("sex == 'v'")), "b": llo.mean("hours", s.where("year >= 2018"))}
    ).contrast("a - b"),
    "gap contrast": lambda s: llo.gap("hours", s, group="sex", of="v", minus="m", by="year").contrast(
        "`2022` - `2014`"
    ),
    "imputations": lambda s: llo.combine_imputations([llo.mean(f"PV{m}", s, by="sex") for m in range(1, 6)]),
}
_NUMBERS = ("estimate", "std_error", "df", "conf_low", "conf_high", "p_value", "n", "sum_weights", "deff")


def recorded() -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and numbers of every call."""
    for kind, make in surveys().items():
        svy = make()
        for name, call in CALLS.items():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    result = call(svy)
                    table = result.to_frame()
                except llo.LloError as error:
                    yield f"{kind} | {name}", {"refused": type(error).__name__}
                    continue
            told: dict[str, Any] = {c: [float(v) for v in table[c]] for c in _NUMBERS if c in table}
            k = min(len(result.estimate), 6)
            told |= {"flag": list(table["flag"]), "covariance": np.ravel(result.covariance[:k, :k]).tolist()}
            told["labels"] = list(result.labels)
            yield f"{kind} | {name}", told
        for method in ("F", "chisq", "wald"):
            test = llo.crosstab("education", "contract", svy).test(method)
            yield f"{kind} | test {method}", {"test": [float(test.statistic), float(test.p_value)]}


def differences(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    """What differs, a line a call."""
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            yield f"{name}: {'is new' if old is None else 'is gone'}"
            continue
        told = [_told(key, old.get(key), new.get(key)) for key in dict.fromkeys([*old, *new])]
        if any(told):
            yield f"{name}: " + "; ".join(line for line in told if line)


def _told(key: str, old: Any, new: Any) -> str:
    """One field that differs, with the largest difference."""
    if old == new or (old is None) != (new is None) or isinstance(old, str) or len(old) != len(new):
        return "" if old == new else f"{key} {str(old)[:60]} -> {str(new)[:60]}"
    if key in ("flag", "labels"):
        return f"{key} " + ", ".join(f"{a!r} -> {b!r}" for a, b in zip(old, new, strict=True) if a != b)[:120]
    a, b = np.array(old, dtype=float), np.array(new, dtype=float)
    size = np.maximum(np.abs(a), np.abs(b))
    floor = np.nanmax(size, initial=0.0) * 1e-6 if key == "covariance" else 0.0
    far = (np.isnan(a) != np.isnan(b)) | (np.abs(a - b) > TOLERANCE * np.maximum(size, floor) + 1e-13)
    worst = int(np.argmax(np.where(far, np.nan_to_num(np.abs(a - b), nan=np.inf), -1)))
    return f"{key} {a[worst]:.6g} -> {b[worst]:.6g} ({int(far.sum())} of {len(a)})" if far.any() else ""


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["write", "compare"])
    parser.add_argument("file", type=Path)
    chosen = parser.parse_args()
    found = dict(recorded())
    if chosen.what == "write":
        chosen.file.write_text(json.dumps(found, indent=0) + "\n", encoding="utf-8", newline="\n")
        print(f"{len(found)} calls recorded")
        return 0
    lines = list(differences(json.loads(chosen.file.read_text(encoding="utf-8")), json.loads(json.dumps(found))))
    print("\n".join([*lines, f"{len(lines)} of {len(found)} calls differ"]))
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
