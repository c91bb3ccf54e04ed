"""What other programs see of a lake: metrics, errors, costs, lineage events."""
