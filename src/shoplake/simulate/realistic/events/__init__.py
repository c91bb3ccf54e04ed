"""Sessions and events around the orders, and the visits that lead to none."""
