"""Exchange rates and ad spend."""
