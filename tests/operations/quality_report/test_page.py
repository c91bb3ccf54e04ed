from dataclasses import replace
from html.parser import HTMLParser

from shoplake.operations.quality_report.content import collect
from shoplake.operations.quality_report.page import LINKS, render, verdict

VOID = {"meta"}


class Elements(HTMLParser):
    """The tags and ids of a page, and tags that are not closed in order."""

    def __init__(self):
        super().__init__()
        self.tags, self.ids, self.open, self.wrong = set(), set(), [], []

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.ids |= {value for name, value in attributes if name == "id"}
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.add(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def parsed(content):
    elements = Elements()
    elements.feed(render(content))
    return elements


def test_the_same_lake_makes_the_same_bytes(sample, content):
    tables = [sample.catalog["marks"], sample.catalog["latest"]]

    assert render(collect(sample.engine, sample.catalog, sample.state, tables)) == render(content)


def test_a_page_is_well_formed_has_no_script_and_loads_nothing(content):
    elements, html = parsed(content), render(content)

    assert (elements.wrong, elements.open) == ([], [])
    assert elements.tags.isdisjoint({"script", "link", "img", "iframe"}) and "http" not in html
    assert {id for id, _ in LINKS} <= elements.ids


def test_names_and_values_are_text_and_no_markup(content):
    row = content.quarantine[0] | {"examples": [("<b>x</b>", "<i>")], "reason": "a<b"}
    html = render(replace(content, lake="<u>", quarantine=[row]))

    assert "&lt;b&gt;x&lt;/b&gt;" in html and "a&lt;b" in html and "<b>" not in html and "<u>" not in html


def test_a_lake_with_a_failing_gate_is_a_warning_and_a_stop_is_a_failure(content):
    empty = replace(content, incidents=[], tables=[], rules=[], gates=[])

    assert verdict(empty) == "PASS"
    assert verdict(replace(empty, gates=content.gates)) == "WARN"
    assert verdict(replace(empty, gates=[content.gates[0] | {"status": "stop"}])) == "FAIL"
