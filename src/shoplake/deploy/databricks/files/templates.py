"""Files that are the same for every lake but for a few values: notebooks, Terraform, README."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoplake.deploy.databricks.jobs import RETRIES, RETRY_AFTER_MS, THREE_O_CLOCK, TIMEOUT_S, requirements

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shoplake.deploy.databricks.bundle_source import BundleSource

TEMPLATES = Path(__file__).parents[1] / "templates"
NOTEBOOKS = ("01_generate_bronze", "02_bronze_to_silver", "03_silver_to_gold")
WORKSPACE = "/Workspace/Shared/shoplake"
"""Where the plain job expects the bundle's files; README says how to put them there."""


def template_files(source: BundleSource) -> dict[str, str]:
    """Return the filled templates by their paths in the bundle."""
    feed = source.settings.feeds[0]
    values = {
        "name": source.name,
        "catalog": source.catalog,
        "timezone": source.timezone,
        "readers": source.readers,
        "requirement": source.requirement,
        "requirements": " ".join(json.dumps(each) for each in requirements(source)),
        "feed": feed.name,
        "kind": feed.kind.name,
        "workspace": WORKSPACE,
    }
    texts = {path: _filled(path.read_text(encoding="utf-8"), values) for path in sorted(TEMPLATES.rglob("*.txt"))}
    files = {path.relative_to(TEMPLATES).with_suffix("").as_posix(): text for path, text in texts.items()}
    return files | {"jobs/three_tasks.json": json.dumps(three_tasks(source), indent=2) + "\n"}


def three_tasks(source: BundleSource) -> dict[str, Any]:
    """Return a job of the three notebooks for the Jobs API, as `databricks jobs create --json` takes it."""
    tasks: list[dict[str, Any]] = []
    for notebook in NOTEBOOKS:
        key = notebook.split("_", 1)[1]
        tasks.append(
            {
                "task_key": key,
                **({"depends_on": [{"task_key": tasks[-1]["task_key"]}]} if tasks else {}),
                "notebook_task": {"notebook_path": f"{WORKSPACE}/notebooks/{notebook}", "source": "WORKSPACE"},
                "max_retries": RETRIES,
                "min_retry_interval_millis": RETRY_AFTER_MS,
                "timeout_seconds": TIMEOUT_S,
            }
        )
    schedule = {
        "quartz_cron_expression": THREE_O_CLOCK,
        "timezone_id": source.timezone,
        "pause_status": "PAUSED",
    }
    defaults = {"catalog": source.catalog, "landing": "", "lake": "", "rows": "0"}
    return {
        "name": f"{source.name} three tasks",
        "max_concurrent_runs": 1,
        "queue": {"enabled": True},
        "schedule": schedule,
        "parameters": [{"name": name, "default": value} for name, value in defaults.items()],
        "tasks": tasks,
    }


def _filled(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text
