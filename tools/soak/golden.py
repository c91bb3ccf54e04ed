"""`python -m tools.soak.golden` packs a small lake of the current format, which later versions must open.

`python -m tools.soak.golden --commit C` packs one that the code of an earlier commit makes, with the libraries of now.
"""

from __future__ import annotations

import argparse
import io
import json
import lzma
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

from shoplake.engine.storage.lake_format import FILE, FORMAT
from tools.soak.commands import COMMANDS, make_scene
from tools.soak.tables import FAMILIES
from tools.soak.world import World

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "soak" / "golden"
ROWS = "rows.json"


def as_text(row: tuple[Any, ...]) -> str:
    """Return a row as text, whichever class of time zone its times have."""
    return "|".join(map(str, row))


def pack(target: Path) -> None:
    """Write an archive of a lake that had two runs, a correction and a decision, its landing folder and its rows."""
    nobody = (
        mock.patch("getpass.getuser", return_value="somebody"),
        mock.patch("socket.gethostname", return_value="shop"),
    )
    with tempfile.TemporaryDirectory() as folder, nobody[0], nobody[1]:
        world = make_scene(Path(folder) / "world")
        for name in ("quarantine fix", "quarantine discard"):
            COMMANDS[name](world)()
        _pack_world(world, target)


def pack_commit(commit: str, target: Path | None = None) -> None:
    """Write an archive of a lake that the code of a commit makes in two runs, its landing folder and its rows."""
    with tempfile.TemporaryDirectory() as folder:
        git = ["git", "-C", str(ROOT), "archive", commit, "src", "tests"]
        with tarfile.open(fileobj=io.BytesIO(subprocess.run(git, capture_output=True, check=True).stdout)) as code:
            code.extractall(folder, filter="data")
        world = Path(folder) / "world"
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([f"{folder}/src", str(ROOT), f"{folder}/tests"])}
        command = [sys.executable, "-m", "tools.soak.earlier_lake", str(world)]
        subprocess.run(command, cwd=folder, env=environment, check=True)
        number = format_of(world / "lake0")
        target = target or FOLDER / f"format-{number}-{commit}.tar.xz"
        if number != FORMAT:
            _pack_folder(world, target)
        else:
            _pack_world(World(world, tuple(FAMILIES)), target)


def format_of(lake: Path) -> int:
    """Return the format number of a lake."""
    return int(json.loads((lake / FILE).read_text())["format"])


def _pack_world(world: World, target: Path) -> None:
    rows = {table: [*map(as_text, rows)] for table, rows in world.tables().items()}
    (world.folder / ROWS).write_text(json.dumps(rows), encoding="utf-8")
    _pack_folder(world.folder, target)


def _pack_folder(folder: Path, target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    with lzma.open(target, "wb", preset=9) as packed, tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add(folder, arcname=".")


def unpack(archive: Path, folder: Path) -> tuple[World, dict[str, list[str]]]:
    """Unpack an archive; return its lake and the rows that it had, as text: none of another format."""
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    file = folder / ROWS
    rows: dict[str, list[str]] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    world = World(folder, tuple(FAMILIES))
    world.files = len([*world.landing.rglob("*.json")])
    return world, rows


def main(arguments: list[str]) -> None:
    """Pack a lake into the folder of the tests, or to the path that is named."""
    parser = argparse.ArgumentParser(prog="python -m tools.soak.golden", description=__doc__)
    parser.add_argument("target", nargs="?", type=Path)
    parser.add_argument("--commit", help="a commit that has a format number")
    given = parser.parse_args(arguments)
    if given.commit:
        pack_commit(given.commit, given.target)
    else:
        pack(given.target or FOLDER / f"format-{FORMAT}.tar.xz")


if __name__ == "__main__":
    main(sys.argv[1:])
