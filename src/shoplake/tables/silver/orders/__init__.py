"""Lines, payments and cancellations of orders."""
