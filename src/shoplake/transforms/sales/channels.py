"""Marketing channels: one grouping of traffic sources for every table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import Column

CHANNELS = (
    "direct",
    "organic_search",
    "paid_search",
    "paid_social",
    "social",
    "email",
    "affiliate",
    "referral",
    "display",
    "(other)",
)
"""All channels that `channel` returns."""
PAID_CHANNELS = ("paid_search", "paid_social", "display", "affiliate")
"""Channels that a shop pays for by the click, the view or the sale."""
SEARCH_SITES = r"(^|[./])(google|bing|yahoo|duckduckgo|baidu|yandex|ecosia|qwant|startpage|brave)(\z|[./])"
SOCIAL_SITES = (
    r"(^|[./])(facebook|fb|instagram|ig|tiktok|pinterest|twitter|x|t\.co|linkedin|reddit|snapchat|threads|meta|youtube)"
    r"(\z|[./])"
)
PAYMENT_PROVIDERS = (
    r"(^|[./])(paypal|stripe|klarna|adyen|mollie|worldpay|sagepay|opayo|braintree|braintreegateway|afterpay|clearpay"
    r"|sofort|giropay|amazonpay|3dsecure|arcot|securesuite)(\z|[./])"
)
"""Sites that send a customer back to the shop after paying; they bring nobody."""
UNSET = ("", "(direct)", "direct", "(none)", "none", "(not set)")
PAID_MEDIUM = r"^(.*cp.*|ppc|paid.*|retargeting|sem)\z"
PAID_SOCIAL_MEDIUM = r"^(paid|cpc)[ _-]?social\z"
DISPLAY_MEDIUM = ("display", "banner", "cpm", "interstitial", "expandable")
SOCIAL_MEDIUM = ("social", "social-network", "social-media", "social_media", "sm", "social network", "social media")
EMAIL = ("email", "e-mail", "e_mail", "e mail", "newsletter")
AFFILIATE_MEDIUM = ("affiliate", "affiliates")
REFERRAL_MEDIUM = ("referral", "link", "app")


def channel(utm_source: Column | str, utm_medium: Column | str) -> Column:
    """Group a source and a medium to one of `CHANNELS`; upper and lower case and outer blanks do not matter.

    The rules and their order follow the default channel group of Google Analytics 4, with three differences: a paid
    click from neither a search nor a social site is `paid_search`, since `cpc` alone most often means that; video and
    shopping are no channels of their own; and a source and a medium that no rule matches are `(other)`, never lost.
    A missing source and medium, `(direct)` and `(none)` are `direct`.
    """
    source, medium = _normalise(utm_source), _normalise(utm_medium)
    is_linked = medium.isNull() | medium.isin(*REFERRAL_MEDIUM)
    return (
        F.when(source.isNull() & medium.isNull(), "direct")
        .when(medium.isin(*AFFILIATE_MEDIUM), "affiliate")
        .when(medium.isin(*EMAIL) | (medium.isNull() & source.isin(*EMAIL)), "email")
        .when(medium.isin(*DISPLAY_MEDIUM), "display")
        .when(medium.rlike(PAID_SOCIAL_MEDIUM), "paid_social")
        .when(medium.rlike(PAID_MEDIUM) & source.rlike(SOCIAL_SITES), "paid_social")
        .when(medium.rlike(PAID_MEDIUM), "paid_search")
        .when(medium.isin(*SOCIAL_MEDIUM) | (is_linked & source.rlike(SOCIAL_SITES)), "social")
        .when((medium == "organic") | (is_linked & source.rlike(SEARCH_SITES)), "organic_search")
        .when(medium.isin(*REFERRAL_MEDIUM), "referral")
        .otherwise("(other)")
    )


def is_paid(channel: Column | str) -> Column:
    """Whether a channel is one of `PAID_CHANNELS`."""
    return _to_column(channel).isin(*PAID_CHANNELS)


def is_returning_from_payment(utm_source: Column | str) -> Column:
    """Whether a source is a payment provider, which sends customers back and brings none; false for null."""
    return F.coalesce(_normalise(utm_source).rlike(PAYMENT_PROVIDERS), F.lit(False))


def is_self_referral(utm_source: Column | str, landing_page: Column | str) -> Column:
    """Whether a source is the host of the page that it leads to, with or without `www.`; false for null."""
    page = F.lower(_to_column(landing_page))
    host = F.regexp_extract(page, r"^[a-z]+://(www\.)?([^/:?#]+)", 2)
    source = F.regexp_replace(_normalise(utm_source), r"^www\.", "")
    is_named = F.contains(page, source) & (source != "")
    return F.when(is_named, source == host).otherwise(F.lit(False))


def _normalise(text: Column | str) -> Column:
    """Return a text in lower case without outer blanks; null where it says that there is none."""
    lowered = F.lower(F.trim(_to_column(text)))
    return F.when(~lowered.isin(*UNSET), lowered)


def _to_column(column_or_name: Column | str) -> Column:
    return F.col(column_or_name) if isinstance(column_or_name, str) else column_or_name
