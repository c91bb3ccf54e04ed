"""An Airflow DAG: a run and a check every night, and an Airflow asset per table that other DAGs can wait for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shoplake.deploy.orchestrators.nightly_job import TEMPLATES
from shoplake.deploy.templates import fill, literal

if TYPE_CHECKING:
    from pathlib import Path

    from shoplake.deploy.orchestrators.nightly_job import NightlyJob


def airflow_files(job: NightlyJob, folder: Path) -> dict[str, str]:
    """Return the DAG's module, for `folder`. Airflow needs no package of shoplake to read it.

    File, DAG and assets have the job's name: Airflow runs no task with an asset whose name or address is that of
    another. An asset's address is its name, so that other DAGs need to know no path.
    """
    tables = [
        f"    {literal(table.qualified_name)}: ({literal(table_uri(job, table.path))}, {literal(table.summary)}),\n"
        for table in job.catalog.ordered
    ]
    values = {"config": job.config_from(folder), "executable": job.executable, "cron": job.cron}
    values |= {"timezone": job.timezone, "dag_id": dag_id(job), "name": job.name}
    literals = {name: literal(value) for name, value in values.items()}
    return {file_name(job): fill(TEMPLATES / "airflow_dag.py.txt", tables="".join(tables), **literals)}


def dag_id(job: NightlyJob) -> str:
    """Return the name of the DAG, e.g. `shoplake_my_shop_daily`."""
    return f"{re.sub(r'[^A-Za-z0-9_]', '_', job.name)}_daily"


def file_name(job: NightlyJob) -> str:
    """Return the name of the DAG's file, which is that of no other lake."""
    return f"{dag_id(job)}.py"


def table_uri(job: NightlyJob, path: str) -> str:
    """Return where a table is: in the lake's folder or object store, or its name in a catalog."""
    if job.settings.catalog is not None:
        return f"x-shoplake://{job.settings.catalog}/{path}"
    lake = job.settings.lake
    return f"{lake}/{path}" if "://" in lake else f"file://{lake}/{path}"
