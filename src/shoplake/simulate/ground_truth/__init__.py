"""Ground truth of simulated files."""
