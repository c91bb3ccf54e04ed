"""Aggregates for analysis."""
