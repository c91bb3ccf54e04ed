"""Sales and product performance."""
