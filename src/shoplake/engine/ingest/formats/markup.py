"""Web pages and XML, which a download of an export is when it failed."""

from __future__ import annotations

import re

MARKUP = re.compile(r"\ufeff?\s*<(?:!doctype|html|head|body|table|\?xml|error)\b", re.IGNORECASE)
HEAD = 100
"""Characters that are looked at."""


def is_markup(text: str | bytes) -> bool:
    """Whether a text begins as a web page or XML."""
    head = text[:HEAD]
    return MARKUP.match(head.decode("utf-8", "replace") if isinstance(head, bytes) else head) is not None
