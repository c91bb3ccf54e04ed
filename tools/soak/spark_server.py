"""The local Spark server that kills are done on."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING
from unittest import mock

from shoplake.engine import stop_servers

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def server_of_its_own() -> Iterator[None]:
    """Let the local Spark server inside `with` be one that no other process uses, and stop it."""
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, XDG_STATE_HOME=folder):
        try:
            yield
        finally:
            stop_servers()
