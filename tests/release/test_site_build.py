import re
import subprocess

import pytest
from deploy.environments import ROOT, make_environment

from tools.site import REPOSITORY, link_to_repository, stage_site

DOCS = ROOT / "docs"
PAGE = DOCS / "how-to" / "a.md"


@pytest.mark.parametrize(
    ("link", "on_the_site"),
    [
        ("[a](../../CONTRIBUTING.md#add-a-table)", f"[a]({REPOSITORY}/CONTRIBUTING.md#add-a-table)"),
        ("[a](../concepts/money.md)", "[a](../concepts/money.md)"),
        ("[a](#here)", "[a](#here)"),
        ("[a](https://delta.io/x)", "[a](https://delta.io/x)"),
    ],
)
def test_only_a_link_out_of_the_docs_becomes_an_address(link, on_the_site):
    assert link_to_repository(link, PAGE, DOCS) == on_the_site


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the site, built where every warning is an error."""
    bin = make_environment(tmp_path_factory.mktemp("zensical"), ROOT / "tools/site_requirements.txt")
    folder = tmp_path_factory.mktemp("site") / "build"
    settings = stage_site(folder)
    done = subprocess.run(
        [bin / "zensical", "build", "--strict", "-f", settings], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return folder / "site"


@pytest.mark.slow
def test_the_site_has_each_page_of_the_docs(site):
    pages = {path.relative_to(DOCS).with_suffix("") for path in DOCS.rglob("*.md") if path.name != "README.md"}

    assert [str(page) for page in pages if not (site / page / "index.html").is_file()] == []


@pytest.mark.slow
def test_no_page_of_the_site_loads_anything_from_another_server(site):
    loads = re.compile(
        r'<(?:script|img|iframe)[^>]*src="(https?:[^"]*)"|<link[^>]*rel="stylesheet"[^>]*href="(https?:[^"]*)"'
    )

    assert {found for page in site.rglob("*.html") for found in loads.findall(page.read_text())} == set()
