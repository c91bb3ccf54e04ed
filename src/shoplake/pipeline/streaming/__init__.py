"""Structured Streaming on Spark: the job, its queries, live events and progress."""
