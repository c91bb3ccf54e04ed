"""Answers to the shop's questions on Databricks: dashboard, Genie space, alerts."""
