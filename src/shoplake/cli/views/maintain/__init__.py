"""Views of verification, repair and maintenance."""
