"""Who may ask what, and how often: the gate, rules and rate limits."""
