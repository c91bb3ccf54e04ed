"""The demo: its steps, its queries, its report."""
