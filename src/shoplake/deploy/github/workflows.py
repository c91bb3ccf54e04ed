"""Two workflows for a shop's project: tests of each change, and the deployment of its Databricks bundle."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from shoplake.deploy.templates import fill

TEMPLATES = Path(__file__).with_name("templates")
FOLDER = Path(".github/workflows")
ACTIONS = {
    "checkout": ("actions/checkout", "3d3c42e5aac5ba805825da76410c181273ba90b1", "v7.0.1"),
    "setup_uv": ("astral-sh/setup-uv", "c18668ad3cf93ea998bef934396af7bb5c839dc7", "v10.2.0"),
    "setup_databricks": ("databricks/setup-cli", "fd1d91d9d3b5f1191a2aae9206f7c68a997dc52d", "v1.16.0"),
}
"""Repository, commit and version of each action. A tag can be moved; a commit cannot."""


@dataclass(frozen=True)
class WorkflowPaths:
    """Where things are in the repository: the settings file, the bundle, and the folder with a lock file, if any."""

    config: str
    bundle: str = "bundle"
    has_lock: bool = False


def github_files(paths: WorkflowPaths, version: str) -> dict[str, str]:
    """Return both workflows, by their paths in a repository.

    With a lock file its packages are used, else those of this version of shoplake. Tests run for each pull request and
    on `main`; a pull request deploys to the target dev of the bundle, a tag `v…` to prod, by OIDC and without secrets.
    """
    actions = {name: f"{action}@{commit} # {tag}" for name, (action, commit, tag) in ACTIONS.items()}
    run = "uv run --locked" if paths.has_lock else f"uv run --no-project --with 'shoplake[sail]=={version}'"
    words = {"config": quote(paths.config), "folder": Path(paths.config).parent.as_posix(), "run": run}
    words |= {"pytest": run if paths.has_lock else f"{run} --with pytest", "bundle": paths.bundle}
    names = ("ci.yml", "deploy.yml")
    return {str(FOLDER / name): fill(TEMPLATES / f"{name}.txt", **actions, **words) for name in names}
