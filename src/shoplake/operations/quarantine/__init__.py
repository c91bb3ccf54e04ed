"""What is done to quarantined records: fix, replay, discard."""
