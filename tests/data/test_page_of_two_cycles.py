"""Proves that every line of the page "Cycle 1 to cycle 2" runs, on made-up files with the header of the OECD."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

import llo_research as llo
from llo_research import cli
from llo_research.data import fetch
from tests.piaac_cycles import made_up, write_as_oecd

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how_to" / "cycle_1_to_cycle_2.md"
NUMBERS = {"nor": 578, "swe": 752}


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project without files, in which fetching writes made-up ones."""
    (tmp_path / "data_raw").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LLO_DATA", raising=False)

    def made(address: str, target: Path, **_: Any) -> Path:
        country, cycle = re.search(r"prg([a-z]{3})p(\d)\.csv", address).groups()
        return write_as_oecd(made_up(int(cycle), country=NUMBERS[country]), target.parent, target.name)

    monkeypatch.setattr(fetch, "download", made)
    return tmp_path


def test_every_line_runs(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    commands = [line for block in blocks("text") for line in block.splitlines()]
    assert len(commands) == 5
    for command in commands:
        assert cli.main(shlex.split(command)[1:]) == 0, command
    assert "not verified (see llo.codebook)" in capsys.readouterr().out
    names: dict[str, Any] = {}
    lines = "\n".join(blocks("python"))
    exec(compile(lines, str(PAGE), "exec"), names)  # the page's own lines
    assert "the training module was redesigned" in capsys.readouterr().out
    assert names["gap"].to_frame()["p_adjusted"].notna().all()
    assert names["marked"].to_frame()["flag"].eq("break").all()
    assert set(names["told"].to_frame()["country"]) == set(NUMBERS)
    assert names["parts"].meta["time"] == "cycle"


def test_what_the_page_says_may_not_be_compared_is_what_the_codebook_says() -> None:
    book = llo.codebook("piaac").set_index("variable")
    table = next(part for part in PAGE.read_text(encoding="utf-8").split("\n\n") if part.startswith("| may be"))
    columns = list(zip(*(re.findall(r"(?<=\|)[^|]*(?=\|)", row) for row in table.splitlines()[2:]), strict=True))
    fine, broken, new = ([n for cell in column for n in re.findall(r"`(\w+)`", cell)] for column in columns)
    assert all(book.loc[name, "comparable"] == "no break known" for name in fine) and fine
    assert all(str(book.loc[name, "comparable"]).startswith("no, a break") for name in broken)
    assert all(book.loc[name, "comparable"] == "cycle 2 only" for name in new)
    told = book[(book["kind"] == "harmonised") & book["comparable"].str.startswith("no, a break")]
    assert set(broken) == set(told.index)
