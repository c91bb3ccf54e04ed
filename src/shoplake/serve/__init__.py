"""What the tables answer: read-only, by name."""
