"""The documents of an export as an officer reads them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from llo_research.errors import LloError
from llo_research.report.content.labels import spoken, value_label, variable_label
from llo_research.report.disclosure.attacked import is_told
from llo_research.report.disclosure.control import FACTS, Control, counts_of, one_sided_of, suppressed_of
from llo_research.report.disclosure.document import Document
from llo_research.report.disclosure.outgoing import as_text
from llo_research.report.disclosure.words import rule_in_words
from llo_research.results.profiles.profile import STRICTER, Rules
from llo_research.results.receipts.told import told_of
from llo_research.results.rules import check_profile

_SHOWN = 60  # rows of a long table in the document; all of them stand in the file
_NEAREST = 20  # of the brackets
_SHARES = ("largest_share", "one_category")
_COUNTED = ("units", "complement", "largest_share", "degrees_of_freedom")
_RULES = (*_COUNTED, "one_category", "one_category_others", "width")


def write_control(control: Control, folder: Path, leaving: Sequence[Path], attacked: pd.DataFrame | str) -> None:
    """The folder, for files that leave; attacked : what follows from them, or why that is not known."""
    folder.mkdir()
    counts, suppressed = counts_of(control), suppressed_of(control)
    tables = {"counts.csv": counts, "suppressed.csv": suppressed}
    tables |= {} if isinstance(attacked, str) else {"attack.csv": attacked}
    for name, frame in tables.items():
        _write(folder / name, as_text(frame).convert_dtypes().to_csv(index=False, lineterminator="\n"))
    if control.sources:
        (folder / "code").mkdir()
        for file in control.sources:
            (folder / "code" / file.name).write_bytes(file.read_bytes())
    document = _document(control, leaving, counts, suppressed, attacked)
    _write(folder / "control.md", document.to_markdown())
    _write(folder / "control.html", document.to_html())


def _document(
    control: Control,
    leaving: Sequence[Path],
    counts: pd.DataFrame,
    suppressed: pd.DataFrame,
    attacked: pd.DataFrame | str,
) -> Document:
    """The document."""
    out = Document(control.say("title"), control.language)
    out.warn(control.say("inside"))
    if not isinstance(attacked, str) and (told := int(is_told(attacked).sum())):
        out.warn(control.say("recovered", n=told))
    _in_short(out, control, counts)
    _files(out, control, leaving)
    _suppressed(out, control, suppressed)
    if withheld := control.decision.covariances_in_words(control.language):
        out.items(withheld)
    _one_sided(out, control)
    _attack(out, control, attacked)
    out.head(control.say("unchecked"))
    before = [] if control.before else [control.say("no export before")]
    if unchecked := [*before, *control.decision.checked]:
        out.items(unchecked)
    else:
        out.say(control.say("all checked"))
    out.head(control.say("counts"))
    out.say(control.say("counts text"))
    heads = {n: n for n in ("result", *FACTS, "df", "leaves")} | {"largest_share": "largest_share_c"}
    _rows(out, control, counts.assign(leaves=counts["leaves"].map(control.say)), heads)
    out.head(control.say("variables"))
    out.table(_variables(control))
    _calls(out, control)
    return out


def _in_short(out: Document, control: Control, counts: pd.DataFrame) -> None:
    """How much leaves, under which rules."""
    out.head(control.say("short"))
    if not control.before:
        out.say(control.say("no export before"))
    elif unknown := control.before_by_names():
        out.warn(control.say("before by names", names=", ".join(unknown)))
    leave = [name for name, own in control.passing.items() if not own.gone.all()]
    main = counts[counts["result"].isin(list(control.results))]
    yes = int((main["leaves"] == "yes").sum())
    out.say(control.say("sum", files=len(leave), rows=yes, gone=len(main) - yes))
    if silent := [name for name in control.passing if name not in leave]:
        out.say(control.say("none of", names=", ".join(silent)))
    if all(result.meta.get("synthetic") for result in control.results.values()):
        out.say(control.say("synthetic"))
    out.say(control.profile_in_words())
    out.items(_rules(control, _strictest(control)))


def _strictest(control: Control) -> list[Rules]:
    """The different rules that held."""
    return list(dict.fromkeys(control.decision.rules.values()))


def _rules(control: Control, several: Sequence[Rules]) -> list[str]:
    """The rules in words; of several sources the numbers of each. What asks less than the usual profile says so."""
    out, usual = [], check_profile("cbs").rules["restricted"]
    for name in (*_RULES, "rounding"):
        if shown := _shown(several, name):
            asks = getattr(usual, name)
            less = any(STRICTER[name]([own := getattr(rules, name), asks]) != own for rules in several)
            line = control.say(name, n=shown, p=shown)
            out.append(f"{line} {control.say('looser', n=_shown([usual], name))}" if less else line)
    return out


def _shown(several: Sequence[Rules], name: str) -> str:
    """The numbers of a rule, of several sources; empty where it asks for nothing."""
    values = dict.fromkeys(value for rules in several if (value := getattr(rules, name)) is not None)
    if name == "rounding" and max(values) == 1:
        return ""
    return " / ".join(f"{100 * v:.0f} %" if name in _SHARES else f"{v}" for v in values)


def _files(out: Document, control: Control, leaving: Sequence[Path]) -> None:
    """Names, rows and checksums of what leaves."""
    out.head(control.say("files"))
    out.say(control.say("files text"))
    rows = []
    for file in leaving:
        own = control.passing.get(file.stem) if file.suffix in (".csv", ".json") else None
        gone = "" if own is None else int(own.gone.sum())
        rows.append([file.name, "" if own is None else int((~own.gone).sum()), gone, _sha(file)])
    out.table(pd.DataFrame(rows, columns=[control.say(k) for k in ("file", "rows leave", "rows gone", "sha")]))
    out.head(control.say("columns"), 3)
    out.say(control.say("columns text"))


def _suppressed(out: Document, control: Control, suppressed: pd.DataFrame) -> None:
    """How many rows each rule hides, and which."""
    out.head(control.say("suppressed"))
    if not len(suppressed):
        out.say(control.say("nothing suppressed"))
        return
    shown = suppressed.assign(rule=[rule_in_words(rule, control.language) for rule in suppressed["rule"]])
    by_rule = shown.groupby("rule", sort=False).size().reset_index(name=control.say("how many"))
    out.table(by_rule.rename(columns={"rule": control.say("rule")}))
    _rows(out, control, shown.drop(columns=["found", "limit"]), {n: n for n in ("result", "rule", "why")})
    out.say(control.say("all suppressed"))


def _one_sided(out: Document, control: Control) -> None:
    """What the rule as it is usually written would hide, and the profile does not."""
    told = one_sided_of(control)
    if len(told):
        out.head(control.say("one sided"), 3)
        out.say(control.say("one sided text", n=_shown(_strictest(control), "one_category_others")))
        _rows(out, control, told, {"result": "result", "share": "in one", "others": "in others"})


def _attack(out: Document, control: Control, attacked: pd.DataFrame | str) -> None:
    """The ranges of withheld numbers that follow from what leaves."""
    out.head(control.say("attack"))
    if isinstance(attacked, str):
        out.say(control.say("no attack", why=attacked))
        return
    if unread := attacked.attrs["unread"]:
        out.say(control.say("unread"))
        out.items(unread)
    if not len(attacked):
        out.say(control.say("nothing to attack"))
        return
    out.say(
        control.say("attack text", n=len(attacked), known=int(is_told(attacked).sum()), width=attacked.attrs["width"])
    )
    if np.isinf(attacked["high"]).any():
        out.say(control.say("no end"))
    nearest = attacked.assign(width=attacked["high"] - attacked["low"], told=is_told(attacked))
    nearest = nearest.sort_values("width", kind="stable").head(_NEAREST).round(1)
    shown = nearest.drop(columns=["row", "known", "width"]).assign(
        told=[control.say("yes" if one else "no") for one in nearest["told"]],
        what=[", ".join(control.say(f"of {word}") for word in text.split(", ")) for text in nearest["what"]],
        high=nearest["high"].replace(np.inf, np.nan),
    )
    _rows(out, control, shown, {name: name for name in ("result", "what", "low", "high", "told")})


def _rows(out: Document, control: Control, frame: pd.DataFrame, heads: Mapping[str, str]) -> None:
    """The first rows of a table under `heads`, with what identifies each row in one column."""
    first = frame.head(_SHOWN)
    labels = {k: v for result in control.results.values() for k, v in (result.meta.get("labels") or {}).items()}
    named = [name for name in first.columns if name not in heads and first[name].notna().any()]
    rows = [_row_in_words(dict(zip(named, row, strict=True)), labels, control) for row in first[named].to_numpy(object)]
    shown = first[list(heads)].rename(columns={name: control.say(key) for name, key in heads.items()})
    shown.insert(1, control.say("row"), rows)
    out.table(shown)
    if len(frame) > _SHOWN:
        out.say(control.say("first rows", k=_SHOWN, n=len(frame)))


def _row_in_words(row: Mapping[str, Any], labels: Mapping[str, Any], control: Control) -> str:
    """What identifies a row: variable, then the cells."""
    known = {name: value for name, value in row.items() if not (value is None or value is pd.NA or value != value)}
    variable = str(known.pop("variable", ""))
    if known.get("minus") == "rest":
        known = {name: value for name, value in known.items() if name not in ("of", "minus")}
    if "group" in known and "level" in known:  # of a table book
        known[str(known.pop("group"))] = known.pop("level")
    parts = [variable] if variable else []
    for name, value in known.items():
        column = variable if name in ("level", "answer") else name
        label = value_label(column, value, labels, control.language) or str(value)
        if column == variable:
            parts[:1] = [f"{variable}: {label}"]
        else:
            parts.append(f"{variable_label(name, labels, control.language)}: {label}")
    return "; ".join(parts)


def _variables(control: Control) -> pd.DataFrame:
    """What the results name, with what the codebook says of it."""
    language = control.language
    rows: dict[str, list[Any]] = {}
    for result in control.results.values():
        meta, told = result.meta, told_of(result)
        source, labels = meta.get("source") or {}, meta.get("labels") or {}
        for name, kind in told.columns.items():
            entry = labels.get(name)
            levels = kind["levels"] if isinstance(kind, Mapping) else []
            known = entry.get("values") or {} if isinstance(entry, Mapping) else {}
            values = [f"{v} = {value_label(name, v, labels, language)}" for v in (levels or known)] if known else levels
            made = (source.get("definition") or {}).get(name) or ", ".join(
                (meta.get("derived_from") or {}).get(name, ())
            )
            period = spoken((source.get("reference_period") or {}).get(name), language)
            own = [
                name,
                "" if entry is None else variable_label(name, labels, language),
                "; ".join(map(str, values)),
                str(made or ""),
                period or "",
                _title(source, language),
            ]
            rows[name] = [one or before for one, before in zip(own, rows.get(name, own), strict=True)]
    heads = ("name", "label", "values", "made", "period", "source")
    return pd.DataFrame(list(rows.values()), columns=[control.say(head) for head in heads])


def _title(source: Mapping[str, Any], language: str) -> str:
    """Whose data."""
    several = list((source.get("surveys") or {}).values()) or [source]
    titles = [spoken(one.get("title") or one.get("instrument"), language) or "" for one in several]
    return "; ".join(dict.fromkeys(filter(None, titles)))


def _calls(out: Document, control: Control) -> None:
    """The calls that made the results, and the user's code."""
    out.head(control.say("calls"))
    for name, result in control.results.items():
        out.head(name, 3)
        try:
            out.code(str(result.receipt(language=control.language, disclosure="off")))
        except LloError as error:
            out.say(str(error))
    out.head(control.say("code"))
    names = ", ".join(file.name for file in control.sources)
    out.say(control.say("code text", names=names) if names else control.say("code none"))


def _sha(file: Path) -> str:
    """A checksum."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _write(path: Path, text: str) -> None:
    """Text as UTF-8 with LF."""
    path.write_bytes(text.encode("utf-8"))
