"""Views of what a lake has."""
