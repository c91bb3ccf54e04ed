"""The person that a session or an event belongs to."""
