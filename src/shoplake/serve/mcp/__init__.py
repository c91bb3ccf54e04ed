"""A Model Context Protocol server: read-only tools over the answers, for assistants."""
