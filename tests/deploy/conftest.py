from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .environments import make_environment

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="session")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """A function that runs a tool that checks files, and returns its output; the test fails where the tool does."""
    bin = make_environment(tmp_path_factory.mktemp("checks"), Path(__file__).with_name("checks.txt"))

    def check(tool: str, *words: object) -> str:
        done = subprocess.run([bin / tool, *map(str, words)], capture_output=True, text=True, check=False)
        output = done.stdout + done.stderr
        assert done.returncode == 0, output
        return output

    return check
