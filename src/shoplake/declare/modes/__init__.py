"""The write modes: how a table's rows are written."""
