"""Where an export is written: a folder of files, one DuckDB or Excel file, a PostgreSQL database."""
