"""The HTTP API: one gate before every route, answers in several formats, and errors as problem documents."""
