"""Incidents of a lake, and the messages about them."""
