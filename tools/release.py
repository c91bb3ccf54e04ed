"""`python -m tools.release TAG`: check that a tag can be released, and print the notes of its version.

The tag is `v` and the version of pyproject.toml; the changelog has a section of it, with a date and with text.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


class ReleaseError(Exception):
    """A tag cannot be released; the message says what to do."""


def release_notes(tag: str, root: Path = ROOT) -> str:
    """Return the section of the changelog about the version of a tag. Raises ReleaseError for one that is not ready."""
    version = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    if tag != f"v{version}":
        raise ReleaseError(f"The tag is '{tag}', and the version in pyproject.toml is {version}. Tag it v{version}.")
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    heading = rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$"
    section = re.search(rf"{heading}\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    if section is None:
        raise ReleaseError(f"CHANGELOG.md has no section of {version}. Name it: ## [{version}] - YEAR-MONTH-DAY")
    if not section[1].strip():
        raise ReleaseError(f"The section of {version} in CHANGELOG.md is empty. Say what changed.")
    return f"{section[1].strip()}\n"


if __name__ == "__main__":
    try:
        sys.stdout.write(release_notes(sys.argv[1] if sys.argv[1:] else ""))
    except ReleaseError as error:
        sys.exit(str(error))
