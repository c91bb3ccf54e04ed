"""Training, scoring and registering models with the tables of a lake."""
