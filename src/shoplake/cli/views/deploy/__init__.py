"""Views of what deploys a lake."""
