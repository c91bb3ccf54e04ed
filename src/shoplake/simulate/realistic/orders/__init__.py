"""Orders: baskets, prices, payments, corrections and refunds."""
