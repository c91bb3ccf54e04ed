"""Files, Delta logs, integrity, leases and locks."""
