"""Proves that the map of CONTRIBUTING.md is that of the tree, in its order, and that code which pages name is there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

PATH = re.compile(r"`((?:llo_research|tests|docs|benchmarks)/(?!\S*NAME)[\w./-]*[\w/])`")
# A room's own file, named from inside the package: `survey/packing.py`.
INNER = re.compile(r"`((?!llo_research|tests|docs)[a-z_]+/[a-z_/]+\.py)`")
# In the plan of the package, and not built yet.
TO_COME = {"regression", "decomposition"}


def named(text: str) -> set[str]:
    """The files and folders that a page names, from the root of the project."""
    return set(PATH.findall(text)) | {f"llo_research/{path}" for path in INNER.findall(text)}


def absent(text: str, root: Path) -> list[str]:
    """What a page names and is not there; a decision may be named by its number alone (`docs/decisions/0002`)."""
    return sorted(
        path
        for path in named(text)
        if not (root / path).exists() and not list(root.glob(f"{path}-*")) and path.split("/")[1] not in TO_COME
    )


def test_what_pages_name_is_there(tracked: list[Path], root: Path) -> None:
    pages = [path for path in tracked if path.suffix == ".md" and path.name not in ("CHANGELOG.md", "errors.md")]
    gone = {path.relative_to(root).as_posix(): absent(path.read_text("utf-8"), root) for path in pages}
    assert {page: paths for page, paths in gone.items() if paths} == {}


def test_the_map_has_each_room_in_the_order_of_the_layers(root: Path) -> None:
    table = re.findall(r"^\| (`llo_research/.*?) \|", (root / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE)
    rows = [set(re.findall(r"`llo_research/(\w+)", row)) for row in table]
    rooms = {path.stem for path in (root / "llo_research").iterdir() if path.suffix == ".py" or path.is_dir()}
    assert set().union(*rows) - TO_COME == {room for room in rooms if not room.startswith("_")} - TO_COME
    contracts = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (layers,) = (
        one["layers"] for one in contracts if one["type"] == "layers" and one["containers"] == ["llo_research"]
    )
    floors = [{name.strip(" ()") for name in layer.split("|")} for layer in reversed(layers)]
    place = {room: number for number, floor in enumerate(floors) for room in floor}
    numbers = [place[room] for row in rows for room in row]
    assert numbers == sorted(numbers)


def test_the_rules_can_fail(root: Path) -> None:
    page = "`survey/kernel.py` and `llo_research/design/kernel.py`, `docs/decisions/0002`, `docs/decisions/0999`"
    assert absent(page, root) == ["docs/decisions/0999", "llo_research/survey/kernel.py"]
