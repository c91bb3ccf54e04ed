from shoplake.simulate.zenith.pages import (
    BROWSED,
    BROWSED_SHARE,
    CART,
    CHANNEL_SHARE,
    CHANNELS,
    CHECKOUT,
    COMPLETE,
    PATHS,
)


def test_every_page_and_channel_has_its_share():
    assert (len(BROWSED), len(CHANNELS)) == (len(BROWSED_SHARE), len(CHANNEL_SHARE))
    assert (sum(BROWSED_SHARE), sum(CHANNEL_SHARE)) == (100, 100)


def test_the_way_through_the_checkout_has_its_pages():
    assert [PATHS[page] for page in (CART, CHECKOUT, COMPLETE)] == ["/cart", "/checkout", "/checkout/complete"]


def test_the_first_channel_is_direct():
    assert CHANNELS[0] == (None, None, None)
