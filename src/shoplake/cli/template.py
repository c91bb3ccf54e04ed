"""The first settings file of a lake."""

from __future__ import annotations

import json
import os
from pathlib import Path
from string import Template

from shoplake.errors import SettingsError
from shoplake.feeds import KINDS

TEMPLATE = Path(__file__).with_name("starter.toml")


def write_settings(config: Path, kind: str, path: str, *, head: str = "", force: bool = False) -> None:
    """Write a settings file for one feed whose files lie at `path`, relative to the current folder.

    Raises SettingsError if the file exists and `force` is not set.
    """
    if config.exists() and not force:
        raise SettingsError(f"{config} exists already. Keep it, write another file with --config, or add --force.")
    values = {"lake": "lake", "kind": kind, "path": _relative_to_config(config, path)}
    text = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        {name: _toml_string(value) for name, value in values.items()}
    )
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(head + text, encoding="utf-8")


def kind_names() -> list[str]:
    """Return the kinds of shop data that a feed can have."""
    return sorted(KINDS)


def _relative_to_config(config: Path, path: str) -> str:
    """Return `path` relative to the folder of `config`; a URL or an absolute path stays."""
    if "://" in path or Path(path).expanduser().is_absolute():
        return path
    return Path(os.path.relpath(path, config.parent)).as_posix()


def _toml_string(text: str) -> str:
    """Quote a text for TOML, whose escapes are those of JSON."""
    return json.dumps(text, ensure_ascii=False)
