"""Output of a real `shoplake demo`: the page with its transcript and the picture in the README."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.highlighter import RegexHighlighter
from rich.text import Text
from rich.theme import Theme

from shoplake.reference.markdown import join_paragraphs
from tools.docs.sources import ROOT

PAGE = "docs/reference/demo.md"
PICTURE = "docs/images/demo.svg"
WIDTH = 110
EVENTS = 60_000
PICTURE_WIDTH = 84
EXCERPT = (
    "bronze.events_raw",
    "silver.customers",
    "silver.events",
    "silver.sessions",
    "silver.order_lines",
    "gold.carts",
    "gold.funnel_daily",
    "gold.order_values",
    "gold.customer_360",
    "gold.attribution_daily",
    "gold.sales_daily",
)
"""Tables that the README shows of a run."""
TITLE = re.compile(r"^(\S.*?) ─+$", re.MULTILINE)
SPACE = "&#160;"
CHARACTER_WIDTH = 12.2
INDENTED = re.compile(rf'(<text[^>]* x=")([\d.]+)(" [^>]*textLength=")([\d.]+)("[^>]*>)((?:{SPACE})+)(?=[^&<])')
FONT = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"
THEME = Theme(
    {
        "demo.title": "bold bright_white",
        "demo.header": "bold",
        "demo.bar": "cyan",
        "demo.warn": "yellow",
        "demo.pass": "green",
        "demo.prompt": "bold green",
    }
)


class DemoHighlighter(RegexHighlighter):
    """Colours for the words and bars of the demo."""

    base_style = "demo."
    highlights = (
        r"(?P<title>^\S.*?─+$)",
        r"(?P<header>^(table|step|channel|device|segment|value tier|product|category) .*$)",
        r"(?P<header>^(path|state|revenue in|first order in|from events) .*$)",
        r"(?P<bar>[█▏▎▍▌▋▊▉]+)",
        r"(?P<warn>\bWARN\b)",
        r"(?P<pass>\bPASS\b)",
        r"(?P<prompt>^\$)",
    )


def run_demo(events: int = EVENTS, width: int = WIDTH) -> str:
    """Run `shoplake demo` in a temporary folder and return what it prints."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "shoplake", "demo", "--events", str(events), "--folder", "demo"]
        environment = {**os.environ, "COLUMNS": str(width), "NO_COLOR": "1"}
        process = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    lines = "\n".join(line.rstrip() for line in process.stdout.splitlines())
    return re.sub(r"\S*/shoplake ", "shoplake ", lines)


def split_sections(transcript: str) -> dict[str, str]:
    """Split a transcript at its titles: title → the lines below it."""
    parts = TITLE.split(transcript)
    return dict(zip(parts[1::2], (part.strip("\n") for part in parts[2::2]), strict=True))


def demo_page(transcript: str, events: int = EVENTS) -> str:
    """Write the page with the whole transcript."""
    about = (
        f"What `make demo` prints, with {events:,} simulated events. `make picture` writes this page. Counts are\n"
        "equal on every machine; durations and the order of the tables are not."
    )
    return join_paragraphs("# Output of the demo", about, f"```text\n{transcript.strip()}\n```")


def read_transcript(root: Path = ROOT) -> str:
    """Return the transcript on the page of the demo."""
    return (root / PAGE).read_text(encoding="utf-8").split("```text\n")[1].split("\n```")[0]


def excerpt(transcript: str) -> str:
    """Choose a dozen lines of the run: the header, some tables, the totals."""
    header, *rows = _run_lines(transcript)
    return "\n".join([header, *(row for row in rows if row.split(" ")[0] in EXCERPT), "", rows[-1]])


def _run_lines(transcript: str) -> list[str]:
    """Return the lines of the run: the section below the second title."""
    return list(split_sections(transcript).values())[1].splitlines()


def draw_svg(lines: str, title: str) -> str:
    """Draw lines of a terminal as SVG, without fonts from elsewhere."""
    console = Console(record=True, width=PICTURE_WIDTH, file=io.StringIO(), theme=THEME, highlight=False)
    for line in lines.splitlines():
        text = Text(line, overflow="ellipsis", no_wrap=True)
        DemoHighlighter().highlight(text)
        console.print(text)
    svg = console.export_svg(title=title, unique_id="shoplake")
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"font-family: [^;]+;", f"font-family: {FONT};", svg)
    return INDENTED.sub(_shift, svg)


def _shift(text: re.Match[str]) -> str:
    """Move a text with leading spaces to its first letter, because some viewers drop them."""
    x, length, spaces = float(text[2]), float(text[4]), text[6].count(SPACE)
    shift = spaces * CHARACTER_WIDTH
    return f"{text[1]}{x + shift:g}{text[3]}{max(length - shift, 0):g}{text[5]}"


def picture_lines(transcript: str) -> str:
    """Choose what the picture shows: some tables, the totals of the run, the funnel, channels, and the money."""
    answers = [each for each in split_sections(transcript).items() if each[0][0].isdigit()]
    (journeys, journey), (money, reconciliation) = answers[1], answers[3]
    paragraphs = journey.split("\n\n")
    channels = next(each for each in paragraphs if each.startswith("revenue in "))
    shown = "\n\n".join([*paragraphs[:2], channels])
    lines = ["$ make demo", excerpt(transcript), "", _rule(journeys), shown, "", _rule(money), reconciliation]
    return "\n".join(lines).partition("\n\nNext\n")[0]


def _rule(title: str) -> str:
    return f"{title} ".ljust(PICTURE_WIDTH, "─")


def write_demo(root: Path = ROOT) -> None:
    """Run the demo once, and write the page and the picture from its output."""
    transcript = run_demo()
    (root / PAGE).write_text(demo_page(transcript), encoding="utf-8")
    (root / PICTURE).parent.mkdir(parents=True, exist_ok=True)
    (root / PICTURE).write_text(draw_svg(picture_lines(transcript), "shoplake demo"), encoding="utf-8")
