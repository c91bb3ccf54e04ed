"""`python -m tools.soak.golden` packs a small lake of the current format, which later versions must open."""

from __future__ import annotations

import json
import lzma
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

from shoplake.engine.storage.lake_format import FORMAT
from tools.soak.commands import COMMANDS, make_scene
from tools.soak.tables import FAMILIES
from tools.soak.world import World

FOLDER = Path(__file__).parents[2] / "tests" / "soak" / "golden"
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
        rows = {table: [*map(as_text, rows)] for table, rows in world.tables().items()}
        (world.folder / ROWS).write_text(json.dumps(rows), encoding="utf-8")
        target.parent.mkdir(exist_ok=True)
        with lzma.open(target, "wb", preset=9) as packed, tarfile.open(fileobj=packed, mode="w") as archive:
            archive.add(world.folder, arcname=".")


def unpack(archive: Path, folder: Path) -> tuple[World, dict[str, list[str]]]:
    """Unpack an archive; return its lake and the rows that it had, as text."""
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    rows: dict[str, list[str]] = json.loads((folder / ROWS).read_text(encoding="utf-8"))
    world = World(folder, tuple(FAMILIES))
    world.files = len([*world.landing.rglob("*.json")])
    return world, rows


if __name__ == "__main__":
    pack(Path(sys.argv[1]) if sys.argv[1:] else FOLDER / f"format-{FORMAT}.tar.xz")
