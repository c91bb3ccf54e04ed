"""SQL texts and the head of a file: parameters name the schemas, so that no file does."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def use_schema(layer: str) -> list[str]:
    """Return the statements behind which names are those of a layer; a task gives their parameters."""
    return ["USE CATALOG IDENTIFIER(:catalog)", f"USE SCHEMA IDENTIFIER(:{layer})"]


def sql_file(about: str, statements: Iterable[str]) -> str:
    """Return a file of statements, each with a semicolon and an empty line behind it."""
    return f"-- {about}\n\n" + "".join(f"{statement};\n\n" for statement in statements)
