"""Exports tables of the last finished run to files and databases that BI tools read."""
