"""Proves that results do not depend on Python's hash seed: two seeds give the same bytes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def printed(root: Path, seed: int) -> bytes:
    """What hash_seed_numbers.py prints under one hash seed."""
    env = dict(os.environ, PYTHONHASHSEED=str(seed), PYTHONUTF8="1")
    env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(root), env.get("PYTHONPATH")]))
    script = root / "tests" / "house" / "hash_seed_numbers.py"
    answer = subprocess.run([sys.executable, str(script)], env=env, capture_output=True)
    assert answer.returncode == 0, answer.stderr.decode("utf-8", errors="replace")
    return answer.stdout


def test_two_hash_seeds_give_the_same_bytes(root: Path) -> None:
    first = printed(root, 1)
    assert len(first) > 1_000
    assert first == printed(root, 2)
