"""A Databricks Asset Bundle of a lake: jobs, Unity Catalog objects, dashboards, Terraform."""
