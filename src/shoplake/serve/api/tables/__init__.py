"""Generic reading: filters, cursors and guarded SQL over the tables of a generation."""
