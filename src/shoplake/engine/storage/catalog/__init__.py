"""Tables that a catalog keeps by name: read and described by SQL alone, for a client that cannot see their storage."""
