"""The state of a lake: the `ops` tables and who writes them."""
