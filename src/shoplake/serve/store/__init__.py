"""Gold tables, readable without an engine."""
