"""Watching: daily measures, and the days on which they are not what is expected."""
