"""Columns of tables: checks, changes, maps and partitions."""
