"""Spark itself: an environment of its own, made once per user, because pyspark and pyspark-client share no environment.

It has what Spark's Python workers need to run our functions: what shoplake needs, in the versions installed here.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from filelock import FileLock

from shoplake.errors import EngineError

SPARK = "pyspark==4.2.0"
DELTA = "io.delta:delta-spark_4.2_2.13:4.4.0"
PROVIDED = (
    "org.apache.hadoop:*",
    "org.apache.parquet:*",
    "org.apache.logging.log4j:*",
    "org.slf4j:*",
    "org.roaringbitmap:*",
    "org.xerial.snappy:*",
    "com.fasterxml.jackson.core:*",
    "com.fasterxml.jackson.datatype:*",
    "com.github.luben:*",
    "com.google.code.findbugs:*",
    "commons-logging:*",
    "commons-pool:*",
    "io.airlift:*",
)
"""What Delta asks for and Spark brings along; a second copy in another version would stand in its way."""
CONNECT = ("grpcio", "grpcio-status", "googleapis-common-protos", "zstandard")
"""What a function needs that asks the server it runs in (`foreachBatch`)."""
NOT_THERE = ("pysail", "pyspark-client")
NAME = re.compile(r"^[A-Za-z0-9._-]+")


@dataclass(frozen=True)
class SparkInstallation:
    """Where Spark lies: a folder with its environment, Delta's jars and the way to our `package`."""

    folder: Path
    package: Path

    @property
    def name(self) -> str:
        """What tells this Spark and this shoplake from others of the same user."""
        return f"{self.folder.name}-{_short(str(self.package))}"

    @property
    def python(self) -> Path:
        """The Python that has pyspark."""
        return self.folder / "environment" / "bin" / "python"

    @property
    def spark(self) -> Path:
        """SPARK_HOME."""
        name = f"python{sys.version_info.major}.{sys.version_info.minor}"
        return self.folder / "environment" / "lib" / name / "site-packages" / "pyspark"

    @property
    def jars(self) -> Path:
        """Where Ivy keeps Delta's jars."""
        return self.folder / "ivy"

    @property
    def path(self) -> Path:
        """A folder with nothing but the way to our package, for PYTHONPATH: beside it lies no pyspark-client."""
        return self.folder / f"path-{_short(str(self.package))}"


def home() -> SparkInstallation:
    """Where Spark belongs, for this Python, these packages and this shoplake, made or not."""
    wanted = "\n".join([*packages(), sys.version])
    return SparkInstallation(cache() / f"spark-{_short(wanted)}", Path(__file__).parents[3])


def install() -> SparkInstallation:
    """Spark's home, made if it is not there yet: from PyPI, in about a minute and a gigabyte.

    Raises EngineError where it cannot be made.
    """
    found = home()
    found.folder.mkdir(parents=True, exist_ok=True)
    done = found.folder / "packages.txt"
    with FileLock(found.folder / "lock"):
        if not done.exists():
            _make(found, packages())
            done.write_text("\n".join(packages()) + "\n", encoding="utf-8")
        link = found.path / "shoplake"
        if not link.exists():
            found.path.mkdir(exist_ok=True)
            link.unlink(missing_ok=True)
            link.symlink_to(found.package, target_is_directory=True)
    return found


def cache() -> Path:
    """Shoplake's folder among the user's caches (`XDG_CACHE_HOME`)."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "shoplake"


def packages() -> list[str]:
    """What the environment is made of: Spark, and what shoplake needs, as it is installed here."""
    try:
        ours = [NAME.match(each) for each in requires("shoplake") or () if "extra ==" not in each]
    except PackageNotFoundError as error:
        raise EngineError("shoplake is not installed, so nobody knows what it needs. Install it: uv sync") from error
    names = {found[0] for found in ours if found} - set(NOT_THERE)
    return [SPARK, *sorted(f"{name}=={version(name)}" for name in names | set(CONNECT))]


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _make(home: SparkInstallation, wanted: list[str]) -> None:
    folder = home.folder / "environment"
    shutil.rmtree(folder, ignore_errors=True)
    if uv := os.environ.get("UV") or shutil.which("uv"):
        _run(uv, "venv", "--quiet", "--no-project", "--python", sys.executable, folder)
        _run(uv, "pip", "install", "--quiet", "--python", home.python, *wanted)
        return
    _run(sys.executable, "-m", "venv", folder)
    _run(home.python, "-m", "pip", "install", "--quiet", *wanted)


def _run(*command: str | Path) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    except OSError as error:
        raise EngineError(f"Spark's environment could not be made: {command[0]}: {error.strerror}.") from error
    if done.returncode:
        lines = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        said = " ".join(lines[-3:]) or f"exit code {done.returncode}"
        raise EngineError(
            f"Spark's environment could not be made ({Path(command[0]).name} {command[1]}): {said} "
            f"It is made once, in {cache()}, of packages from PyPI: is that to be reached?"
        )
