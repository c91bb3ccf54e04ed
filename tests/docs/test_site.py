import re

import pytest

from tools.docs.site import PAGES, generated_pages, orphaned_pages
from tools.docs.sources import ROOT


@pytest.fixture(scope="module")
def pages():
    return generated_pages(ROOT)


def test_every_generated_page_matches_the_declarations(pages):
    stale = [str(path) for path, text in pages.items() if not path.is_file() or path.read_text() != text]

    assert not stale, f"run `make docs`: {', '.join(stale)}"


def test_no_page_remains_of_a_table_that_no_longer_exists(pages):
    assert orphaned_pages(ROOT, pages) == []


def test_a_page_without_a_table_is_an_orphan(tmp_path):
    orphan, current = tmp_path / PAGES / "gold.gone.md", tmp_path / PAGES / "gold.here.md"
    orphan.parent.mkdir(parents=True)
    for path in (orphan, current):
        path.touch()

    assert orphaned_pages(tmp_path, [current]) == [orphan]


def test_the_readme_has_every_generated_block():
    assert set(re.findall(r"<!-- generated: (\w+) -->", (ROOT / "README.md").read_text())) == {"demo", "gold", "kinds"}


def test_the_readme_has_at_most_200_lines():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 200


def test_the_generators_are_not_in_the_package():
    assert not (ROOT / "src/shoplake/docs").exists()
    assert 'packages = ["src/shoplake"]' in (ROOT / "pyproject.toml").read_text()
