"""Feeds, streams and what is checked when a kind loads."""
