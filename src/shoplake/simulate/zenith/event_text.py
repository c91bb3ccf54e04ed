"""Events as lines of JSON, formatted without a loop over events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from shoplake.simulate.rng import scramble
from shoplake.simulate.text import (
    HEX,
    TIME,
    format_money,
    join_texts,
    repeat_template,
    take_texts,
    to_strings,
    write_digits,
    write_hex,
    write_time,
)
from shoplake.simulate.user_agents import USER_AGENTS
from shoplake.simulate.zenith.journeys import MAX_QUANTITY, NAMES
from shoplake.simulate.zenith.pages import CHANNELS, PATHS, SITE

if TYPE_CHECKING:
    from shoplake.simulate.rng import Ints
    from shoplake.simulate.zenith.events import EventRows
    from shoplake.simulate.zenith.products import Products
    from shoplake.simulate.zenith.shop import Shop
    from shoplake.simulate.zenith.visitors import Visitors


class EventText:
    """Formats event lines from pieces that many events share."""

    def __init__(self, shop: Shop, visitors: Visitors, products: Products) -> None:
        self._seed, self._all_visitors, self._products = shop.seed, visitors, products
        self._user_texts = pa.array(
            [_format_user(f'"C{number:07}"') for number in range(1, shop.customers + 1)] + [_format_user("null")]
        )
        self._user_agent_texts = pa.array([_format_user_agent(*user_agent[:3]) for user_agent in USER_AGENTS])
        self._action_texts = pa.array(
            [_format_action(name, count) for name in NAMES for count in range(MAX_QUANTITY + 1)]
        )
        self._page_texts = pa.array(
            [_format_page(path) for path in PATHS] + [_format_page(f"/product/{product}") for product in products.ids]
        )
        end = f'"currency":"{shop.currency}"}}\n'
        self._channel_texts = pa.array([_format_channel(*channel) + end for channel in CHANNELS])
        self.refresh_prices()

    def refresh_prices(self) -> None:
        """Reload the product prices; call it after each snapshot."""
        prices = (self._products.price.tolist(), self._products.next_price.tolist())
        pieces = [
            f'"product_id":"{product}","price":{format_money(price)},'
            for product, both in zip(self._products.ids, zip(*prices, strict=True), strict=True)
            for price in both
        ]
        self._product_texts = pa.array(['"product_id":null,"price":null,', *pieces])

    def format_lines(self, rows: EventRows) -> pa.StringArray:
        """Format events between the current snapshot and the next as lines, each with its line end."""
        return join_texts(
            self._format_heads(rows),
            self._format_visitors(rows),
            take_texts(self._action_texts, rows.name * (MAX_QUANTITY + 1) + rows.quantity),
            take_texts(self._product_texts, self._price_positions(rows)),
            take_texts(self._page_texts, rows.page),
            _format_orders(rows.order),
            take_texts(self._channel_texts, rows.channel),
        )

    def _format_heads(self, rows: EventRows) -> pa.StringArray:
        cells = repeat_template(f'{{"event_id":"e{HEX}","event_ts":"{TIME}",', len(rows))
        write_hex(cells, 14, scramble(rows.number, self._seed, "event"))
        write_time(cells, 44, rows.at)
        return to_strings(cells)

    def _format_visitors(self, rows: EventRows) -> pa.StringArray:
        cells = repeat_template(f'"anonymous_id":"a{HEX}","session_id":"s{HEX}",', len(rows))
        write_hex(cells, 17, scramble(rows.visitor, self._seed, "visitor"))
        write_hex(cells, 50, scramble(rows.session, self._seed, "visit"))
        customer = np.minimum(rows.visitor, self._all_visitors.customers)
        user_agent = self._all_visitors.user_agent[rows.visitor].astype(np.int64)
        return join_texts(
            take_texts(self._user_texts, customer), to_strings(cells), take_texts(self._user_agent_texts, user_agent)
        )

    def _price_positions(self, rows: EventRows) -> Ints:
        has_next = self._products.has_next_price(rows.product, rows.at)
        return np.where(rows.product < 0, 0, 1 + 2 * rows.product + has_next)


def _format_orders(order: Ints) -> pa.StringArray:
    is_order = order > 0
    numbers = order[is_order]
    cells = repeat_template('"order_id":"O000000000",', len(numbers))
    write_digits(cells, 13, 9, numbers)
    pieces = pa.concat_arrays([pa.array(['"order_id":null,']), to_strings(cells)])
    return take_texts(pieces, np.where(is_order, np.cumsum(is_order), 0))


def _format_user(customer: str) -> str:
    return f'"user_id":{customer},'


def _format_user_agent(user_agent: str, device: str, platform: str) -> str:
    return f'"device":"{device}","platform":"{platform}","user_agent":"{user_agent}",'


def _format_action(name: str, quantity: int) -> str:
    return f'"event_name":"{name}","quantity":{quantity or "null"},'


def _format_page(path: str) -> str:
    return f'"page_url":"{SITE}{path}",'


def _format_channel(source: str | None, medium: str | None, campaign: str | None) -> str:
    tags = {"utm_source": source, "utm_medium": medium, "utm_campaign": campaign}
    return "".join(f'"{name}":{json.dumps(value)},' for name, value in tags.items())
