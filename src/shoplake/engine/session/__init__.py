"""Sessions with Sail and Spark: start, reach, capabilities, error mapping."""
