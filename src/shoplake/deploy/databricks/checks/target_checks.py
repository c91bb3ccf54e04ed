"""Checks of the targets of a bundle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shoplake.deploy.databricks.checks.mistake import Mistake
from shoplake.errors import hint

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MODES = ("development", "production")


def check_target(file: str, name: str, target: Mapping[str, Any]) -> Iterator[Mistake]:
    """Yield the mistakes of one target: an unknown mode, or production without a root path of its own."""
    mode = target.get("mode")
    if mode is not None and mode not in MODES:
        yield Mistake(file, f"targets.{name}", f"mode is {mode!r}. {hint(str(mode), MODES)}")
    if mode == "production" and not (target.get("workspace") or {}).get("root_path"):
        yield Mistake(file, f"targets.{name}", "production needs workspace.root_path, or each user deploys a copy.")
