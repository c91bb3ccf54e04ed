"""Installs Spark into an environment of its own, once per user: pyspark and pyspark-client cannot share one.

It has what Spark's Python workers need to run our functions: what shoplake needs, in the versions installed here.
"""

from __future__ import annotations

import hashlib
import logging
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
"""Dependencies of Delta that Spark has already; a second copy in another version would conflict."""
CONNECT = ("grpcio", "grpcio-status", "googleapis-common-protos", "zstandard")
"""Packages that a function needs to query the server it runs in (`foreachBatch`)."""
MODELS = ("scikit-learn", "skops")
EXCLUDED = ("pysail", "pyspark-client")
log = logging.getLogger("shoplake.spark")
NAME = re.compile(r"^[A-Za-z0-9._-]+")


@dataclass(frozen=True)
class SparkInstallation:
    """An installation of Spark: a folder with its environment, Delta's jars and a link to our `package`."""

    folder: Path
    package: Path

    @property
    def name(self) -> str:
        """A name that differs from those of other Sparks and shoplakes of the same user."""
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
        """A folder with nothing but a link to our package, for PYTHONPATH: no pyspark-client lies beside it."""
        return self.folder / f"path-{_short(str(self.package))}"


def home() -> SparkInstallation:
    """Return the installation for this Python, these packages and this shoplake, whether it exists or not."""
    wanted = "\n".join([*packages(), sys.version])
    return SparkInstallation(cache() / f"spark-{_short(wanted)}", Path(__file__).parents[3])


def install() -> SparkInstallation:
    """Return the installation, created if it is missing: from PyPI, in about a minute and a gigabyte.

    Raises EngineError where it cannot be created.
    """
    installation = home()
    installation.folder.mkdir(parents=True, exist_ok=True)
    done = installation.folder / "packages.txt"
    with FileLock(installation.folder / "lock"):
        if not done.exists():
            _create(installation, [*models(), *packages()])
            done.write_text("\n".join([*models(), *packages()]) + "\n", encoding="utf-8")
        else:
            _add_models(installation, done)
        link = installation.path / "shoplake"
        if not link.exists():
            installation.path.mkdir(exist_ok=True)
            link.unlink(missing_ok=True)
            link.symlink_to(installation.package, target_is_directory=True)
    return installation


def cache() -> Path:
    """Return shoplake's folder among the user's caches (`XDG_CACHE_HOME`)."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "shoplake"


def packages() -> list[str]:
    """Return the packages of the environment: Spark, and what shoplake needs in the versions installed here."""
    try:
        ours = [NAME.match(each) for each in requires("shoplake") or () if "extra ==" not in each]
    except PackageNotFoundError as error:
        raise EngineError("shoplake is not installed, so its requirements are unknown. Install it: uv sync") from error
    names = {match[0] for match in ours if match} - set(EXCLUDED)
    return [SPARK, *sorted(f"{name}=={version(name)}" for name in names | set(CONNECT))]


def models() -> list[str]:
    """Return the packages that workers score models with, in the versions installed here; none where one is missing."""
    try:
        return [f"{name}=={version(name)}" for name in MODELS]
    except PackageNotFoundError:
        return []


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _create(home: SparkInstallation, wanted: list[str]) -> None:
    folder = home.folder / "environment"
    shutil.rmtree(folder, ignore_errors=True)
    if uv := _find_uv():
        _run(uv, "venv", "--quiet", "--no-project", "--python", sys.executable, folder)
    else:
        _run(sys.executable, "-m", "venv", folder)
    _add(home, wanted)


def _add_models(home: SparkInstallation, done: Path) -> None:
    """Add the packages of models to an environment that was made without them; that it cannot be done is logged."""
    known = done.read_text(encoding="utf-8").split()
    missing = [each for each in models() if each not in known]
    if missing:
        try:
            _add(home, [*missing, *packages()])
        except EngineError as error:
            log.warning("Spark's workers cannot score models: %s", error)
            return
        done.write_text("\n".join([*missing, *known]) + "\n", encoding="utf-8")


def _add(home: SparkInstallation, wanted: list[str]) -> None:
    if uv := _find_uv():
        _run(uv, "pip", "install", "--quiet", "--python", home.python, *wanted)
    else:
        _run(home.python, "-m", "pip", "install", "--quiet", *wanted)


def _find_uv() -> str | None:
    return os.environ.get("UV") or shutil.which("uv")


def _run(*command: str | Path) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    except OSError as error:
        raise EngineError(f"Spark's environment could not be created: {command[0]}: {error.strerror}.") from error
    if done.returncode:
        lines = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        output = " ".join(lines[-3:]) or f"exit code {done.returncode}"
        raise EngineError(
            f"Spark's environment could not be created ({Path(command[0]).name} {command[1]}): {output} "
            f"It is created once, in {cache()}, from PyPI: is that reachable?"
        )
