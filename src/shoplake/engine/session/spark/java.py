"""The Java that a local Spark server runs on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from shoplake.errors import EngineError

LEAST = 17
VERSION = re.compile(r'version "(\d+)')
HOW = (
    f"Spark needs Java {LEAST} or newer: install one (Debian: apt install openjdk-{LEAST}-jre-headless) or set "
    'JAVA_HOME. The engine "sail" needs none.'
)


def java() -> Path:
    """The `java` of JAVA_HOME, or else the one on PATH. Raises EngineError where there is none, or only an old one."""
    found = _found()
    if found is None:
        raise EngineError(f"There is no Java: JAVA_HOME is not set, and there is no java on PATH. {HOW}")
    told = _told(found)
    number = VERSION.search(told)
    if number is None:
        raise EngineError(f"{found} does not say its version: {told.strip() or 'it says nothing'}. {HOW}")
    if int(number[1]) < LEAST:
        raise EngineError(f"{found} is Java {number[1]}. {HOW}")
    return found


def _found() -> Path | None:
    if home := os.environ.get("JAVA_HOME"):
        return Path(home, "bin", "java")
    on_path = shutil.which("java")
    return Path(on_path) if on_path else None


def _told(java: Path) -> str:
    """What it says of its version."""
    try:
        done = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    except OSError as error:
        raise EngineError(f"{java} cannot be started: {error.strerror}. {HOW}") from error
    return done.stderr + done.stdout
