"""A dbt project over a lake's gold tables: sources with tests, marts with contracts, macros of the metrics."""
