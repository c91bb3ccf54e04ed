"""Every kind of link over the lake of a demo: it answers, and it lists as much as the number that was clicked."""

import re
from collections import Counter, deque
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import pytest

from shoplake.cli.main import main
from shoplake.serve.dashboard.part import PAGES
from tools.screenshots import open_client

COUNTED = re.compile(r": ([\d,]+) rows?(?:, ([\d,]+) orders?, ([\d,]+) units?)?</h1>")
NUMBER = re.compile(r"([\d,]+)(?: left)?")
FIRST = (*PAGES, "/?days=90", "/products?days=90")
MOST_REQUESTS, MOST_CLICKS, NUMBERS_OF_A_PAGE = 500, 2, 60


class Links(HTMLParser):
    """The links of a page with their texts."""

    def __init__(self, html):
        super().__init__()
        self.found, self._href = [], None
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self._href = dict(attributes)["href"] if tag == "a" else self._href

    def handle_data(self, text):
        if self._href is not None:
            self.found.append((self._href, text.strip()))

    def handle_endtag(self, tag):
        self._href = None if tag == "a" else self._href


class Crawl:
    """Follows one link of each kind: a path, without the name of a thing, and the names of its parameters."""

    def __init__(self, client):
        self.client, self.failed, self.differing, self.asked = client, [], [], Counter()
        waiting, seen = deque((path, 0) for path in FIRST), {kind_of(path) for path in FIRST}
        while waiting:
            path, clicks = waiting.popleft()
            for href, _ in self._links(path):
                if kind_of(href) not in seen and clicks < MOST_CLICKS:
                    seen.add(kind_of(href))
                    waiting.append((href, clicks + 1))

    def get(self, path):
        self.asked[path] += 1
        response = self.client.get(path)
        self.failed += [] if response.status_code == 200 else [(path, response.status_code)]
        return response

    def _links(self, path):
        response = self.get(path)
        if path == "/docs" or not response.headers["Content-Type"].startswith("text/html"):
            return []
        links = [link for link in Links(response.text).found if link[0].startswith("/")]
        numbers = [link for link in links if link[0].startswith("/rows/") and NUMBER.fullmatch(link[1])]
        new = [(href, text) for href, text in numbers if href not in self.asked]
        for href, text in new[: NUMBERS_OF_A_PAGE if path in FIRST else 1]:
            self._compare(path, href, NUMBER.fullmatch(text)[1])
        return links

    def _compare(self, page, href, number):
        counted = COUNTED.search(self.get(href).text)
        if counted is None or number not in counted.groups():
            self.differing.append((page, href, number, counted and counted.groups()))


def kind_of(href):
    address = urlsplit(href)
    path = re.sub(r"^(/(?:v1/)?(?:products|customers)/)[^/]+", r"\1*", address.path)
    return path, tuple(sorted(parse_qs(address.query)))


@pytest.fixture(autouse=True)
def few():
    """A demo has all tables."""


@pytest.fixture(scope="module")
def crawl(tmp_path_factory):
    """A crawl over the pages of a demo's lake, for a role that sees personal data."""
    folder = tmp_path_factory.mktemp("crawled")
    main(["demo", "--folder", str(folder / "demo"), "--events", "6000"], standalone_mode=False)
    client = open_client(folder / "demo" / "shoplake.toml", str(folder / "served"))
    return Crawl(client)


@pytest.mark.slow
def test_every_link_of_every_page_answers(crawl):
    assert crawl.failed == []
    assert 150 < crawl.asked.total() <= MOST_REQUESTS


@pytest.mark.slow
def test_every_drill_down_lists_as_much_as_the_number_that_was_clicked(crawl):
    assert crawl.differing == []
