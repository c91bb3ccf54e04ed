"""Anomalies of daily series: what is expected of a day, and which segment explains the difference."""
