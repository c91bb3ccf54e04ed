import re
from xml.etree import ElementTree

from shoplake.declare import OnDemand
from tools.docs.demo_output import (
    EXCERPT,
    PICTURE,
    PICTURE_WIDTH,
    draw_svg,
    excerpt,
    picture_lines,
    read_transcript,
    split_sections,
)
from tools.docs.sources import ROOT

SVG = "{http://www.w3.org/2000/svg}"
TRANSCRIPT = read_transcript()


def test_the_picture_is_drawn_from_the_transcript():
    assert (ROOT / PICTURE).read_text() == draw_svg(picture_lines(TRANSCRIPT), "shoplake demo")


def test_the_transcript_names_every_gold_table_that_a_run_writes(catalog):
    written = [table for table in catalog.values() if not isinstance(table.write, OnDemand)]
    gold = {table.qualified_name for table in written if table.layer == "gold"}

    assert {name for name in gold if name not in TRANSCRIPT} == set()


def test_the_excerpt_has_a_header_a_row_per_table_and_the_totals():
    header, *rows, blank, totals = excerpt(TRANSCRIPT).splitlines()

    assert header.startswith("table ")
    assert [row.split()[0] for row in rows] == [row for row in TRANSCRIPT.split() if row in EXCERPT][: len(EXCERPT)]
    assert blank == ""
    assert re.search(r" s: [\d,]+ (records|events)/s$", totals)


def test_the_picture_fits_its_width():
    assert max(map(len, picture_lines(TRANSCRIPT).splitlines())) <= PICTURE_WIDTH


def test_the_picture_loads_nothing_from_elsewhere():
    assert re.findall(r"url\(\s*[\"']?(?!#)[^)]*\)|@import|<image", (ROOT / PICTURE).read_text()) == []


def test_no_text_of_the_picture_begins_with_a_space():
    picture = ElementTree.parse(ROOT / PICTURE)
    texts = [text.text or "" for text in picture.iter(f"{SVG}text") if (text.text or "").strip(" \xa0\n")]

    assert texts
    assert [text for text in texts if text[0] == "\xa0"] == []


def test_a_transcript_is_split_at_its_titles():
    assert split_sections("First ───\na\nb\n\nSecond ───\nc\n") == {"First": "a\nb", "Second": "c"}
