"""The life of a bad record: metrics, reports."""
