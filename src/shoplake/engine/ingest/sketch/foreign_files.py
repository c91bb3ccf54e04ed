"""Files that no stream can read, such as dumps of databases: what they are, and how to get a table out of them."""

from __future__ import annotations

import re

from shoplake.engine.ingest.sketch.text_tables import HEAD_BYTES, read_head

PDF = b"%PDF"
MAGIC = (
    (
        0,
        b"SQLite format 3\x00",
        'a SQLite database. Export its tables: sqlite3 -header -csv FILE "SELECT * FROM orders" > orders.csv',
    ),
    (8, b"DUCK", "a DuckDB database. Export its tables: duckdb FILE -c \"COPY orders TO 'orders.csv'\""),
    (
        0,
        b"PGDMP",
        "a dump of PostgreSQL in its own format. Load it with pg_restore, and export its tables: psql DATABASE "
        "-c \"\\copy (SELECT * FROM orders) TO 'orders.csv' CSV HEADER\"",
    ),
    (0, PDF, "a PDF. Export the report as CSV or Excel"),
    (0, b"7z\xbc\xaf\x27\x1c", "an archive of 7-Zip. Unpack it"),
    (0, b"Rar!", "a RAR archive. Unpack it"),
    (257, b"ustar", "a tar archive. Unpack it"),
    (0, b"Obj\x01", "an Avro file. Write it as Parquet"),
    (0, b"ORC", "an ORC file. Write it as Parquet"),
    (0, b"ARROW1", "an Arrow file. Write it as Parquet"),
)
"""Where a file of a format has which bytes, what it is, and what to do."""
MAGIC_BYTES = 512
CONTROLS = frozenset(range(9)) | frozenset(range(14, 27))
STATEMENT = re.compile(
    rb"^(?:CREATE\s+TABLE|INSERT\s+INTO|REPLACE\s+INTO|DROP\s+TABLE|LOCK\s+TABLES|COPY\s[^\n]*\sFROM\s+stdin;)",
    re.MULTILINE | re.IGNORECASE,
)
"""What a line of a dump begins with."""
POSTGRES = re.compile(rb"PostgreSQL database dump|^COPY\s[^\n]*\sFROM\s+stdin;", re.MULTILINE)
TABLE = re.compile(
    rb"^(?:CREATE\s+TABLE(?:\s+IF\s+NOT\s+EXISTS)?|INSERT\s+INTO|COPY)\s+[`\"\[]?([\w.]+)", re.MULTILINE | re.IGNORECASE
)


def describe_foreign(path: str) -> str | None:
    """Return what a file is that no stream can read, by its first bytes, and what to do; None for any other."""
    head = read_head(path, HEAD_BYTES)
    if _is_binary(head):
        return next((text for at, start, text in MAGIC if head.startswith(start, at)), None)
    return _describe_dump(head) if STATEMENT.search(head) else None


def _is_binary(head: bytes) -> bool:
    """Whether bytes have control characters that no text has: a header may begin with ORC, too."""
    return head.startswith(PDF) or not CONTROLS.isdisjoint(head[:MAGIC_BYTES])


def _describe_dump(head: bytes) -> str:
    names = [name.decode("ascii", "ignore") for name in TABLE.findall(head)]
    table = next((name for name in names if "order" in name.casefold()), names[0] if names else "orders")
    file = table.rpartition(".")[2]
    if POSTGRES.search(head):
        command = f"psql DATABASE -c \"\\copy (SELECT * FROM {table}) TO '{file}.csv' CSV HEADER\""
        return f"a dump of PostgreSQL. Load it into a database, and export its tables: {command}"
    command = f"mysql --batch DATABASE -e 'SELECT * FROM {table}' > {file}.tsv"
    options = r'delimiter="\t", quote="", escape="\\", nulls=("NULL",)'
    return f"SQL statements. Load them into a database, and export its tables: {command}, to be read with {options}"
