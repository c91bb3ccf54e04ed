"""Writes a lake as a Spark Declarative Pipeline, and computes its tables there."""
