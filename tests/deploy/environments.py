"""Environments of their own for tools that no other test needs; made by uv, from pinned requirements."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def find_uv() -> str:
    """The path of uv; the test is skipped where there is none."""
    places = (os.environ.get("UV"), shutil.which("uv"), str(ROOT / ".uv/bin/uv"))
    if (found := next((place for place in places if place and Path(place).is_file()), None)) is None:
        pytest.skip("uv is not installed")
    return found


def make_environment(folder: Path, requirements: Path, *, with_shoplake: bool = False) -> Path:
    """A new environment with pinned packages, and shoplake with its locked ones; returns its `bin`.

    The test is skipped where it cannot be installed, as without a package index.
    """
    uv = find_uv()
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, folder], check=True)
    words = ["-r", requirements]
    if with_shoplake:
        locked = folder / "locked.txt"
        export = [uv, "export", "--quiet", "--locked", "--no-dev", "--no-hashes", "--no-emit-project", "--all-extras"]
        subprocess.run([*export, "-o", locked], cwd=ROOT, check=True)
        words += ["-c", locked, f"{ROOT}[sail]"]
    install = [uv, "pip", "install", "--quiet", "--python", folder / "bin/python", *words]
    done = subprocess.run(install, capture_output=True, text=True, check=False, env=os.environ | {"UV_NO_PROJECT": "1"})
    if done.returncode:
        pytest.skip(f"{requirements.name} cannot be installed: {done.stderr.strip().splitlines()[-1]}")
    return folder / "bin"
