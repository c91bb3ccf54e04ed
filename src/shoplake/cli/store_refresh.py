"""Brings the store of a lake up to date after a run, where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from shoplake.settings.serve_settings import ServeSettings

POINTER = "current"


def refresh_store(console: Console, settings: ServeSettings, lake: str, config: Path) -> None:
    """Build the store of a lake in a process of low priority, if it was ever built; a failure fails no run."""
    if not (settings.store_folder(lake) / POINTER).is_file():
        return
    from shoplake.serve.build_process import run_build

    code, output = run_build(config)
    console.print(output if code == 0 else f"The store was not refreshed. {output}", soft_wrap=True)
