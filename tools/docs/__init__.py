"""Generators of the reference pages, the README's lists and the terminal picture."""
