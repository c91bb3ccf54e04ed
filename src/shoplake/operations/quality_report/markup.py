"""Pieces of an HTML page: escaped text, tables, bars and sparklines as inline SVG."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SPARK_WIDTH, SPARK_HEIGHT = 90, 20


def heading(id: str, title: str, about: str) -> str:
    """Return the heading of a section with a sentence about it."""
    return f'<h2 id="{id}">{escape(title)}</h2>\n<p class="about">{escape(about)}</p>'


def code(text: str) -> str:
    """Return a name in the font of code."""
    return f"<code>{escape(text)}</code>"


def status(text: str) -> str:
    """Return a status with its colour; the word says the same."""
    return f'<span class="status {escape(text.lower())}">{escape(text.upper())}</span>'


def table(caption: str, heads: Sequence[tuple[str, str]], rows: Iterable[Sequence[str]], empty: str) -> str:
    """Return a table of cells that are HTML; `heads` are titles with a class, such as `number`.

    Without rows it is the sentence `empty`.
    """
    lines = [
        "<tr>" + "".join(_cell(cell, *head) for cell, head in zip(row, heads, strict=True)) + "</tr>" for row in rows
    ]
    if not lines:
        return f'<p class="empty">{escape(empty)}</p>'
    titles = "".join(f'<th scope="col"{_class(kind)}>{escape(title)}</th>' for title, kind in heads)
    label = escape(caption, quote=True)
    body = "\n".join(lines)
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{label}">\n<table>'
        f"<thead><tr>{titles}</tr></thead>\n"
        f"<tbody>\n{body}\n</tbody></table>\n</div>"
    )


def sparkline(values: Sequence[int], marked: Sequence[int]) -> str:
    """Return one bar per value, the oldest first; those with a positive number in `marked` have another colour."""
    if not values:
        return ""
    top, width = max(*values, 1) if len(values) > 1 else max(values[0], 1), SPARK_WIDTH / max(len(values), 10)
    bars = []
    for position, (value, bad) in enumerate(zip(values, marked, strict=True)):
        height = max(1.0, value / top * SPARK_HEIGHT)
        place = f'x="{position * width:.1f}" y="{SPARK_HEIGHT - height:.1f}"'
        kind = ' class="bad"' if bad else ""
        bars.append(f'<rect {place} width="{max(width - 1, 1):.1f}" height="{height:.1f}"{kind}/>')
    title = f"Last {len(values)} writes: {values[-1]:,} rows in the last, at most {max(values):,}"
    return (
        f'<svg class="spark" viewBox="0 0 {SPARK_WIDTH} {SPARK_HEIGHT}" role="img" aria-label="{escape(title)}">'
        f"{''.join(bars)}</svg>"
    )


def bar(share: float) -> str:
    """Return a bar of that share of its width."""
    width = max(0.0, min(1.0, share)) * SPARK_WIDTH
    return (
        f'<svg class="spark bar" viewBox="0 0 {SPARK_WIDTH} 8" aria-hidden="true">'
        f'<rect width="{width:.1f}" height="8"/></svg>'
    )


def _cell(cell: str, title: str, kind: str) -> str:
    return f'<td data-title="{escape(title, quote=True)}"{_class(kind)}>{cell}</td>'


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""
