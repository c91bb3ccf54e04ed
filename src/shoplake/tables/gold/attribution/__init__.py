"""Attribution: which sessions lead to an order, and how its revenue is credited to channels."""
