"""Streams that files of no known kind seem to need, as code that a person checks."""
