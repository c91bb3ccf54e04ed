"""Keys, roles, sessions and the audit log of who reads a lake over HTTP."""
