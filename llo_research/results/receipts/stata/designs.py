"""The sampling design in Stata: ``svyset`` with strata, stages, finite populations, replicate or calibrated weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llo_research.results.receipts.script import Script
from llo_research.results.receipts.stages import stages
from llo_research.results.receipts.stata import steps
from llo_research.results.receipts.stata.words import fresh, name, names, text
from llo_research.results.receipts.told import Told

# our rule for strata with one unit -> Stata's ([SVY] variance estimation: scaled is the mean of the other strata)
_LONELY = {
    "error": "missing",
    "remove": "certainty",
    "certainty": "certainty",
    "adjust": "centered",
    "average": "scaled",
}
_EVERY, SURVEY = "every_replicate_", "own_survey"
_RETURNS = """Stata
has no design for waves that were drawn by themselves and share people: here each wave is a sample of
its own. Estimates of one wave have our standard errors; of a change the people who are in both waves are left out of
account, so that its standard error is usually too large, and degrees of freedom over several waves are larger."""


def weight_of(told: Told) -> str | None:
    """The column of the base weights; a file of a stack has them in one of its own."""
    return "stack_weight" if "stacked" in told.design else told.meta.get("weight")


def write(told: Told, script: Script) -> None:
    """`stratum`, `sampling_unit` and `final`, the weights, for counting; ``svyset``."""
    units, fpc, strata = stages(told)
    stratum, unit, final = (fresh(told, own) for own in ("stratum", "sampling_unit", "final"))
    script.part("The design.")
    made = f"egen long {stratum} = group({names(strata)})" if strata else f"generate byte {stratum} = 1"
    script.add(made)
    script.add(f"egen long {unit} = group({stratum} {name(units[0])})" if units else f"generate long {unit} = _n")
    weight = weight_of(told)
    if weight and told.halves:
        script.add(f"replace {name(weight)} = 0 if missing({name(weight)})  // not asked")
    script.add(
        *(
            [f"generate double {final} = {name(weight)}"]
            if weight
            else _from_fractions(final, unit, units, fpc, stratum)
        )
    )
    if told.survey.get("returns"):
        script.note(" ".join(_RETURNS.split()))
    if (told.survey.get("replicates") or {}).get("parts"):
        _blocks(told, script)
    options = steps.write(told, script, final, replicate_columns(told) if told.survey.get("replicates") else "")
    if replicates := told.survey.get("replicates"):
        script.add(f"svyset [pweight = {final}], {_replicated(told, script, replicates)}{options}")
    else:
        script.add(f"svyset {_sampled(told, script, units, fpc, strata, stratum, final)}{options}")


def _from_fractions(final: str, unit: str, units: list[str], fpc: list[str], stratum: str) -> list[str]:
    """Weights of a design without a weight column: all 1, or what the sampling fractions say."""
    if not fpc:
        return [f"generate byte {final} = 1"]
    lines = [f"generate double {final} = 1"]
    above = stratum
    for stage, column in enumerate(fpc):
        own = name(column)
        tag, number = f"one_of_{stage + 1}", f"drawn_{stage + 1}"
        key = unit if stage == 0 else name(units[stage]) if stage < len(units) else "_n"
        lines += [
            f"egen byte {tag} = tag({above} {key})" if key != "_n" else f"generate byte {tag} = 1",
            f"egen double {number} = total({tag}), by({above})",
            f"replace {final} = {final} * cond({own} <= 1, 1 / {own}, {own} / {number})",
        ]
        above = f"{above} {key}"
    return lines


def _sampled(
    told: Told, script: Script, units: list[str], fpc: list[str], strata: list[str], stratum: str, final: str
) -> str:
    """The arguments of ``svyset`` for a design of strata and sampling units."""
    first = name(units[0]) if units else "_n"
    options = [f"strata({name(strata[0]) if len(strata) == 1 else stratum})"] if strata else []
    options += [f"fpc({name(fpc[0])})"] if fpc else []
    out = f"{first} [pweight = {final}]" + (f", {' '.join(options)}" if options else "")
    further = range(1, max(len(units), len(fpc))) if fpc else range(0)
    for stage in further:
        own = name(units[stage]) if stage < len(units) else "_n"
        out += f" || {own}" + (f", fpc({name(fpc[stage])})" if stage < len(fpc) else "")
    if len(units) > 1 and not fpc:
        script.say("without fpc() Stata takes no account of later stages, as ours does")
    rules = str(told.survey.get("lonely_psu", "error")).split(" / ")
    if len(set(rules)) > 1:
        script.note(
            f"The surveys of the stack have rules of their own for strata with one unit; here all have {rules[0]!r}."
        )
    rule = _LONELY[rules[0]]
    if told.survey.get("lonely"):
        script.say(f"singleunit({rule}) is what lonely_psu={rules[0]!r} does")
    comma = "" if "," in out.split("||")[-1] else ","
    return f"{out}{comma} singleunit({rule})"


def _replicated(told: Told, script: Script, replicates: Mapping[str, Any]) -> str:
    """The options of ``svyset`` for replicate weights."""
    number, words = int(replicates["n_replicates"]), replicate_columns(told)
    scale, rscales = float(replicates["scale"]), [float(own) for own in replicates["rscales"]]
    factors = [scale * own for own in rscales]
    mse = " mse" if replicates.get("mse") else ""
    method, fay = str(replicates.get("method")), replicates.get("fay") or 0.0
    usual = {"brr": 1 / number, "fay": 1 / (number * (1 - fay) ** 2), "bootstrap": 1 / number, "sdr": 4 / number}
    if len(factors) == 1 and method in usual and abs(factors[0] / usual[method] - 1) < 1e-12:
        own = {
            "brr": "brrweight({}) vce(brr)",
            "fay": f"brrweight({{}}) fay({fay!r}) vce(brr)",
            "bootstrap": "bsrweight({}) vce(bootstrap)",
            "sdr": "sdrweight({}) vce(sdr)",
        }[method]
        return own.format(words) + mse
    script.say(
        f"{method}: variances are sums of multiplier * (replicate - {'estimate' if mse else 'mean'})^2, which is what "
        "jkrweight() with multiplier() does, whatever the replicates are"
    )
    return f"jkrweight({words}, multiplier({' '.join(map(text, factors))})) vce(jackknife){mse}"


def _blocks(told: Told, script: Script) -> None:
    """`every_replicate_...` of a stack: in the file each row has the replicate weights of its own survey."""
    parts = told.survey["replicates"]["parts"]
    script.say("the file has of each row the replicates of its own survey; at those of others it has its full weight")
    script.add(
        f"generate long {SURVEY} = .",
        *(
            f"replace {SURVEY} = {number} if {name('survey')} == {_code(told, own)}"
            for number, own in enumerate(told.design["stacked"], start=1)
        ),
        "local k = 0",
        f"forvalues s = 1/{len(parts)} {{",
        f"    local own : word `s' of {' '.join(map(str, parts))}",
        "    forvalues r = 1/`own' {",
        "        local ++k",
        f"        generate double {_EVERY}`k' = cond({SURVEY} == `s', replicate_`r', stack_weight)",
        "    }",
        "}",
    )


def _code(told: Told, own: str) -> str:
    """A survey of a stack in the file: the number of its level."""
    levels = [str(level) for level in told.levels("survey") or ()]
    return str(levels.index(own) + 1) if own in levels else text(own)


def replicate_columns(told: Told) -> str:
    """The columns of the replicate weights, as they are after the opening."""
    replicates = told.survey["replicates"]
    if replicates.get("parts"):
        return f"{_EVERY}1-{_EVERY}{replicates['n_replicates']}"
    columns = list(replicates["columns"])
    kept = replicates.get("in_file", bool(columns))
    return _range([name(own) for own in columns]) if kept else f"replicate_1-replicate_{replicates['n_replicates']}"


def _range(columns: list[str]) -> str:
    """Columns as a list; those that are numbered one after the other as a range, as they stand in the file."""
    stem = columns[0].rstrip("0123456789")
    numbered = [f"{stem}{i}" for i in range(int(columns[0].removeprefix(stem) or 0), 10**6)[: len(columns)]]
    return f"{columns[0]}-{columns[-1]}" if columns == numbered and len(columns) > 1 else " ".join(columns)
