"""Commands that serve and export."""
