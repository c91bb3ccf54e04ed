"""The Spark Connect plan of a table: its hash, and what in it would be another value each time."""
