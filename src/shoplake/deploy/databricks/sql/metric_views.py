"""Metric views: what is measured over the tables, as it is declared beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.deploy.databricks.sql.statements import sql_file, use_schema

if TYPE_CHECKING:
    from shoplake.deploy.databricks.bundle_source import BundleSource


def metric_views_file(source: BundleSource) -> str:
    """Return the metric views of the tables that declare metrics."""
    return sql_file("Metric views.", [use_schema("gold")])
