"""From views to purchases."""
