"""Writing tables: staging, schema checks, write modes."""
