"""Fills in the templates of generated files."""

from __future__ import annotations

import json
from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def fill(template: Path, **values: str) -> str:
    """Return the text of a template with its values, `$name` or `${name}`, filled in; `$$` is a dollar sign."""
    return Template(template.read_text(encoding="utf-8")).substitute(values)


def literal(text: str) -> str:
    """Return a text as a literal of Python, in double quotes."""
    return json.dumps(text, ensure_ascii=False)
