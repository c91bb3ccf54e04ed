"""What the rows of a table are like, and the rules that they suggest."""
