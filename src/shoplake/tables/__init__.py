"""All tables: one file per table, one folder per layer and subject."""
