"""Point-in-time features of customers: how they are computed, and those of churn."""
