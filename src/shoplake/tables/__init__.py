"""Every table of the house, one file a table, one folder a layer."""
