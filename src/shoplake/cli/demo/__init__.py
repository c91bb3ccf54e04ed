"""The demo: its queries, its report."""
