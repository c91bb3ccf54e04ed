"""Verification and repair of a lake."""
