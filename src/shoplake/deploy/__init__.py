"""The same declarations, handed to others."""
