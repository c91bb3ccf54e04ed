"""Views: each prints the result of one command and gives it as JSON."""
