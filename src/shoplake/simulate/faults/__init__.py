"""Faults that are injected into simulated files."""
