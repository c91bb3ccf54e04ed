"""Views of the quality of records."""
