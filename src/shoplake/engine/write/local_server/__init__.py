"""What a Spark server on this machine need not do itself, as this process sees the same files."""
