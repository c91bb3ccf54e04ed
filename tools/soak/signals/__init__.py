"""Commands in processes of their own that a signal stops."""
