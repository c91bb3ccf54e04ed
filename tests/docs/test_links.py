import re

from tools.docs.sources import ROOT

LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)|src=\"(?!https?://)([^\"]+)\"")
BESIDE = [page for folder in ("benchmarks", "lab") for page in (ROOT / folder).glob("*.md")]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *BESIDE])
FOLDERS = ("tutorial", "how-to", "concepts", "reference", "decisions")


def test_every_link_between_the_pages_leads_to_a_file():
    broken = [
        f"{page.relative_to(ROOT)} → {path or image}"
        for page in PAGES
        for path, _, image in LINK.findall(page.read_text())
        if not (page.parent / (path or image)).exists()
    ]

    assert broken == []


def test_every_link_to_a_section_leads_to_a_heading():
    broken = [
        f"{page.relative_to(ROOT)} → {path}#{anchor}"
        for page in PAGES
        for path, anchor, _ in LINK.findall(page.read_text())
        if anchor and anchor not in anchors(page.parent / path)
    ]

    assert broken == []


def test_every_page_is_linked_from_another():
    linked = {(page.parent / path).resolve() for page in PAGES for path, _, _ in LINK.findall(page.read_text()) if path}
    unlinked = [str(page.relative_to(ROOT)) for page in (ROOT / "docs").rglob("*.md") if page.resolve() not in linked]

    assert unlinked == []


def test_docs_lie_in_folders_by_what_they_are_for():
    outside = [page.name for page in (ROOT / "docs").glob("*.md")]

    assert sorted(outside) == ["README.md", "benchmarks.md", "reliability.md"]
    assert {path.name for path in (ROOT / "docs").iterdir() if path.is_dir()} == {*FOLDERS, "images"}


def test_a_decision_has_at_most_40_lines():
    decisions = sorted((ROOT / "docs" / "decisions").glob("0*.md"))

    assert decisions
    assert [path.name for path in decisions if len(path.read_text().splitlines()) > 40] == []


def test_a_decisions_heading_begins_with_its_number():
    decisions = sorted((ROOT / "docs" / "decisions").glob("0*.md"))

    assert [path.name for path in decisions if not path.read_text().startswith(f"# {path.name[:4]} ")] == []


def anchors(page):
    """The anchors that the headings of a page have on GitHub."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings}


def test_the_glossary_has_every_term_once_with_a_meaning():
    page = (ROOT / "docs/reference/glossary.md").read_text()
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| ") and "---" not in line]
    terms = [row[0] for row in rows if row[0] != "term"]

    assert len(terms) == len(set(terms)) > 60
    assert [row[0] for row in rows if len(row) != 3] == []
