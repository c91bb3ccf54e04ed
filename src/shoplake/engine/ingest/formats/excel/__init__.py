"""Workbooks: their size before they are read, their sheets, and cells without a value."""
