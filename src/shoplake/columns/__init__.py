"""Column to column helpers that tables and feeds share, one file a subject."""
