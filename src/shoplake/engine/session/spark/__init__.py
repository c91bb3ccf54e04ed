"""A local or remote Apache Spark."""
