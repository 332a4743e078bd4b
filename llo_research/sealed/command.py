"""``python run.py bundle``: its options, and what it prints."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from llo_research.errors import LloError
from llo_research.sealed.bundle import bundle, figures_of

_WHAT = "A zip of wheels, library and notes for a computer without internet; below build/bundle."
_EXAMPLE = "example: python run.py bundle --platform win_amd64 --python 3.11"


def main(root: Path, arguments: Sequence[str]) -> int:
    """Make the zip, and print where it is, its size and checksum; 2 where it cannot be made."""
    parser = argparse.ArgumentParser("run.py bundle", description=_WHAT, epilog=_EXAMPLE, allow_abbrev=False)
    parser.add_argument("--platform", help="win_amd64, linux_x86_64, macosx_14_0_arm64, ... (default: this one)")
    parser.add_argument("--python", help="its Python, such as 3.11 (default: this one)")
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument("--full", dest="kind", action="store_const", const="full", help="with the chapters (default)")
    kinds.add_argument("--core", dest="kind", action="store_const", const="core", help="on numpy, pandas, scipy alone")
    parser.set_defaults(kind="full")
    options = parser.parse_args(arguments)
    if find_spec("pip") is None:
        print("'bundle' gets wheels with pip, which this Python lacks: python -m ensurepip, or another Python.")
        return 2
    try:
        made = bundle(root, options.platform, options.python, options.kind)
    except LloError as problem:
        print(problem)
        return 2
    for path in (figures_of(made), made):
        size, digest = path.stat().st_size / 1e6, hashlib.sha256(path.read_bytes()).hexdigest()
        print(f"{path}\n    {size:.1f} MB, sha256 {digest}")
    return 0
