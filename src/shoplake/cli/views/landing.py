"""What `init` says of the files that are there already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.cli.console import pluralize
from shoplake.listed_names import list_some

if TYPE_CHECKING:
    from rich.console import Console

    from shoplake.project.landing_files import LandingFiles

MOST_NAMED = 5
"""Files that are named."""
MOST_STREAMS = 10


def print_landing(console: Console, landing: LandingFiles, path: str) -> None:
    """Print what the files of a folder look like, how many of them the kind reads, and which it does not."""
    kind, found = landing.kind, landing.looks_like
    files = pluralize(landing.count, "file")
    if found is not None:
        console.print(
            f"The files in {path} look like {found.name} ({found.doc.rstrip('.')}).", markup=False, soft_wrap=True
        )
    unread = f" It does not read {list_some(landing.unread, MOST_NAMED)}." if landing.unread else ""
    console.print(f"{kind.name} reads {landing.read} of {files} there.{unread}", markup=False, soft_wrap=True)
    if not landing.read:
        patterns = list(dict.fromkeys(stream.pattern for stream in kind.streams))
        console.print(f"Its files are {', '.join(patterns)}.", markup=False, soft_wrap=True)
    for sentence in landing.foreign:
        console.print(sentence, markup=False, soft_wrap=True, highlight=False)
    if landing.streams:
        console.print("Streams that would read such files, to be checked and put into a kind:")
    for stream in landing.streams[:MOST_STREAMS]:
        console.print(f"  {stream}", markup=False, soft_wrap=True, highlight=False)
    if (more := len(landing.streams) - MOST_STREAMS) > 0:
        console.print(f"  … and {more} more: init in a folder with fewer kinds of files prints them.", markup=False)
