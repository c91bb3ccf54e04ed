"""Runs a job of a bundle here as Databricks runs it: references resolved, tasks in order, by their entry points."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any

from .conftest import read

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

TASK = """
import importlib.metadata, sys
package, entry_point = sys.argv[1:3]
sys.argv[1:3] = []
found = [each for each in importlib.metadata.distribution(package).entry_points if each.name == entry_point]
found[0].load()()
"""
"""What Databricks does with a wheel task: it finds the entry point in the metadata, and calls it."""


@dataclass
class JobRun:
    """What became of the tasks of a job, in the order that they ran in; a task behind a failed one does not run."""

    outcomes: dict[str, str] = field(default_factory=dict)
    output: str = ""

    @property
    def has_failed(self) -> bool:
        """Whether any task has not succeeded."""
        return set(self.outcomes.values()) != {"success"}


class Bundle:
    """A bundle as its CLI resolves it for one target."""

    def __init__(self, folder: Path, target: str, volumes: str = "/Volumes", **variables: str) -> None:
        main = read(folder / "databricks.yml")
        self.folder, self.volumes = folder, volumes
        self.resources: dict[str, dict[str, Any]] = {}
        for path in (path for pattern in main["include"] for path in sorted(folder.glob(pattern))):
            for kind, named in read(path)["resources"].items():
                self.resources.setdefault(kind, {}).update(named)
        defaults = {name: each.get("default") for name, each in main["variables"].items()}
        self.variables = defaults | main["targets"][target].get("variables", {}) | variables
        self.names = {"bundle.name": main["bundle"]["name"], "workspace.file_path": str(folder)}

    def resolved(self, text: str) -> str:
        """Resolve the references of a text, as `bundle deploy` does."""
        return re.sub(r"\$\{([^}]*)\}", lambda match: self.resolved(str(self._value(match[1]))), text)

    def _value(self, name: str) -> Any:
        kind, _, rest = name.partition(".")
        if kind == "var":
            return self.variables[rest]
        if kind == "resources":
            resource, key, attribute = rest.split(".")
            return self.resources[resource][key][attribute]
        return self.names[name]

    def tasks(self, job: str, **given: str) -> list[tuple[str, list[str], list[str]]]:
        """Return key, needed keys and words of each wheel task, in an order that a run may have."""
        declared = self.resources["jobs"][job]
        parameters = {each["name"]: self.resolved(each["default"]) for each in declared["parameters"]} | given
        by_key = {task["task_key"]: task for task in declared["tasks"]}
        needs = {key: [each["task_key"] for each in task.get("depends_on", [])] for key, task in by_key.items()}
        order = TopologicalSorter(needs).static_order()
        return [(key, needs[key], self._words(by_key[key], parameters)) for key in order]

    def _words(self, task: Mapping[str, Any], parameters: Mapping[str, str]) -> list[str]:
        wheel = task["python_wheel_task"]
        words = [self.resolved(each) for each in wheel["parameters"]]
        for name, value in parameters.items():
            words = [word.replace(f"{{{{job.parameters.{name}}}}}", value) for word in words]
        words = [re.sub("^/Volumes", self.volumes, word) for word in words]
        return [wheel["package_name"], wheel["entry_point"], *words]

    def run(self, job: str, call: Callable[[list[str]], subprocess.CompletedProcess[str]], **given: str) -> JobRun:
        """Run the tasks of a job; `call` runs one, with its package, entry point and words."""
        result = JobRun()
        for key, needs, words in self.tasks(job, **given):
            if any(result.outcomes[each] != "success" for each in needs):
                result.outcomes[key] = "upstream_failed"
                continue
            done = call(words)
            result.outcomes[key] = "failed" if done.returncode else "success"
            result.output += f"--- {key}\n{done.stdout}\n{done.stderr}\n"
        return result


def in_process_of(
    python: str, folder: Path, prelude: str = "", **environment: str
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a call that runs a task in a process of its own, with nothing of this checkout on its path.

    `prelude` is code that the process runs first.
    """
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("SHOPLAKE_", "PYTHON"))}

    def call(words: list[str]) -> subprocess.CompletedProcess[str]:
        command = [python, "-c", prelude + TASK, *words]
        return subprocess.run(command, cwd=folder, env=bare | environment, capture_output=True, text=True, check=False)

    return call
