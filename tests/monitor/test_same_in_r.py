"""The lines of R in the how-to of other programs run, and give our numbers to the digits that the page says."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import Any

import numpy as np
import pytest

from tests.monitor.conftest import ROOT
from tests.monitor.test_docs import PANEL

PAGE = ROOT / "docs" / "how_to" / "stata_r_and_spss.md"
PACKAGES = "survey", "plm", "sandwich", "lmtest"


def ours(section: str, names: dict[str, Any]) -> list[np.ndarray]:
    """Unrounded numbers of each call of `number` in a section, in its order."""
    found: list[np.ndarray] = []

    def number(result: Any, *rows: int) -> None:
        found.append(result.to_frame()[["estimate", "std_error"]].to_numpy(float)[list(rows)])

    for code in re.findall(r"```python\n(.*?)```", section, flags=re.DOTALL):
        lines = [line[4:] for line in code.splitlines() if line.startswith((">>>", "..."))]
        names["number"] = number
        exec(compile("\n".join(lines), str(PAGE), "exec"), names)
    return found


def test_r_gives_our_numbers() -> None:
    if shutil.which("Rscript") is None:
        pytest.skip("Rscript is not installed")
    load = "; ".join(f"suppressMessages(library({name}))" for name in PACKAGES)
    if subprocess.run(["Rscript", "-e", load], capture_output=True, check=False).returncode:
        pytest.skip(f"R lacks one of {', '.join(PACKAGES)}")
    script, expected, names = [load, f"panel <- {PANEL.replace(chr(92), '/')!r}"], [], {"panel": PANEL}
    for section in re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE):
        blocks = re.findall(r"```r\n(.*?)```", section, flags=re.DOTALL)
        numbers = ours(section, names)
        compared = [block for block in blocks if "out <-" in block]
        assert len(compared) == len(numbers), section.partition("\n")[0]
        expected += list(zip((block.partition("\n")[0] for block in compared), numbers, strict=True))
        ending = "cat(sprintf('%.15g', t(unname(as.matrix(out)))), '\\n')"
        script += [block + (ending if block in compared else "") for block in blocks]
    ran = subprocess.run(["Rscript", "-"], input="\n".join(script), capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.strip().splitlines()
    assert len(lines) == len(expected)
    for line, (said, own) in zip(lines, expected, strict=True):
        theirs = np.array([float(value.replace("NA", "nan")) for value in line.replace("NaN", "NA").split()]).reshape(
            own.shape
        )
        ratio = theirs / own
        if "larger by" in said:
            np.testing.assert_allclose(ratio[:, 0], 1.0, rtol=1e-9, err_msg=said)
            known = [float(value) for value in re.findall(r"\d\.\d{4}", said)]
            np.testing.assert_allclose(ratio[:, 1], known, atol=5e-5, err_msg=said)
            continue
        tolerance = float(re.search(r"same to (1e-\d+)", said).group(1))
        held = np.isfinite(theirs)
        assert held[:, 0].all(), said
        np.testing.assert_allclose(ratio[held], 1.0, rtol=tolerance, err_msg=said)
