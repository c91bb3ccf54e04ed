from itertools import groupby

import numpy as np
import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from shoplake.transforms.page_paths import MAX_PAGES, PAGE_TYPES, collect_paths, page_code

SITE = "https://www.shop.example"


@pytest.mark.parametrize(
    ("name", "url", "expected"),
    [
        ("page_view", SITE, "home"),
        ("page_view", f"{SITE}/", "home"),
        ("page_view", f"{SITE}/?utm_source=x", "home"),
        ("page_view", f"{SITE}/Category/kitchen", "category"),
        ("page_view", "/search?q=gift", "search"),
        ("page_view", f"{SITE}/product/7", "product"),
        ("page_view", f"{SITE}/checkout/complete", "checkout"),
        ("page_view", f"{SITE}/about/delivery", "other"),
        ("page_view", None, "other"),
        ("product_view", f"{SITE}/", "product"),
        ("checkout_started", None, "checkout"),
        ("purchase", None, "purchase"),
        ("newsletter", None, "other"),
    ],
)
def test_the_page_type_follows_the_event_and_the_url(spark, name, url, expected):
    rows = spark.createDataFrame([(name, url)], "event_name string, page_url string")

    [code] = rows.select(page_code("event_name", "page_url")).first()

    assert PAGE_TYPES[code] == expected


@settings(max_examples=examples(100))
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 4), st.integers(0, 3)), max_size=30))
def test_paths_are_those_of_plain_python(rows):
    rows = sorted(rows, key=lambda row: row[:2])
    numbers = {session: number for number, session in enumerate(sorted({row[0] for row in rows}))}
    expected = [
        [PAGE_TYPES[code] for code, _ in groupby(code for _, _, code in sorted(of_session))][:MAX_PAGES]
        for _, of_session in groupby(rows, key=lambda row: row[0])
    ]

    session, at, code = (np.array([row[place] for row in rows], np.int64) for place in range(3))
    session = np.array([numbers[each] for each in session], np.int64)

    assert collect_paths(code, at, session).to_pylist() == expected
