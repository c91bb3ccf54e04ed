"""Rows as JSON, NDJSON, CSV, Parquet and Arrow IPC."""
