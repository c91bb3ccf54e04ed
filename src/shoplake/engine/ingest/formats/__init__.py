"""Readers of file formats: each yields raw records."""
