from functools import cache

import pyarrow as pa
import pytest
from ua_parser import BasicResolver

from shoplake.columns import user_agent
from shoplake.columns.user_agent import parse_batch, parse_text, parse_user_agent
from shoplake.simulate.user_agents import BOTS, PEOPLE

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36"
)


@pytest.mark.parametrize("known", PEOPLE, ids=lambda known: known.text[:45])
def test_the_device_of_a_person_is_found_and_is_no_bot(known):
    assert (parse_text(known.text).device, parse_text(known.text).is_bot) == (known.device, False)


@pytest.mark.parametrize("known", BOTS, ids=lambda known: known.text[:45])
def test_a_bot_is_flagged_and_has_no_device(known):
    assert (parse_text(known.text).device, parse_text(known.text).is_bot) == (None, True)


@pytest.mark.parametrize(
    ("text", "browser"),
    [(CHROME, "Chrome"), (CHROME.replace("Chrome/124", "Edg/124"), "Edge"), (PEOPLE[1].text, "Mobile Safari")],
)
def test_the_browser_is_parsed_to_its_name(text, browser):
    assert parse_text(text).browser == browser


@pytest.mark.parametrize("text", ["", "\x00", "()" * 40, "ü"])
def test_a_text_without_information_has_no_browser_and_no_device(text):
    assert parse_text(text) == (None, None, False)


def test_a_server_without_the_fast_matcher_finds_the_same(monkeypatch):
    texts = [known.text for known in (*PEOPLE, *BOTS)]
    fast = parse_batch(pa.array(texts)).to_pylist()
    monkeypatch.setattr(user_agent, "BestAvailableResolver", BasicResolver)
    for cached in (user_agent.parse_text, user_agent._load_parser):
        monkeypatch.setattr(user_agent, cached.__name__, cache(cached.__wrapped__))

    assert parse_batch(pa.array(texts)).to_pylist() == fast
    assert isinstance(user_agent._load_parser().resolver, BasicResolver)


def test_each_distinct_text_is_parsed_once_and_null_is_null():
    parse_text.cache_clear()

    structs = parse_batch(pa.array([CHROME, None, CHROME, CHROME]))

    assert [row and row["browser"] for row in structs.to_pylist()] == ["Chrome", None, "Chrome", "Chrome"]
    assert (parse_text.cache_info().misses, parse_text.cache_info().hits) == (1, 0)


def test_only_the_beginning_of_a_long_text_is_parsed():
    [structs] = parse_batch(pa.array(["x" * 100_000 + CHROME])).to_pylist()

    assert structs["browser"] is None


def test_a_column_of_texts_becomes_structs(spark):
    rows = spark.createDataFrame([(CHROME,), (None,), (BOTS[0].text,)], "ua string").select(
        parse_user_agent("ua").alias("values")
    )

    structs = [tuple(row.values) if row.values else None for row in rows.collect()]
    assert structs == [("Chrome", "desktop", False), None, ("Googlebot", None, True)]


def flags(*texts):
    """Whether each text is a bot's."""
    return [row and row["is_bot"] for row in parse_batch(pa.array(texts, pa.string())).to_pylist()]


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (compatible; bingbot/2.0)",
        "Mozilla/5.0 (compatible; AhrefsBot/7.0)",
        "Mozilla/5.0 (compatible; Baiduspider/2.0)",
        "facebookexternalhit/1.1",
        "Mozilla/5.0 HeadlessChrome/120.0",
        "curl/8.1.2",
        "python-requests/2.32",
        "SomeCrawler",
    ],
)
def test_a_bot_is_detected_by_its_name(agent):
    assert flags(agent) == [True]


def test_people_and_agents_that_are_missing_are_no_bots():
    chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36"

    assert flags(chrome, "Mozilla/5.0 (Linux; Android 13; Pixel 7)", "", None) == [False] * 3 + [None]


def test_a_phone_made_by_cubot_is_no_bot():
    assert flags("Mozilla/5.0 (Linux; Android 9; CUBOT X19) AppleWebKit/537.36 Mobile Safari/537.36") == [False]


def test_a_bot_is_detected_by_its_name_behind_the_part_that_is_parsed():
    assert flags(CHROME + " " * 10_000 + "curl/8.1.2", CHROME + " " * 10_000) == [True, False]
