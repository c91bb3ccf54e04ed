"""A seeded simulation of a lake's whole life, compared with a model in plain Python."""
