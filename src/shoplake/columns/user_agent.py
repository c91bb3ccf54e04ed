"""What a user agent says: which browser, on what device, and whether it is a program.

Browsers and programs are those that ua-parser knows (the community's list of patterns, released monthly).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
from pyspark.sql import functions as F
from pyspark.sql.pandas.functions import arrow_udf
from ua_parser import parse as read_user_agent

if TYPE_CHECKING:
    from pyspark.sql import Column

LONGEST = 512
"""Characters of a text that are looked at: no browser says more, and a pattern's time grows with it."""
KNOWN = 100_000
"""Texts that are remembered."""
TYPE = "struct<browser: string, device: string, is_bot: boolean>"
ARROW_TYPE = pa.struct([("browser", pa.string()), ("device", pa.string()), ("is_bot", pa.bool_())])
TABLET = re.compile(r"iPad|Tablet|Kindle|Silk/|PlayBook|Android(?!.*Mobile).*AppleWebKit")
MOBILE = re.compile(r"Mobi|iPhone|iPod|Android|Windows Phone|BlackBerry|Opera Mini")
DESKTOP = re.compile(r"Windows NT|Macintosh|X11|Linux|CrOS")


class ParsedUserAgent(NamedTuple):
    """What one text says: browser and device, null where nobody knows, and whether it is a program."""

    browser: str | None
    device: str | None
    is_bot: bool


def parse_user_agent(user_agent: str) -> Column:
    """What the texts of the column `user_agent` say, as `browser`, `device` and `is_bot`; null for null.

    Each distinct text of a block of rows is looked at once.
    """
    looked_at: Column = arrow_udf(distinct, TYPE)(F.col(user_agent))  # type: ignore[call-overload]
    return looked_at


def distinct(texts: pa.Array) -> pa.Array:
    """What the texts say, each distinct one looked at once."""
    coded = texts.dictionary_encode()
    told = [None if text is None else parsed(text[:LONGEST])._asdict() for text in coded.dictionary.to_pylist()]
    return pa.array(told, ARROW_TYPE).take(coded.indices)


@lru_cache(KNOWN)
def parsed(text: str) -> ParsedUserAgent:
    """What a text says; a program runs on no device."""
    found = read_user_agent(text)
    browser = found.user_agent.family if found.user_agent else None
    is_bot = found.device is not None and found.device.family == "Spider"
    return ParsedUserAgent(browser, None if is_bot else _device(text), is_bot)


def _device(text: str) -> str | None:
    """tablet, mobile or desktop, after the words that browsers put there for this; null if there is none.

    An Android browser that does not say Mobile is a tablet's.
    """
    kinds = {"tablet": TABLET, "mobile": MOBILE, "desktop": DESKTOP}
    return next((name for name, words in kinds.items() if words.search(text)), None)
