"""`python -m tools.site FOLDER`: copy the docs and the settings of the site into a folder that it is built in.

On a site there are only the pages of `docs/`: links to other files of the repository become addresses on GitHub.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
REPOSITORY = "https://github.com/shoplake/shoplake/blob/main"
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)(#[^)\s]*)?\)")


def link_to_repository(text: str, page: Path, docs: Path) -> str:
    """Return a page's text in which links that leave `docs` are addresses on GitHub."""

    def replace(match: re.Match[str]) -> str:
        target = Path(os.path.normpath(page.parent / match[1]))
        if target.is_relative_to(docs):
            return match[0]
        return f"]({REPOSITORY}/{target.relative_to(docs.parent).as_posix()}{match[2] or ''})"

    return LINK.sub(replace, text)


def stage_site(folder: Path, root: Path = ROOT) -> Path:
    """Copy docs and settings into `folder`, which is emptied, and return the settings file."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(root / "docs", folder / "docs")
    for page in (folder / "docs").rglob("*.md"):
        source = root / "docs" / page.relative_to(folder / "docs")
        page.write_text(link_to_repository(page.read_text(encoding="utf-8"), source, root / "docs"), encoding="utf-8")
    return Path(shutil.copy(root / "zensical.toml", folder))


if __name__ == "__main__":
    stage_site(Path(sys.argv[1]))
