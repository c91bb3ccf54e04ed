"""The recorded results of long tests, from which the page of reliability is written."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docs" / "reliability.json"


def read_results(file: Path = FILE) -> dict[str, Any]:
    """Return the sections of the file; none where it is missing."""
    try:
        content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return content


def write_results(section: str, values: dict[str, Any], file: Path = FILE) -> None:
    """Replace one section of the file, with the day of now."""
    sections = read_results(file) | {section: values | {"recorded_on": f"{datetime.now(UTC):%Y-%m-%d}"}}
    part = file.with_suffix(".part")
    part.write_text(json.dumps(sections, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(file)


def code_hash(*folders: Path) -> str:
    """Return the hash of the code in folders: where none is given, of shoplake and of the long tests."""
    digest = hashlib.sha256()
    for folder in folders or (ROOT / "src", ROOT / "tools/soak"):
        for file in sorted(folder.rglob("*.py")):
            digest.update(f"{file.relative_to(folder)}\x00{file.read_text(encoding='utf-8')}\x00".encode())
    return digest.hexdigest()[:12]
