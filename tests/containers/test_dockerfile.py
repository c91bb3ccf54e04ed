import fnmatch
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from deploy.environments import ROOT, find_uv

USER = 10001
DOCKERFILES = [ROOT / "Dockerfile", ROOT / "containers/spark.Dockerfile"]


def steps(path):
    """The instructions of a Dockerfile, as (word, rest)."""
    text = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", path.read_text(), flags=re.MULTILINE))
    return [tuple(line.split(" ", 1)) for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.name)
def test_each_base_image_is_named_by_its_digest(path):
    images = [rest.split()[0] for word, rest in steps(path) if word == "FROM"]

    assert images
    assert [image for image in images if not re.fullmatch(r"[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}", image)] == []


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.name)
def test_the_last_user_is_not_root(path):
    assert [rest for word, rest in steps(path) if word == "USER"][-1] == f"{USER}:{USER}"


def test_everything_that_is_copied_from_the_checkout_is_in_the_context():
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    copied = [rest.split()[:-1] for word, rest in steps(ROOT / "Dockerfile") if word == "COPY" and "--from" not in rest]

    names = [name for each in copied for name in each]
    assert names
    assert [name for name in names if not any(fnmatch.fnmatch(name, each) for each in allowed)] == []
    assert [name for name in names if not (ROOT / name).exists()] == []


def test_the_server_has_the_versions_of_spark_and_delta_that_shoplake_installs():
    from shoplake.engine.session.spark import install

    settings = (ROOT / "containers/spark-defaults.conf").read_text()
    assert re.search(rf"^spark.jars.packages\s+{re.escape(install.DELTA)}$", settings, re.MULTILINE)
    assert "pyspark[connect]==4.2.0" in (ROOT / "containers/spark-requirements.txt").read_text()


class Image:
    """A folder in which the steps of a Dockerfile are run by another user; absolute paths are those in the folder."""

    def __init__(self, folder):
        self.folder, self.environment, self.workdir = folder, {"PATH": os.environ["PATH"]}, "/"

    def inside(self, text):
        return re.sub(r"(?<![\w.}])/(src|opt|shop|tmp)\b", rf"{self.folder}/\1", text)

    def run(self, command, **environment):
        variables = {name: self.inside(value) for name, value in (self.environment | environment).items()}
        words = ["sh", "-c", self.inside(command)] if isinstance(command, str) else [*map(self.inside, command)]
        folder = self.folder / self.workdir.strip("/")
        return subprocess.run(
            words, cwd=folder, env=variables, user=USER, group=USER, extra_groups=[], capture_output=True, text=True
        )

    def follow(self, word, rest):
        if word == "RUN":
            done = self.run(rest)
            assert done.returncode == 0, f"{rest}: {done.stdout}{done.stderr}"
        elif word == "ENV":
            values = dict(each.split("=", 1) for each in shlex.split(rest))
            self.environment |= {
                name: value.replace("$PATH", self.environment["PATH"]) for name, value in values.items()
            }
        elif word == "WORKDIR":
            self.workdir = rest
            self.make(self.folder / rest.strip("/"))
        elif word == "COPY" and "--from" not in rest:
            *sources, target = rest.split()
            for source in sources:
                self.copy(ROOT / source, self.folder / self.workdir.strip("/") / target)

    def make(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        os.chown(folder, USER, USER)

    def copy(self, source, target):
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
        else:
            shutil.copy(source, target)


def python_for_all():
    """A Python that the other user may start; the test is skipped where there is none."""
    check = "import sys; sys.exit(sys.version_info < (3, 11))"
    for path in (os.path.realpath(sys.executable), "/usr/local/bin/python3", "/usr/bin/python3"):
        try:
            subprocess.run([path, "-c", check], user=USER, group=USER, extra_groups=[], cwd="/", check=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        return path
    pytest.skip("no Python 3.11 or newer that another user may start")


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """The folder after all steps of the Dockerfile, run by another user."""
    if os.geteuid() != 0:
        pytest.skip("only root can run a step as another user")
    folder = Path("/var/tmp") / tmp_path_factory.mktemp("image").name  # each user may enter it
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o755)
    made = Image(folder)
    for name in ("", "src", "opt", "tmp", "bin"):
        made.make(folder / name)
    shutil.copy(find_uv(), folder / "bin/uv")
    python = {"UV_PYTHON": python_for_all(), "UV_CACHE_DIR": f"{folder}/cache"}
    indexes = {name: value for name, value in os.environ.items() if re.match("UV_(DEFAULT_)?INDEX|SSL_", name)}
    made.environment |= {"PATH": f"{folder}/bin:{os.environ['PATH']}", "HOME": str(folder)} | python | indexes
    for word, rest in steps(ROOT / "Dockerfile"):
        made.follow(word, rest)
    yield made
    shutil.rmtree(folder)


@pytest.mark.slow
def test_another_user_can_build_the_image_and_run_a_lake_with_settings_that_cannot_be_written(image):
    [entrypoint] = [json.loads(rest) for word, rest in steps(ROOT / "Dockerfile") if word == "ENTRYPOINT"]
    settings = (ROOT / "containers/kustomize/base/shoplake.toml").read_text()
    config = image.folder / "shoplake.toml"
    config.write_text(settings.replace("/data/", f"{image.folder}/tmp/"))
    config.chmod(0o444)

    generated = image.run([*entrypoint, "generate", "--landing", "/tmp/landing", "--events", "200", "--days", "2"])
    done = image.run([*entrypoint, "run", "--config", str(config)])

    assert generated.returncode == 0, generated.stderr
    assert done.returncode == 0, done.stdout + done.stderr
    assert "gold.sales_daily" in done.stdout
    assert image.workdir == "/shop"
    assert (image.folder / "shop").stat().st_uid == USER


@pytest.mark.slow
def test_the_command_of_sail_workers_is_in_the_image(image):
    assert image.run(["sail", "--help"]).returncode == 0
