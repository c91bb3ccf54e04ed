"""A simulated shop in the native format."""
