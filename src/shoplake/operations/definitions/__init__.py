"""What a change of code or settings means for the tables of a lake: plan it, apply it."""
