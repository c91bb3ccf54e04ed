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
    """Return the `java` of JAVA_HOME, or else the one on PATH. Raises EngineError for none or an old one."""
    path = _find()
    if path is None:
        raise EngineError(f"There is no Java: JAVA_HOME is not set, and there is no java on PATH. {HOW}")
    output = _version_output(path)
    number = VERSION.search(output)
    if number is None:
        raise EngineError(f"{path} does not print its version: {output.strip() or 'no output'}. {HOW}")
    if int(number[1]) < LEAST:
        raise EngineError(f"{path} is Java {number[1]}. {HOW}")
    return path


def _find() -> Path | None:
    if home := os.environ.get("JAVA_HOME"):
        return Path(home, "bin", "java")
    on_path = shutil.which("java")
    return Path(on_path) if on_path else None


def _version_output(java: Path) -> str:
    """Return what `java -version` prints."""
    try:
        done = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    except OSError as error:
        raise EngineError(f"{java} cannot be started: {error.strerror}. {HOW}") from error
    return done.stderr + done.stdout
