"""The staging area of a write, and what its files say about their rows."""
