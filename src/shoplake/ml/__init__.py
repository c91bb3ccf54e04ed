"""Models in numpy: probability models of orders and of their value."""
