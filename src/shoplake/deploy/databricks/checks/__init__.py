"""Checks of a bundle that neither the schema of bundles nor the types of the Jobs API make."""

from shoplake.deploy.databricks.checks.check_bundle import check_bundle
from shoplake.deploy.databricks.checks.mistake import Mistake

__all__ = ["Mistake", "check_bundle"]
