"""Read-only SQL and DataFrames over a lake."""
