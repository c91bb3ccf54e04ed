"""All files of the dbt project of a lake."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoplake.columns.web import STEPS
from shoplake.declare.metric import find_metrics
from shoplake.deploy.dbt.marts import MARTS, marts_document
from shoplake.deploy.dbt.sources import source_tables, sources_document
from shoplake.deploy.generated_files import MARK
from shoplake.deploy.templates import fill
from shoplake.operations.yaml_text import to_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shoplake.declare import Feed, Table
    from shoplake.declare.catalog import Catalog
    from shoplake.settings import Settings

TEMPLATES = Path(__file__).with_name("templates")
COPIED = ("macros/funnel_steps.sql", "tests/generic/unique_key.sql", "tests/generic/satisfies.sql")
PROFILE = "shoplake"
REQUIREMENTS = ("dbt-core>=1.10,<1.12", "dbt-duckdb>=1.10,<1.12", "deltalake>=1.6,<2", "pyarrow>=20")
"""dbt-core 1.12 and later are built from files that are not in the package index."""


def dbt_files(catalog: Catalog, settings: Settings, name: str) -> dict[str, str]:
    """Return the files of the project by their path in its folder; `name` is that of the lake's own project."""
    tables = source_tables(catalog)
    steps = funnel_steps(settings.feeds)
    documents = {
        "dbt_project.yml": _project(project_name(name), _location(settings.lake), steps),
        "profiles.yml": _profiles(settings.catalog),
        "models/sources.yml": sources_document(tables),
        "models/exposures.yml": _exposures(tables),
        "models/marts/marts.yml": marts_document(steps),
    }
    return {
        **{path: f"# {MARK} dbt\n{to_yaml(document)}" for path, document in documents.items()},
        **{f"models/marts/{mart.name}.sql": _template(f"models/{mart.name}.sql") for mart in MARTS},
        **{path: _template(path) for path in COPIED},
        "macros/metrics.sql": fill(TEMPLATES / "macros/metrics.sql.txt", **_metrics(tables)),
        "README.md": fill(TEMPLATES / "README.md.txt", name=name),
        "requirements.txt": "\n".join((f"# {MARK} dbt", *REQUIREMENTS, "")),
    }


def project_name(name: str) -> str:
    """Return a name as dbt takes it: letters, digits and underscores."""
    return re.sub(r"\W+", "_", name.lower(), flags=re.ASCII).strip("_").lstrip("0123456789_") or PROFILE


def funnel_steps(feeds: Sequence[Feed]) -> dict[str, list[str]]:
    """Return the funnel steps that each feed sends, in order; feeds that send none are left out."""
    found = {feed.name: [step for step in STEPS if step in feed.kind.funnel_steps] for feed in feeds}
    return {feed: steps for feed, steps in found.items() if steps}


def _template(path: str) -> str:
    return (TEMPLATES / f"{path}.txt").read_text(encoding="utf-8")


def _location(lake: str) -> str:
    return lake if "://" in lake else Path(lake).absolute().as_posix()


def _project(name: str, lake: str, steps: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    return {
        "name": name,
        "version": "1.0.0",
        "config-version": 2,
        "profile": PROFILE,
        "require-dbt-version": [">=1.10.0", "<2.0.0"],
        "vars": {"lake": lake, "funnel_steps": {feed: list(each) for feed, each in steps.items()}},
    }


def _profiles(catalog: str | None) -> dict[str, Any]:
    outputs = {
        "duckdb": {
            "type": "duckdb",
            "path": "{{ env_var('SHOPLAKE_DBT_DATABASE', 'warehouse.duckdb') }}",
            "schema": "marts",
            "threads": 1,  # the adapter's Delta plugin fails where threads register tables at once
            "plugins": [{"module": "delta"}],
            # DuckDB 2.0.0 cuts sums over an outer join with an empty table to a byte
            "settings": {"disabled_optimizers": "statistics_propagation"},
        },
        "databricks": {
            "type": "databricks",
            "catalog": f"{{{{ env_var('DATABRICKS_CATALOG', '{catalog or 'shop'}') }}}}",
            "schema": "marts",
            "host": "{{ env_var('DATABRICKS_HOST', 'workspace.example.com') }}",
            "http_path": "{{ env_var('DATABRICKS_HTTP_PATH', '/sql/1.0/warehouses/none') }}",
            "token": "{{ env_var('DATABRICKS_TOKEN', 'none') }}",  # nosec B105  # dbt reads it from there
            "threads": 4,
        },
    }
    return {PROFILE: {"target": "databricks" if catalog else "duckdb", "outputs": outputs}}


def _exposures(tables: Sequence[Table[...]]) -> dict[str, Any]:
    measured = [table for table in tables if table.metrics is not None]
    scored = [table for table in tables if table.name.startswith("churn_")]
    exposures = [
        _exposure("dashboard", "dashboard", "The pages that shoplake serve shows.", measured),
        _exposure("churn_model", "ml", "Churn probabilities of customers, and what they are learned from.", scored),
    ]
    return {"version": 2, "exposures": exposures}


def _exposure(name: str, type: str, doc: str, tables: Sequence[Table[...]]) -> dict[str, Any]:
    reads = [f"source('{table.layer}', '{table.name}')" for table in tables]
    return {"name": name, "type": type, "description": doc, "owner": {"name": "shop"}, "depends_on": reads}


def _metrics(tables: Sequence[Table[...]]) -> dict[str, str]:
    found = find_metrics(tables)
    rows = {metric.name: table.metrics.where or "true" if table.metrics else "true" for metric, table in found}
    return {"expressions": _dictionary({metric.name: metric.sql() for metric, _ in found}), "rows": _dictionary(rows)}


def _dictionary(texts: Mapping[str, str]) -> str:
    """Return a dictionary as Jinja writes it, a line per entry."""
    return json.dumps(texts, indent=4, ensure_ascii=False)
