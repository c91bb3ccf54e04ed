"""What every query is made of: parameters, ranges of days, and the answer with its origin."""
