"""Views of plans and runs."""
