"""Makes the SVG of a chart small, and safe under a strict Content Security Policy."""

from __future__ import annotations

import re
from html import escape

DROPPED = (
    r'<path class="(?:background|foreground)"[^>]*/>',
    r' (?:class|role|aria-[a-z]+|font-family|pointer-events|stroke-miterlimit|xmlns:xlink|version|style)="[^"]*"',
    r' (?:opacity|stroke-width|fill-opacity)="1"',
    r' (?:x2|y2)="0"',
    r' transform="translate\(0,0\)"',
)
EMPTY_GROUP = re.compile(r"<g>\s*</g>")
NUMBER = re.compile(r"\d+\.\d{2,}")
ROOT = re.compile(r"<svg[^>]*>")


def shrink_svg(svg: str) -> str:
    """Remove what has no effect and round numbers to tenths; no `style`, no script and no link is left."""
    if re.search(r"<(?:script|foreignObject|style|a|image)\b", svg):
        raise ValueError("a chart has an element that is no drawing")
    for pattern in DROPPED:
        svg = re.sub(pattern, "", svg)
    svg = NUMBER.sub(lambda found: f"{float(found[0]):.1f}".removesuffix(".0"), svg)
    while EMPTY_GROUP.search(svg):
        svg = EMPTY_GROUP.sub("", svg)
    return svg.replace('font-size="12px"', "")


def label_svg(svg: str, name: str, width: int, height: int, after: str = "") -> str:
    """Give a shrunken SVG its size and accessible name; `after` is drawn above it."""
    root = f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(name)}">'
    return ROOT.sub(lambda _: root, svg, count=1).replace("</svg>", f"{after}</svg>")
