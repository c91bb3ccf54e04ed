"""The first files of a project: settings, and an example of a kind, a table, rules and tests."""

from __future__ import annotations

import json
import os
from pathlib import Path
from string import Template

from shoplake.cli.output import write_replacement
from shoplake.errors import SettingsError
from shoplake.feeds import KINDS

TEMPLATE = Path(__file__).with_name("starter.toml")
PROJECT = Path(__file__).with_name("project_template")


def write_settings(
    config: Path,
    kind: str,
    path: str,
    *,
    timezone: str | None = None,
    currency: str | None = None,
    head: str = "",
    force: bool = False,
) -> None:
    """Write a settings file for one feed whose files lie at `path`, relative to the current folder.

    Without time zone or currency the line is a comment. Raises SettingsError if the file exists and `force` is not set.
    """
    if config.exists() and not force:
        raise SettingsError(f"{config} exists already. Keep it, write another file with --config, or add --force.")
    values = {"lake": "lake", "kind": kind, "path": _relative_to_config(config, path)}
    lines = {
        "timezone": _line("timezone", timezone, "Europe/London", "time zone of the shop's days"),
        "currency": _line("currency", currency, "GBP", "for records that name none"),
    }
    text = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        {name: _toml_string(value) for name, value in values.items()} | lines
    )
    config.parent.mkdir(parents=True, exist_ok=True)
    write_replacement(config, head + text)


def write_project(folder: Path, path: str) -> list[Path]:
    """Write the example files of a project into `folder`, and create the landing folder `path`; return the new files.

    Files that exist stay as they are.
    """
    values = {"name": folder.resolve().name, "path": _relative_to_config(folder / "shoplake.toml", path)}
    files = {each: folder / _project_path(each) for each in sorted(PROJECT.rglob("*.txt"))}
    new = {source: file for source, file in files.items() if not file.exists()}
    for source, file in new.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        text = source.read_text(encoding="utf-8")
        write_replacement(file, Template(text).substitute(values) if file.suffix == ".md" else text)
    if "://" not in path:
        Path(path).expanduser().mkdir(parents=True, exist_ok=True)
    return list(new.values())


def _project_path(template: Path) -> Path:
    """Return where a file of the template lies in a project."""
    path = template.relative_to(PROJECT).with_suffix("")
    return Path(".gitignore") if path.name == "gitignore" else path


def _line(name: str, value: str | None, example: str, meaning: str) -> str:
    """Return a setting, or a comment with an example and the word that it is required."""
    if value is None:
        return f'# {name} = "{example}"   # required: {meaning}'
    return f"{name} = {_toml_string(value)}   # {meaning}"


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
