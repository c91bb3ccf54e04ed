import re
from html.parser import HTMLParser

import pytest

from shoplake.serve.dashboard.part import PAGES

EACH_PAGE = [*PAGES, "/journey?by=device", "/customers/C3", "/products/P4", "/rows/sales_lines", "/rows/quality"]
VOID = {"meta", "link", "input", "br"}


class Checker(HTMLParser):
    """Finds elements that are not closed, inline styles and scripts, and all links."""

    def __init__(self):
        super().__init__()
        self.open, self.links, self.problems, self.ids = [], [], [], []

    def handle_starttag(self, tag, attributes):
        names = dict(attributes)
        self.problems += [f"{tag} {name}" for name in names if name == "style" or name.startswith("on")]
        self.problems += [tag] if tag in ("script", "style") else []
        self.links += [names["href"]] if tag == "a" else []
        self.ids += [names["id"]] if "id" in names else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}>")


def check(html):
    checker = Checker()
    checker.feed(html)
    return checker


@pytest.fixture(scope="module")
def pages(admin):
    return {path: admin.get(path) for path in EACH_PAGE}


@pytest.mark.parametrize("path", EACH_PAGE)
def test_a_page_is_well_formed_and_has_nothing_that_the_policy_forbids(pages, path):
    checked = check(pages[path].text)

    assert pages[path].status_code == 200
    assert (checked.problems, checked.open) == ([], [])
    assert len(checked.ids) == len(set(checked.ids))


@pytest.mark.parametrize("path", [path for path in EACH_PAGE if not path.startswith("/rows")])
def test_a_page_is_at_most_thirty_kilobytes_on_the_wire(admin, path):
    with admin.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as response:
        sent = sum(map(len, response.iter_raw()))

    assert response.headers["content-encoding"] == "gzip" and 1000 < sent < 30_000


def test_every_link_of_every_page_can_be_followed(admin, pages):
    links = {link.split("#")[0] for page in pages.values() for link in check(page.text).links}
    by_shape = {re.sub(r"=[^&]*", "=", re.sub(r"/(products|customers)/\w+", r"/\1/x", link)): link for link in links}

    broken = {link for link in by_shape.values() if link and admin.get(link).status_code != 200}
    assert not broken and len(by_shape) > 40


def test_an_analyst_sees_no_customer_and_no_link_to_one(browse, generation):
    analyst = browse(generation, "analyst")

    assert analyst.get("/customers/C3").status_code == 403
    assert 'href="/customers/C3' not in analyst.get("/customers").text


def test_pages_are_never_cached_and_assets_always(admin):
    html = admin.get("/")
    style = re.search(r'href="(/assets/\w+/style.css)"', html.text)[1]

    assert html.headers["cache-control"] == "no-store"
    assert "immutable" in admin.get(style).headers["cache-control"]


def test_an_unknown_asset_is_not_found(admin):
    assert admin.get("/assets/1/../../secret").status_code == 404
    assert admin.get("/assets/1/other.css").status_code == 404
