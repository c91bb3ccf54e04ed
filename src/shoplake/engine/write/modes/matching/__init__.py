"""Matches of new rows to the rows of a table, and their merge."""
