"""Leases and locks: one writer per lake."""
