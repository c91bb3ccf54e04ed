"""What a benchmark found, kept as data and shown on one page.

Each result file has, beside its raw figures, a `finding`: the question, a table of the answer, and what it says.
`python benchmarks/findings.py` writes docs/benchmarks.md from the newest finding of each question.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

HERE = Path(__file__).parent
RESULTS, PAGE = HERE / "results", HERE.parent / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Written by `python benchmarks/findings.py` from `benchmarks/results/`; not by hand. Each figure was measured against its
peers in the same run. `benchmarks/README.md` says how, and what the comparisons do and do not say.
"""


@dataclass(frozen=True)
class Finding:
    """The answer to one question: a table, the aim it is held against, and what it says in a sentence or two."""

    question: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    aim: str
    says: str


def keep(name: str, finding: Finding, figures: Mapping[str, Any], packages: Iterable[str] = ("shoplake",)) -> Path:
    """Write the finding and its figures into `results/<name>-<date>.json`, with the machine and the versions."""
    now = datetime.now(UTC)
    found = {
        "at": now.isoformat(timespec="seconds"),
        "machine": machine(),
        "versions": {"python": sys.version.split()[0]} | {each: version(each) for each in packages},
        "finding": asdict(finding),
        **figures,
    }
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{name}-{now:%Y-%m-%d}.json"
    file.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return file


def machine() -> dict[str, Any]:
    """What it ran on, and how busy that was."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(memory, 1),
        "system": platform.platform(),
        "load": round(os.getloadavg()[0], 2),
    }


def page(files: Iterable[Path]) -> str:
    """The page made of the newest finding of each benchmark, by name."""
    newest = {file.stem[:-11]: json.loads(file.read_text(encoding="utf-8")) for file in sorted(files)}
    return "\n".join([HEAD, *(_section(found) for _, found in sorted(newest.items()) if "finding" in found)])


def _section(found: Mapping[str, Any]) -> str:
    finding, machine = found["finding"], found["machine"]
    columns, rows = finding["columns"], finding["rows"]
    ruler = ["---", *["---:"] * (len(columns) - 1)]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in (columns, ruler, *rows))
    ran_on = (
        f"{machine['cores']} cores, {machine['memory_gib']} GiB, load {machine.get('load', '?')}, {found['at'][:10]}"
    )
    return f"## {finding['question']}\n\nAim: {finding['aim']}\n\n{table}\n\n{finding['says']} ({ran_on})\n"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(RESULTS.glob("*.json")), encoding="utf-8")


if __name__ == "__main__":
    main()
