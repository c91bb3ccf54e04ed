"""The first settings file of a lake."""

from __future__ import annotations

import json
import os
from pathlib import Path
from string import Template

from shoplake.errors import SettingsError
from shoplake.feeds import KINDS

TEMPLATE = Path(__file__).with_name("starter.toml")


def write(config: Path, kind: str, path: str, *, head: str = "", force: bool = False) -> None:
    """Write a settings file for one feed whose files lie at `path`, seen from the current folder.

    Raises SettingsError if there is one and it is not `force`d.
    """
    if config.exists() and not force:
        raise SettingsError(f"There is a {config} already. Keep it, write another with --config, or use --force.")
    said = {"lake": "lake", "kind": kind, "path": _from(config, path)}
    text = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        {name: _quoted(each) for name, each in said.items()}
    )
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(head + text, encoding="utf-8")


def kinds() -> list[str]:
    """The kinds of shop data that there are."""
    return sorted(KINDS)


def _from(config: Path, path: str) -> str:
    """`path` as seen from the folder of `config`; an address or a whole path stays."""
    if "://" in path or Path(path).expanduser().is_absolute():
        return path
    return Path(os.path.relpath(path, config.parent)).as_posix()


def _quoted(text: str) -> str:
    """A TOML string; JSON's escapes are TOML's."""
    return json.dumps(text, ensure_ascii=False)
