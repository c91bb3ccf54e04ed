"""From files to bronze: discovery, reading, drift."""
