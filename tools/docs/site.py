"""All generated pages of the checkout: their texts, and how they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.reference.diagrams import erd_page, lineage_page
from shoplake.reference.markdown import fill_blocks
from shoplake.reference.metric_page import metric_page
from shoplake.reference.native_format import native_format_files
from shoplake.reference.table_pages import TABLES, kind_list, reference_pages, subject_list
from tools.docs.commands import cli_page
from tools.docs.demo_output import excerpt, read_transcript
from tools.docs.reliability import reliability_page
from tools.docs.sources import KINDS, OPS_TABLES, ROOT, load_catalog, load_command
from tools.soak.results import read_results

REFERENCE = "docs/reference"
PAGES = f"{REFERENCE}/{TABLES}"

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def generated_pages(root: Path = ROOT) -> dict[Path, str]:
    """Return every generated file of the checkout at `root` with the text it should have."""
    catalog = load_catalog()
    blocks = {
        "demo": f"```text\n{excerpt(read_transcript(root))}\n```",
        "gold": subject_list(catalog, "gold", folder=PAGES),
        "kinds": kind_list(KINDS),
    }
    pages = {
        **{f"{REFERENCE}/{path}": text for path, text in reference_pages(catalog, OPS_TABLES).items()},
        **native_format_files(),
        "docs/reference/cli.md": cli_page(load_command()),
        "docs/reference/lineage.md": lineage_page(catalog, KINDS),
        "docs/reference/erd.md": erd_page(catalog),
        "docs/reference/metrics.md": metric_page(catalog),
        "docs/reliability.md": reliability_page(read_results(root / "docs/reliability.json")),
        "README.md": fill_blocks((root / "README.md").read_text(encoding="utf-8"), blocks),
    }
    return {root / path: text for path, text in pages.items()}


def orphaned_pages(root: Path, pages: Iterable[Path]) -> list[Path]:
    """Return the table pages under `root` whose table no longer exists."""
    return sorted(set((root / PAGES).glob("*.md")) - set(pages))


def write_pages(root: Path = ROOT) -> None:
    """Write all generated pages, and delete the orphaned ones."""
    pages = generated_pages(root)
    for path, text in pages.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for path in orphaned_pages(root, pages):
        path.unlink()
