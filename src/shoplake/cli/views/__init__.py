"""What commands print: one view each."""
