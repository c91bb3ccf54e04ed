"""Files of tables beyond reads and writes: what a clean-up would free, and copies."""
