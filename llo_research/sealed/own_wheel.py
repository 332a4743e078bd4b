"""Our own wheel, the same bytes each time, without statistical content; that of --core asks for three packages."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Mapping
from typing import Any

NAME = "llo-research"
# Zip knows no earlier date.
_DATE = (1980, 1, 1, 0, 0, 0)
_PROGRAMS = ("run.py",)


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip of files, sorted, with one date; wheels are packed already."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, _DATE)
            info.create_system, info.external_attr = 3, (0o755 if name.endswith(_PROGRAMS) else 0o644) << 16
            info.compress_type = zipfile.ZIP_STORED if name.endswith(".whl") else zipfile.ZIP_DEFLATED
            archive.writestr(info, files[name], compresslevel=9)
    return out.getvalue()


def own_wheel(
    project: Mapping[str, Any], files: Mapping[str, bytes], needs: list[str], licence: bytes, *, local: str = ""
) -> tuple[str, bytes]:
    """File name and content of the wheel.

    Parameters
    ----------
    project : mapping
        The table ``project`` of pyproject.toml.
    files : mapping
        What it installs, by path.
    needs : list of str
        What it asks for, without extras.
    licence : bytes
        The licence's text.
    local : str
        What stands behind the version (``core`` in ``1.0.0+core``) where the wheel asks for less than the project does.
    """
    version = project["version"] + (f"+{local}" if local else "")
    head = f"{NAME.replace('-', '_')}-{version}"
    info = f"{head}.dist-info"
    scripts = "".join(f"{name} = {place}\n" for name, place in project["scripts"].items())
    content = {
        **files,
        f"{info}/METADATA": _metadata(project, version, needs).encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: llo-research\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[console_scripts]\n{scripts}".encode(),
        f"{info}/licenses/LICENSE": licence,
    }
    record = "".join(f"{name},{_digest(content[name])},{len(content[name])}\n" for name in sorted(content))
    content[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    return f"{head}-py3-none-any.whl", zipped(content)


def _metadata(project: Mapping[str, Any], version: str, needs: list[str]) -> str:
    """What the wheel says of itself."""
    lines = ["Metadata-Version: 2.4", f"Name: {project['name']}", f"Version: {version}"]
    lines += [f"Summary: {project['description']}", f"License-Expression: {project['license']}"]
    lines += [f"License-File: {name}" for name in project["license-files"]]
    lines += [f"Requires-Python: {project['requires-python']}", *(f"Requires-Dist: {one}" for one in needs)]
    for extra in ("spss", "parquet", "excel", "scale"):
        lines += [f"Provides-Extra: {extra}"]
        lines += [f"Requires-Dist: {one}; extra == '{extra}'" for one in project["optional-dependencies"][extra]]
    return "\n".join(lines) + "\n"


def _digest(content: bytes) -> str:
    """The checksum of a file as RECORD has it."""
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
