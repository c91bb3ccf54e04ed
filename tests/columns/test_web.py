import pytest

from shoplake.columns.web import EVENT_NAMES, event_name, is_bot


@pytest.fixture
def apply(spark):
    """What a column helper makes of each of some texts."""

    def each(helper, *texts):
        rows = spark.createDataFrame(list(enumerate(texts)), "at int, text string")
        return [row.apply for row in rows.select("at", helper("text").alias("apply")).orderBy("at").collect()]

    return each


def test_the_names_of_the_model_stay_and_its_other_spellings_are_mapped(apply):
    spelled = {"view": "product_view", "view_product": "product_view", "addtocart": "add_to_cart"}
    spelled |= {"transaction": "purchase", "wishlist": "wishlist", "Page View": "Page View"}
    names = ("page_view", "product_view", "add_to_cart", "remove_from_cart", "checkout_started", "purchase")

    assert apply(event_name, *spelled, *names) == [*spelled.values(), *names]
    assert set(EVENT_NAMES) == set(names)


def test_a_missing_name_stays_missing(apply):
    assert apply(event_name, None) == [None]


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
def test_a_bot_is_detected_by_its_name(apply, agent):
    assert apply(is_bot, agent) == [True]


def test_people_and_agents_that_are_missing_are_no_bots(apply):
    chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36"

    assert apply(is_bot, chrome, "Mozilla/5.0 (Linux; Android 13; Pixel 7)", "", None) == [False] * 4


def test_a_phone_made_by_cubot_is_no_bot(apply):
    assert apply(is_bot, "Mozilla/5.0 (Linux; Android 9; CUBOT X19) AppleWebKit/537.36 Mobile Safari/537.36") == [False]
