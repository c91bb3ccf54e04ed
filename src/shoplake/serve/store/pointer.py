"""The pointer of the store: a small JSON file that names the files of the newest generation. It is replaced at once."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

FORMAT = 1
POINTER = "current"


@dataclass(frozen=True)
class TableFiles:
    """The file of a table without its personal columns, and the one with them, where it has any."""

    file: str
    personal_file: str | None = None

    def choose(self, *, with_personal: bool) -> str:
        """Return the file that a reader may see."""
        return self.personal_file if with_personal and self.personal_file else self.file


@dataclass(frozen=True)
class Pointer:
    """A generation: the run it is of, the version and files of each table, and the number of its build.

    Documents belong to a build: those of later builds are invisible to it.
    """

    build: int
    run_id: str
    as_of: datetime
    versions: dict[str, int]
    files: dict[str, TableFiles] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """A short hash of versions and files; equal ids give equal answers."""
        names = sorted((name, version, self.files[name].file) for name, version in self.versions.items())
        return hashlib.sha256(json.dumps(names).encode()).hexdigest()[:16]

    @property
    def file_names(self) -> set[str]:
        """All of its files."""
        return {name for each in self.files.values() for name in (each.file, each.personal_file) if name}


def read_pointer(folder: Path) -> Pointer | None:
    """Return the pointer of a store; None where there is none, or one of another format."""
    try:
        values = json.loads((folder / POINTER).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    if values.pop("format", None) != FORMAT:
        return None
    files = {name: TableFiles(**each) for name, each in values.pop("files").items()}
    return Pointer(**values | {"as_of": datetime.fromisoformat(values["as_of"]), "files": files})


def write_pointer(folder: Path, pointer: Pointer) -> None:
    """Replace the pointer of a store; a reader sees the old or the new one."""
    part = folder / f"{POINTER}.part"
    text = json.dumps({"format": FORMAT, **asdict(pointer), "as_of": pointer.as_of.isoformat()})
    with part.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(folder / POINTER)
