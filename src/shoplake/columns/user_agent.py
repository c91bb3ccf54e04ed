"""User agent parsing: browser, device and bot flag.

Browsers and bots are those of ua-parser (the community's list of patterns, released monthly), and the bots of `BOTS`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
from pyspark.sql import functions as F
from pyspark.sql.pandas.functions import arrow_udf
from ua_parser import BestAvailableResolver, Parser, load_lazy_builtins

from shoplake.columns.schema import data_type

if TYPE_CHECKING:
    from pyspark.sql import Column

MAX_LENGTH = 512
"""Characters of a text that are parsed: no browser sends more, and parsing time grows with the length."""
CACHE_SIZE = 100_000
"""Number of distinct texts in the cache."""
TYPE = "struct<browser: string, device: string, is_bot: boolean>"
ARROW_TYPE = pa.struct([("browser", pa.string()), ("device", pa.string()), ("is_bot", pa.bool_())])
BOTS = re.compile(
    r"(?i)bot/|bot[;)\-]|\bbot\b|crawl|spider|slurp|facebookexternalhit|headless|lighthouse|curl/|python-requests"
)
TABLET = re.compile(r"iPad|Tablet|Kindle|Silk/|PlayBook|Android(?!.*Mobile).*AppleWebKit")
MOBILE = re.compile(r"Mobi|iPhone|iPod|Android|Windows Phone|BlackBerry|Opera Mini")
DESKTOP = re.compile(r"Windows NT|Macintosh|X11|Linux|CrOS")


class ParsedUserAgent(NamedTuple):
    """Browser and device, null where unknown, and whether it is a bot."""

    browser: str | None
    device: str | None
    is_bot: bool


def parse_user_agent(user_agent: str) -> Column:
    """Parse the texts of the column `user_agent` to a struct of `browser`, `device` and `is_bot`; null for null.

    Each distinct text of a batch of rows is parsed once. A user agent is a bot if ua-parser or `BOTS` says so.
    """
    structs: Column = arrow_udf(parse_batch, data_type(TYPE))(F.col(user_agent))  # type: ignore[call-overload]
    return structs


def parse_batch(texts: pa.Array) -> pa.Array:
    """Parse an array of texts to an array of structs; each distinct text is parsed once."""
    coded = texts.dictionary_encode()
    structs = [None if text is None else _parse_whole(text)._asdict() for text in coded.dictionary.to_pylist()]
    return pa.array(structs, ARROW_TYPE).take(coded.indices)


@lru_cache(CACHE_SIZE)
def parse_text(text: str) -> ParsedUserAgent:
    """Parse one text; a bot that ua-parser knows has no device."""
    parser = _load_parser()
    browser, device = parser.parse_user_agent(text), parser.parse_device(text)
    is_spider = device is not None and device.family == "Spider"
    return ParsedUserAgent(
        browser.family if browser else None,
        None if is_spider else _detect_device(text),
        is_spider or _names_bot(text),
    )


@lru_cache(1)
def _load_parser() -> Parser:
    """Load the patterns of browsers and devices with the first text; operating systems are not asked for."""
    browsers, _, devices = load_lazy_builtins()
    return Parser(BestAvailableResolver((browsers, [], devices)))


def _parse_whole(text: str) -> ParsedUserAgent:
    """Parse the head of a text; a bot is named anywhere in it."""
    head = parse_text(text[:MAX_LENGTH])
    return head._replace(is_bot=True) if len(text) > MAX_LENGTH and _names_bot(text) else head


def _names_bot(text: str) -> bool:
    return BOTS.search(text) is not None


def _detect_device(text: str) -> str | None:
    """Detect tablet, mobile or desktop by the keywords that browsers send; null if there is none.

    An Android browser without the keyword Mobile runs on a tablet.
    """
    kinds = {"tablet": TABLET, "mobile": MOBILE, "desktop": DESKTOP}
    return next((name for name, words in kinds.items() if words.search(text)), None)
