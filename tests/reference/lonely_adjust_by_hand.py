"""The rule "adjust" step by step: writes `by_hand_expected.csv` for every `adjust` design of designs.csv.

A stratum with one sampled unit of several adds (1 - f) (t - m)^2, with t the unit's weighted total and m
the mean of the totals of all units drawn in the same step (all PSUs of the sample; below that, the units of
one PSU, so that a lonely one adds nothing). Units outside a domain count with total zero.

Run `python tests/reference/lonely_adjust_by_hand.py`.
"""

from __future__ import annotations

import csv
from pathlib import Path

HERE = Path(__file__).parent
Person = dict[str, str]


def squared_distances(people: list[Person], values: list[float], psu_count: str, ssu_count: str) -> float:
    """Variance of the sum of `values`, PSU by PSU."""
    psu_total: dict[tuple[str, str], float] = {}
    for person, value in zip(people, values, strict=True):
        key = (person["stratum"], person["psu"])
        psu_total[key] = psu_total.get(key, 0.0) + value
    m = sum(psu_total.values()) / len(psu_total)
    variance = 0.0
    for stratum in sorted({s for s, _ in psu_total}):
        totals = [t for (s, _), t in psu_total.items() if s == stratum]
        inside = [(p, v) for p, v in zip(people, values, strict=True) if p["stratum"] == stratum]
        n = len(totals)
        f = n / float(inside[0][0][psu_count]) if psu_count else 0.0
        if n == 1:
            variance += (1 - f) * (totals[0] - m) ** 2
        else:
            variance += (1 - f) * n / (n - 1) * sum((t - sum(totals) / n) ** 2 for t in totals)
        if ssu_count:
            for psu in sorted({p["psu"] for p, _ in inside}):
                variance += f * within([(p, v) for p, v in inside if p["psu"] == psu], ssu_count)
    return variance


def within(members: list[tuple[Person, float]], ssu_count: str) -> float:
    """Second-stage variance in one PSU; a lonely second-stage unit is its own mean and adds nothing."""
    totals: dict[str, float] = {}
    for person, value in members:
        totals[person["ssu"]] = totals.get(person["ssu"], 0.0) + value
    n = len(totals)
    if n == 1:
        return 0.0
    f = n / float(members[0][0][ssu_count])
    average = sum(totals.values()) / n
    return (1 - f) * n / (n - 1) * sum((t - average) ** 2 for t in totals.values())


def linearised(people: list[Person], statistic: str) -> list[tuple[str, float, list[float]]]:
    """(term, estimate, linearised value of each person) of a statistic."""
    w = [float(p["w"]) for p in people]
    y = [float(p["y"]) for p in people]
    x = [float(p["x"]) for p in people]
    d = [float(p["inside"] == "1" and v > 6) for p, v in zip(people, x, strict=True)]
    if {p["stratum"] for p in people} != {p["stratum"] for p, i in zip(people, d, strict=True) if i}:
        raise SystemExit("the domain must have members in every stratum")
    everyone = range(len(people))
    if statistic == "ratio":
        top, bottom = sum(w[i] * y[i] for i in everyone), sum(w[i] * x[i] for i in everyone)
        return [("y/x", top / bottom, [w[i] * (y[i] - top / bottom * x[i]) / bottom for i in everyone])]
    if statistic.startswith("subset"):
        size, total = sum(w[i] * d[i] for i in everyone), sum(w[i] * d[i] * y[i] for i in everyone)
        if statistic == "subset_total":
            return [("y", total, [w[i] * d[i] * y[i] for i in everyone])]
        return [("y", total / size, [w[i] * d[i] * (y[i] - total / size) / size for i in everyone])]
    answers = []
    for name, v in (("y", y), ("x", x)):
        size, total = sum(w), sum(w[i] * v[i] for i in everyone)
        if statistic == "total":
            answers.append((name, total, [w[i] * v[i] for i in everyone]))
        else:
            answers.append((name, total / size, [w[i] * (v[i] - total / size) / size for i in everyone]))
    return answers


def main() -> None:
    with (HERE / "stages.csv").open(encoding="utf-8", newline="") as file:
        everybody = list(csv.DictReader(file))
    with (HERE / "designs.csv").open(encoding="utf-8", newline="") as file:
        designs = [d for d in csv.DictReader(file) if d["lonely"] == "adjust"]
    lines = ["# source: worked out by hand (lonely_adjust_by_hand.py)", "case,stat,term,value"]
    for design in designs:
        people = [p for p in everybody if p["stratum"] in design["keep"]]
        psu_count, ssu_count = ([*design["fpc"].split(), "", ""])[:2]
        for statistic in ("mean", "total", "ratio", "subset_mean", "subset_total"):
            for term, estimate, values in linearised(people, statistic):
                se = squared_distances(people, values, psu_count, ssu_count) ** 0.5
                case = f"{design['design']}:{statistic}"
                lines += [f"{case},est,{term},{estimate:.17g}", f"{case},se,{term},{se:.17g}"]
    (HERE / "by_hand_expected.csv").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
