"""Commands that build and maintain a lake."""
