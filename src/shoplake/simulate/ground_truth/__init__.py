"""The exact answers beside simulated files."""
