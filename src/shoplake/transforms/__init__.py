"""DataFrame → DataFrame functions that several tables share."""
