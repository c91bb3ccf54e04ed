"""The syntax tree of a text, also where several threads ask for one."""

from __future__ import annotations

import ast
import threading

_parsing = threading.RLock()
"""Python 3.11 counts the depth of a tree for all threads together: two that parse at once get a SystemError."""


def parse_source(text: str | bytes) -> ast.Module:
    """Return the syntax tree of a Python text. Raises SyntaxError or ValueError where it is none."""
    with _parsing:
        return ast.parse(text)
