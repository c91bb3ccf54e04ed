"""The hand-written pages, and the examples in their code blocks."""

import re

from tools.docs.sources import ROOT

FOLDERS = ("docs/tutorial", "docs/how-to", "docs/concepts")
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "benchmarks/README.md",
    ROOT / "lab/README.md",
    ROOT / "docs/reference/settings.md",
]
PAGES += sorted(path for folder in FOLDERS for path in (ROOT / folder).glob("*.md"))


def blocks(language):
    """Each code block of a language, with its page."""
    for page in PAGES:
        for block in re.findall(rf"```{language}\n(.*?)```", page.read_text(), re.DOTALL):
            yield page.name, block


def command_lines():
    """Each `shoplake …` command in consoles and inline code, with its page; comments are cut off."""
    for page in PAGES:
        text = page.read_text()
        for command in re.findall(r"uv run (shoplake [^`$]*?)(?=\s{2,}#|`|\n(?!\s{2}))", text):
            yield page.name, command.replace("\n", " ")


def queries():
    """Each query that a page passes to `shoplake sql`, with its page."""
    for page, command in command_lines():
        if match := re.fullmatch(r'shoplake sql "(.*)"', command.strip(), re.DOTALL):
            yield page, match[1]
