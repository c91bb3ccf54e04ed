"""Schemas, volumes and grants of a bundle: the one file that names schemas."""

from __future__ import annotations

from typing import Any

from shoplake.deploy.databricks.references import CHECKPOINTS, LANDING, schema, variable

COMMENTS = {
    "landing": "Files of the shop, as they arrived.",
    "bronze": "Every record as it arrived, with its file and line.",
    "silver": "Clean rows: one per event, order line, customer version. Invalid records are in quarantine tables.",
    "gold": "Answers: sales, customers, products, funnel, attribution, predictions.",
    "ops": "What shoplake knows of files, runs, checks and incidents.",
}
ANALYST_SCHEMAS = ("gold",)
ENGINEER = ["USE_SCHEMA", "SELECT", "MODIFY", "CREATE_TABLE", "CREATE_FUNCTION", "APPLY_TAG"]
READER = ["USE_SCHEMA", "SELECT"]


def catalog_file() -> dict[str, Any]:
    """Return the schemas and volumes, with who may read and write them."""
    schemas = {
        name: {
            "catalog_name": variable("catalog"),
            "name": name,
            "comment": comment,
            "grants": _grants(name),
        }
        for name, comment in COMMENTS.items()
    }
    volumes = {
        name: {
            "catalog_name": variable("catalog"),
            "schema_name": schema(layer),
            "name": name,
            "volume_type": "MANAGED",
            "comment": comment,
            "grants": [{"principal": variable("engineers"), "privileges": ["READ_VOLUME", "WRITE_VOLUME"]}],
        }
        for (layer, name), comment in (
            (LANDING, "A folder per feed; files are never changed once they are here."),
            (CHECKPOINTS, "Staging and checkpoints of runs."),
        )
    }
    return {"resources": {"schemas": schemas, "volumes": volumes}}


def _grants(name: str) -> list[dict[str, Any]]:
    engineers = {"principal": variable("engineers"), "privileges": ENGINEER}
    analysts = {"principal": variable("analysts"), "privileges": READER}
    return [engineers, *([analysts] if name in ANALYST_SCHEMAS else [])]
