"""Customers: their rates, drop-out, devices and contact data."""
