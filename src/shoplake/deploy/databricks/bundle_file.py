"""`databricks.yml`: name, variables, and the targets dev and prod."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from shoplake.deploy.databricks.references import variable

if TYPE_CHECKING:
    from shoplake.deploy.databricks.bundle_source import BundleSource

CLI_VERSION = ">= 1.13.0"
"""The Databricks CLI whose schema the bundle is checked with."""
WAREHOUSE = "Serverless Starter Warehouse"
NAMESPACE = uuid.UUID("5b0b9e52-3d53-4a3e-9d9f-1f6c3a4d7f10")
DEFAULT_MASKS = "off"


def bundle_file(source: BundleSource) -> dict[str, Any]:
    """Return the contents of `databricks.yml`."""
    return {
        "bundle": {
            "name": source.name,
            "uuid": str(uuid.uuid5(NAMESPACE, f"{source.name}/{source.catalog}")),
            "databricks_cli_version": CLI_VERSION,
            "engine": "direct",
        },
        "include": ["resources/*.yml"],
        "experimental": {"skip_name_prefix_for_schema": True},
        "variables": _variables(source),
        "targets": {"dev": _dev(source), "prod": _prod(source)},
    }


def _variables(source: BundleSource) -> dict[str, Any]:
    mail = source.settings.alerts.email
    return {
        "catalog": {"description": "Catalog of all schemas; it exists before the bundle is deployed."},
        "alert_email": {
            "description": "Who is told of failures, lateness and alerts.",
            **({"default": mail[0]} if mail else {}),
        },
        "rows": {"description": "Records that each run simulates first; 0 for none.", "default": "0"},
        "masks": {
            "description": f"on masks personal columns for all who are not in the group {source.readers}.",
            "default": DEFAULT_MASKS,
        },
        "engineers": {"description": "Group that may change tables.", "default": "data_engineers"},
        "analysts": {"description": "Group that may read the answers.", "default": "analysts"},
        "service_principal": {
            "description": "Application id of the service principal that runs the jobs in production.",
            "default": "",
        },
        "warehouse_id": {
            "description": "SQL warehouse of dashboard, alerts and Genie.",
            "lookup": {"warehouse": WAREHOUSE},
        },
    }


def _dev(source: BundleSource) -> dict[str, Any]:
    """Return the target of one developer: schedules are paused, and jobs have the developer's name."""
    return {
        "mode": "development",
        "default": True,
        "presets": {"tags": _tags(source, "dev")},
        "variables": {"catalog": f"{source.catalog}_dev", "alert_email": "${workspace.current_user.userName}"},
    }


def _prod(source: BundleSource) -> dict[str, Any]:
    return {
        "mode": "production",
        "workspace": {"root_path": "/Workspace/Shared/.bundle/${bundle.name}/${bundle.target}"},
        "presets": {"tags": _tags(source, "prod")},
        "run_as": {"service_principal_name": variable("service_principal")},
        "permissions": [
            {"level": "CAN_MANAGE", "service_principal_name": variable("service_principal")},
            {"level": "CAN_MANAGE", "group_name": variable("engineers")},
            {"level": "CAN_VIEW", "group_name": variable("analysts")},
        ],
        "variables": {"catalog": source.catalog},
    }


def _tags(source: BundleSource, target: str) -> dict[str, str]:
    return {"product": "shoplake", "lake": source.name, "target": target}
