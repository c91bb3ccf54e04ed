"""Tables in parts that fit into memory."""
