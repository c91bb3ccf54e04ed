"""Commands about the quality of records."""
