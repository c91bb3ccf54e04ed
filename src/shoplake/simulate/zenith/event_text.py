"""Events as lines of JSON, made without a loop over events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from shoplake.simulate.rng import mixed
from shoplake.simulate.text import (
    HEX,
    TIME,
    block,
    joined,
    money_text,
    strings,
    taken,
    write_digits,
    write_hex,
    write_time,
)
from shoplake.simulate.user_agents import AGENTS
from shoplake.simulate.zenith.journeys import MOST_QUANTITY, NAMES
from shoplake.simulate.zenith.pages import CHANNELS, PATHS, SITE

if TYPE_CHECKING:
    from shoplake.simulate.rng import Ints
    from shoplake.simulate.zenith.events import Rows
    from shoplake.simulate.zenith.products import Catalogue
    from shoplake.simulate.zenith.shop import Shop
    from shoplake.simulate.zenith.visitors import Crowd


class EventText:
    """Puts the line of an event together from pieces that many events share."""

    def __init__(self, shop: Shop, crowd: Crowd, catalogue: Catalogue) -> None:
        self._seed, self._crowd, self._catalogue = shop.seed, crowd, catalogue
        self._users = pa.array([_user(f'"C{number:07}"') for number in range(1, shop.customers + 1)] + [_user("null")])
        self._agents = pa.array([_agent(*agent[:3]) for agent in AGENTS])
        self._actions = pa.array([_action(name, count) for name in NAMES for count in range(MOST_QUANTITY + 1)])
        self._pages = pa.array(
            [_page(path) for path in PATHS] + [_page(f"/product/{product}") for product in catalogue.ids]
        )
        end = f'"currency":"{shop.currency}"}}\n'
        self._channels = pa.array([_channel(*channel) + end for channel in CHANNELS])
        self.price_pieces()

    def price_pieces(self) -> None:
        """Take over the catalogue's prices: to be called after each snapshot."""
        prices = (self._catalogue.price.tolist(), self._catalogue.next_price.tolist())
        pieces = [
            f'"product_id":"{product}","price":{money_text(price)},'
            for product, both in zip(self._catalogue.ids, zip(*prices, strict=True), strict=True)
            for price in both
        ]
        self._products = pa.array(['"product_id":null,"price":null,', *pieces])

    def lines(self, rows: Rows) -> pa.StringArray:
        """The lines of events that lie between the current snapshot and the next, each with its line end."""
        return joined(
            self._heads(rows),
            self._visitors(rows),
            taken(self._actions, rows.name * (MOST_QUANTITY + 1) + rows.quantity),
            taken(self._products, self._product_pieces(rows)),
            taken(self._pages, rows.page),
            _orders(rows.order),
            taken(self._channels, rows.channel),
        )

    def _heads(self, rows: Rows) -> pa.StringArray:
        cells = block(f'{{"event_id":"e{HEX}","event_ts":"{TIME}",', len(rows))
        write_hex(cells, 14, mixed(rows.number, self._seed, "event"))
        write_time(cells, 44, rows.at)
        return strings(cells)

    def _visitors(self, rows: Rows) -> pa.StringArray:
        cells = block(f'"anonymous_id":"a{HEX}","session_id":"s{HEX}",', len(rows))
        write_hex(cells, 17, mixed(rows.visitor, self._seed, "visitor"))
        write_hex(cells, 50, mixed(rows.visit, self._seed, "visit"))
        customer = np.minimum(rows.visitor, self._crowd.customers)
        agent = self._crowd.agent[rows.visitor].astype(np.int64)
        return joined(taken(self._users, customer), strings(cells), taken(self._agents, agent))

    def _product_pieces(self, rows: Rows) -> Ints:
        has_next = self._catalogue.has_next_price(rows.product, rows.at)
        return np.where(rows.product < 0, 0, 1 + 2 * rows.product + has_next)


def _orders(order: Ints) -> pa.StringArray:
    is_order = order > 0
    numbers = order[is_order]
    cells = block('"order_id":"O000000000",', len(numbers))
    write_digits(cells, 13, 9, numbers)
    pieces = pa.concat_arrays([pa.array(['"order_id":null,']), strings(cells)])
    return taken(pieces, np.where(is_order, np.cumsum(is_order), 0))


def _user(customer: str) -> str:
    return f'"user_id":{customer},'


def _agent(user_agent: str, device: str, platform: str) -> str:
    return f'"device":"{device}","platform":"{platform}","user_agent":"{user_agent}",'


def _action(name: str, quantity: int) -> str:
    return f'"event_name":"{name}","quantity":{quantity or "null"},'


def _page(path: str) -> str:
    return f'"page_url":"{SITE}{path}",'


def _channel(source: str | None, medium: str | None, campaign: str | None) -> str:
    tags = {"utm_source": source, "utm_medium": medium, "utm_campaign": campaign}
    return "".join(f'"{name}":{json.dumps(value)},' for name, value in tags.items())
