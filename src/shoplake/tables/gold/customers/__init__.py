"""Customers: days, months and facts, persons in 360 degrees, segments, cohorts and value."""
