"""Proves that `import llo_research` loads no third-party package, and that each public name resolves."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import llo_research as llo

LOADED = """
import sys
before = set(sys.modules)
import llo_research
dir(llo_research)
llo_research.__version__, llo_research.LloError
top = {name.partition(".")[0] for name in set(sys.modules) - before}
print(sorted(top - set(sys.stdlib_module_names) - {"llo_research"}))
"""


def test_import_loads_no_third_party_package(root: Path) -> None:
    answer = subprocess.run([sys.executable, "-c", LOADED], cwd=root, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


@pytest.mark.parametrize("name", llo.__all__)
def test_public_name_resolves(name: str) -> None:
    assert getattr(llo, name) is not None


def test_dir_lists_the_public_names() -> None:
    assert set(llo.__all__) <= set(dir(llo))
    assert len(set(llo.__all__)) == len(llo.__all__)


def test_unknown_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'meen'"):
        llo.meen  # noqa: B018  # the access itself is what raises
