"""What keeps a lake small and brings it back: clean-up, retention, restore to a moment, clones."""
