"""Modules of the optional extra `shoplake[export]`, imported when they are first needed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from shoplake.serve.errors import ExportError


def import_extra(module: str, purpose: str) -> Any:
    """Import a module. Raises ExportError with the command that installs it where it is missing."""
    try:
        return import_module(module)
    except ImportError as error:
        raise ExportError(f"{purpose} needs an extra. Install it: pip install 'shoplake[export]'") from error
