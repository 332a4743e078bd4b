"""Runs the part of a do-file that makes estimates and degrees of freedom: columns, domains, means, totals, models.

It knows the few commands of Stata that our scripts have, by the rules of missing values of `stata_rules`. Standard
errors are those of [SVY] Variance estimation for strata and first-stage sampling units drawn with replacement.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from tests.results.receipts.stata_rules import MISSING, evaluate, holds

_GENERATE = re.compile(r"(?:capture )?(?:quietly )?(generate|egen|replace) (?:(?:byte|long|double|int) )?(\w+) = (.*)")
_MODELS = ("regress", "logit", "probit")
_FUNCTIONS = {"ln": math.log, "exp": math.exp, "sqrt": math.sqrt}


@dataclass
class Machine:
    """A data set in memory, the coefficients of the last command, and the rows that were printed."""

    columns: dict[str, np.ndarray]
    weights: np.ndarray
    b: dict[str, float] = field(default_factory=dict)
    stored: dict[str, dict[str, float]] = field(default_factory=dict)
    scalars: dict[str, float] = field(default_factory=dict)
    counted: float = 0.0
    least: float | None = None
    yes_or_no: str = ""
    rows: list[tuple[str, float, float | None, float]] = field(default_factory=list)
    scores: dict[str, np.ndarray] = field(default_factory=dict)
    kept: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)
    clusters: np.ndarray | None = None
    factor: float = 1.0
    stored_results: dict[str, float] = field(default_factory=dict)

    def run(self, commands: list[str]) -> None:
        """Each command in turn."""
        lines = iter(commands)
        for line in lines:
            self._one(line.strip().replace("`yes_or_no'", self.yes_or_no), lines)

    def _one(self, line: str, lines: Iterator[str]) -> None:
        """One command; `lines` are those that follow."""
        if line.startswith("program define"):
            while next(lines) != "end":
                pass
        elif found := re.fullmatch(r"foreach v of varlist (.*) \{", line):
            body = []
            while (inner := next(lines).strip()) != "}":
                body.append(inner)
            for name in self._listed(found[1]):
                self.run([one.replace("`v'", name) for one in body])
        elif found := re.fullmatch(r"bysort (\w+) \((\w+)\): (.*)", line):
            self._one(self._in_order(found[1], found[2], found[3]), lines)
        elif found := _GENERATE.fullmatch(line):
            self._column(found[1], found[2], found[3])
        elif found := re.fullmatch(r"drop (.*)", line):
            for name in found[1].split():
                del self.columns[name]
        elif found := re.fullmatch(r"capture summarize (\w+), meanonly", line):
            known = self.columns[found[1]]
            self.least = None if known.dtype == object else known[known != MISSING].min(initial=MISSING)
        elif found := re.fullmatch(r"quietly count if (.*)", line):
            self.counted = float(holds(found[1], self.columns).sum())
        elif found := re.fullmatch(r"scalar (\w+) = r\(N\)", line):
            self.scalars[found[1]] = self.counted
        elif found := re.fullmatch(r"quietly tabulate (\w+) if (\w+), generate\((\w+)\)", line):
            values, inside = self.columns[found[1]], holds(found[2], self.columns)
            for i, value in enumerate(np.unique(values[inside]), start=1):
                self.columns[f"{found[3]}{i}"] = np.where(inside, values == value, MISSING).astype(float)
        elif line.startswith("svyset"):
            if "totals(" in line:
                self.columns["final"] = self.weights
        elif found := re.fullmatch(r"quietly summarize (\w+)", line):
            known = self.columns[found[1]][self.columns[found[1]] != MISSING]
            self.yes_or_no = f"{int(known.min() >= 0 and known.max() <= 1)}"
        elif found := re.fullmatch(r"estimates store (\w+)", line):
            self.stored[found[1]], self.kept[found[1]] = dict(self.b), dict(self.scores)
        elif found := re.fullmatch(r"quietly estimates restore (\w+)", line):
            self.b, self.scores = self.stored[found[1]], self.kept[found[1]]
        elif found := re.fullmatch(r'corrected "(.*)"', line):
            self.factor *= float(eval(self._expanded(found[1]), {"__builtins__": {}}))
        elif found := re.fullmatch(r"scalar freedom = (.*)", line):
            self.scalars["freedom"] = float(eval(self._expanded(found[1]), {"__builtins__": {}}))
        elif line.startswith("row "):
            self._row(line)
        else:
            self._estimate(line)

    def _expanded(self, words: str) -> str:
        """An expression with the numbers of ``e()``."""
        return re.sub(r"e\((\w+)\)", lambda found: repr(self.stored_results[found[1]]), words)

    def _in_order(self, group: str, order: str, line: str) -> str:
        """A command within groups: columns for ``_n``, ``_N`` and for values one row before."""
        key, place = self._key(group), np.lexsort((self.columns[order], self.columns[group]))
        start = np.r_[True, key[place][1:] != key[place][:-1]]
        number = np.arange(len(place)) - np.maximum.accumulate(np.where(start, np.arange(len(place)), 0)) + 1.0
        size = np.bincount(key)[key].astype(float)
        self.columns |= {"n_": np.zeros(len(place)), "N_": size}
        self.columns["n_"][place] = number
        for name in set(re.findall(r"(\w+)\[_n - 1\]", line)):
            before = np.full(len(place), MISSING)
            before[place[1:]] = np.where(start[1:], MISSING, self.columns[name][place[:-1]])
            self.columns[f"{name}_before"] = before
        return re.sub(r"\b_N\b", "N_", re.sub(r"\b_n\b", "n_", re.sub(r"\[_n - 1\]", "_before", line)))

    def _listed(self, names: str) -> list[str]:
        """Columns of a list, which may have a star."""
        out = []
        for name in names.split():
            pattern = re.compile(name.replace("*", r"\w*"))
            out += [own for own in self.columns if pattern.fullmatch(own)] if "*" in name else [name]
        return out

    def _column(self, how: str, name: str, words: str) -> None:
        """A column that is made or changed."""
        words, _, condition = words.partition(" if ") if " if " in words else (words, "", "")
        inside = holds(condition, self.columns) if condition else np.ones(len(self.weights), dtype=bool)
        if words == "_n":
            self.columns[name] = np.arange(1.0, len(self.weights) + 1)
        elif words == "r(min)":
            if self.least is not None:  # capture: text has no smallest number
                self.columns[name] = np.where(inside, self.least, self.columns[name])
        elif how == "egen":
            self.columns[name] = np.where(inside, self._by_group(words), MISSING)
        else:
            values = evaluate(words, self.columns)
            before = self.columns.get(name, np.full(len(self.weights), MISSING)) if how == "replace" else MISSING
            self.columns[name] = np.where(inside, values, before)

    def _by_group(self, words: str) -> np.ndarray:
        """``group()``, ``tag()``, and ``total()``, ``mean()`` by groups."""
        words, _, by = words.partition(", by(")
        function, inner = words.split("(", 1)
        inner = inner.removesuffix(")")
        if function in ("group", "tag"):
            key = self._key(inner)
            first = np.zeros(len(key))
            first[np.unique(key, return_index=True)[1]] = 1
            return first if function == "tag" else key + 1.0
        values = evaluate(inner, self.columns)
        key, known = self._key(by.removesuffix(")")), values != MISSING
        sums = np.bincount(key[known], values[known], minlength=key.max() + 1)
        counts = np.bincount(key[known], minlength=key.max() + 1)
        with np.errstate(all="ignore"):
            made = {"total": sums, "mean": np.where(counts > 0, sums / counts, MISSING)}.get(
                function, np.full(len(sums), MISSING)
            )
        if function == "min":
            np.minimum.at(made, key[known], values[known])
        return np.asarray(made[key])

    def _key(self, names: str) -> np.ndarray:
        """The number of the group of each row."""
        whole = np.zeros(len(self.weights), dtype=int)
        for name in names.split():
            own = np.unique(self.columns[name], return_inverse=True)[1]
            whole = np.unique(whole * (own.max() + 1) + own, return_inverse=True)[1]
        return whole

    def _estimate(self, line: str) -> None:
        """``svy, subpop(): mean|total`` and models; other commands leave nothing that rows are made of."""
        found = re.fullmatch(r"svy, subpop\((\w+)\): (\w+) ([^,]*)(?:, (.*))?", line)
        if found and found[2] in ("mean", "total"):
            self._means(found[1], found[2], found[3].split(), found[4] or "")
        elif found and found[2] in _MODELS:
            self._model(found[1], found[2], found[3].split(), found[4] or "")
        if found := re.fullmatch(r"(\w+) ([^\[]*) \[pweight = final\] if (\w+), (.*)", line):
            self._without_design(found[1], found[2].split(), found[3], found[4])

    def _without_design(self, command: str, terms: list[str], domain: str, options: str) -> None:
        """A model with clusters or robust errors: [R] regress and [P] _robust, Methods and formulas."""
        self._model(domain, command, terms, options)
        inside, k = (self.columns[domain] == 1) & (self.columns["final"] > 0), len(self.b)
        n, column = float(inside.sum()), re.search(r"vce\(cluster (\w+)\)", options)
        codes = self._key(column[1]) if column else np.arange(len(inside))
        groups = float(len(np.unique(codes[inside])))
        self.clusters, self.stored_results = codes, {"N": n, "N_clust": groups}
        self.factor = groups / (groups - 1) * ((n - 1) / (n - k) if command == "regress" else 1.0)

    def _means(self, domain: str, function: str, names: list[str], options: str) -> None:
        """Means or totals in the cells of ``over()``."""
        over = options.removeprefix("over(").removesuffix(")").split()
        inside = (self.columns[domain] == 1) & (self.columns["final"] > 0)
        w = self.columns["final"]
        cells = np.unique(np.column_stack([self.columns[o][inside] for o in over]), axis=0) if over else [()]
        self.b, self.scores = {}, {}
        for cell in cells:
            here = inside.copy()
            for column, value in zip(over, cell, strict=True):
                here &= self.columns[column] == value
            at = "#".join(f"{value:g}.{column}" for column, value in zip(over, cell, strict=True))
            for name in names:
                values = self.columns[name][here]
                assert (values != MISSING).all(), name
                made = float((w[here] * values).sum()) / (1 if function == "total" else float(w[here].sum()))
                coefficient = f"c.{name}@{at}" if over else name
                self.b[coefficient] = made
                score = (
                    w * self.columns[name] if function == "total" else w * (self.columns[name] - made) / w[here].sum()
                )
                self.scores[coefficient] = np.where(here, score, 0.0)

    def _model(self, domain: str, command: str, terms: list[str], options: str) -> None:
        """Weighted least squares, or maximum likelihood by scoring."""
        inside = (self.columns[domain] == 1) & (self.columns["final"] > 0)
        made: dict[str, np.ndarray] = {}
        for term in [one for name in terms[1:] for one in (self._listed(name) if "*" in name else [name])]:
            made |= self._factors(term, inside)
        if "noconstant" not in options:
            made["_cons"] = np.ones(len(inside))
        x = np.column_stack([column[inside] for column in made.values()])
        y, w = self.columns[terms[0]][inside], self.columns["final"][inside]
        assert (x != MISSING).all() and (y != MISSING).all()
        b = np.zeros(x.shape[1])
        if command == "regress":
            b = np.linalg.lstsq(x * np.sqrt(w)[:, None], y * np.sqrt(w), rcond=None)[0]
        for _ in range(50 if command == "logit" else 0):
            p = 1 / (1 + np.exp(-x @ b))
            b = b + np.linalg.solve((x * (w * p * (1 - p))[:, None]).T @ x, x.T @ (w * (y - p)))
        fitted = x @ b if command == "regress" else 1 / (1 + np.exp(-x @ b))
        spread = 1.0 if command == "regress" else fitted * (1 - fitted)
        own = np.zeros((len(inside), len(b)))
        own[inside] = (x * (w * (y - fitted))[:, None]) @ np.linalg.inv((x * (w * spread)[:, None]).T @ x)
        self.b, self.scores = dict(zip(made, b, strict=True)), dict(zip(made, own.T, strict=True))

    def _factors(self, term: str, inside: np.ndarray) -> dict[str, np.ndarray]:
        """The columns of a term by the names of their coefficients."""
        out: dict[str, np.ndarray] = {"": np.ones(len(inside))}
        for piece in term.split("#"):
            found = re.fullmatch(r"ib(\d+|n)\.(\w+)", piece)
            if not found:
                own = {piece: self.columns[piece.removeprefix("c.")]}
            else:
                values = self.columns[found[2]]
                levels = [v for v in np.unique(values[inside]) if f"{v:g}" != found[1]]
                own = {f"{v:g}.{found[2]}": (values == v).astype(float) for v in levels}
            out = {f"{a}#{b}".removeprefix("#"): x * z for a, x in out.items() for b, z in own.items()}
        return out

    def _row(self, line: str) -> None:
        """The estimate of a row and its degrees of freedom; None where these are an expression of Stata's."""
        quoted = re.findall(r'"([^"]*)"', line.replace('`"', '"').replace("\"'", '"'))
        label, expression, people, df = quoted[0], quoted[1], quoted[2], quoted[-1]
        fewer = int(re.findall(r'(\d+) "[^"]*" \S+$', line)[0])
        names = list(dict.fromkeys(re.findall(r"_b\[([^\]]*)\]", expression)))
        at = np.array([float(self.b[name]) for name in names])
        estimate = self._value(expression, names, at)
        steps = np.diag(1e-6 * np.maximum(np.abs(at), 1e-3))
        slopes = [
            (self._value(expression, names, at + h) - self._value(expression, names, at - h)) / (2 * h.sum())
            for h in steps
        ]
        here = holds(people, self.columns) & (self.columns["final"] > 0)
        units = len(np.unique(self.columns["sampling_unit"][here])) - len(np.unique(self.columns["stratum"][here]))
        score = sum(slope * self.scores[name] for slope, name in zip(slopes, names, strict=True))
        freedom = units - fewer if not df else self.scalars["freedom"] if df == "scalar(freedom)" else None
        self.rows.append((label, float(estimate), freedom, self._error(np.asarray(score))))

    def _value(self, expression: str, names: list[str], at: np.ndarray) -> float:
        """An expression of coefficients."""
        known = dict(zip(names, at.tolist(), strict=True))
        words = re.sub(r"_b\[([^\]]*)\]", lambda found: f"({known[found[1]]!r})", expression).replace("^", "**")
        return float(eval(words, {"__builtins__": {}}, {**_FUNCTIONS, **self.scalars}))

    def _error(self, score: np.ndarray) -> float:
        """The standard error of a sum of scores over sampling units within strata, or over clusters."""
        if self.clusters is not None:
            return math.sqrt(self.factor * float((np.bincount(self.clusters, score) ** 2).sum()))
        units, first = np.unique(self.columns["sampling_unit"], return_index=True)
        totals = np.bincount(np.searchsorted(units, self.columns["sampling_unit"]), score, minlength=len(units))
        strata, variance = self.columns["stratum"][first], 0.0
        for stratum in np.unique(strata):
            own = totals[strata == stratum]
            variance += len(own) / max(len(own) - 1, 1) * float(((own - own.mean()) ** 2).sum())
        return math.sqrt(variance)
