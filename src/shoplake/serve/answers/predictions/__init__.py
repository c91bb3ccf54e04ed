"""Models, and what they predict of customers and products."""
