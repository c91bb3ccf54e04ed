"""Views of errors and costs."""
