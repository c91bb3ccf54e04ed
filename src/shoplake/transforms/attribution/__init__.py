"""Multi-touch attribution: the orders, the weights of their touches and the credits in money."""
