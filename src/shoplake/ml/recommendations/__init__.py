"""Products that go together: weights from pair counts, lists from weights, and what the lists are worth."""
