"""How views show a raw record in a line."""

RAW_LENGTH = 120


def place(file: str, line: int | None) -> str:
    """Return where a record is, as `file:line`; of Parquet files the file alone."""
    return file if line is None else f"{file}:{line}"


def shortened(raw: str) -> str:
    """Return the beginning of a record's text."""
    text = raw.rstrip()
    return text if len(text) <= RAW_LENGTH else f"{text[:RAW_LENGTH]}…"
