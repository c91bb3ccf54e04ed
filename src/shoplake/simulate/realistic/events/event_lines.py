"""Events as lines of JSON, formatted without a loop over events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from shoplake.simulate.realistic.channels import channels_of
from shoplake.simulate.realistic.money import format_amounts
from shoplake.simulate.realistic.planted.injections import plant_paths
from shoplake.simulate.rng import scramble
from shoplake.simulate.text import (
    HEX,
    TIME,
    join_texts,
    repeat_template,
    take_texts,
    to_strings,
    write_digits,
    write_hex,
    write_time,
)
from shoplake.simulate.user_agents import USER_AGENTS
from shoplake.simulate.zenith.journeys import NAMES
from shoplake.simulate.zenith.pages import BROWSED, PATHS, SITE

if TYPE_CHECKING:
    from shoplake.simulate.realistic.catalogue import Catalogue
    from shoplake.simulate.realistic.customers.people import People
    from shoplake.simulate.realistic.events.visits import Events
    from shoplake.simulate.realistic.markets import Markets
    from shoplake.simulate.realistic.options import Options
    from shoplake.simulate.rng import Flags, Ints


class EventLines:
    """Formats event lines from pieces that many events share; `order_numbers` are by position of the order."""

    def __init__(
        self, options: Options, people: People, catalogue: Catalogue, markets: Markets, order_numbers: Ints
    ) -> None:
        self._seed, self._people, self._order_numbers = options.seed, people, order_numbers
        self._agents = pa.array([_agent(agent.text, agent.device, agent.platform) for agent in USER_AGENTS])
        self._names = pa.array([f'"event_name":"{name}","quantity":' for name in NAMES])
        self._products = pa.array([f',"product_id":"{product}","price":' for product in catalogue.ids])
        self._pages = pa.array(
            [f',"page_url":{json.dumps(SITE + path)}' for path in _paths(options)]
            + [f',"page_url":"{SITE}/product/{product}"' for product in catalogue.ids]
        )
        self._channels = pa.array(
            [_tags(channel.source, channel.medium, channel.campaign) for channel in channels_of(options)]
        )
        self._currencies = pa.array([f',"currency":"{currency}"}}\n' for currency in markets.currencies])

    def format(self, numbers: Ints, events: Events) -> pa.StringArray:
        """Format events as lines with their line ends; `numbers` make the event ids."""
        return join_texts(
            self._heads(numbers, events),
            _optional('"user_id":"C0000000",', '"user_id":null,', 12, 7, events.user + 1, events.user >= 0),
            self._visitors(events),
            take_texts(self._names, events.name),
            self._quantities(events),
            self._prices(events),
            take_texts(self._pages, events.page),
            self._orders(events),
            take_texts(self._channels, events.channel),
            take_texts(self._currencies, events.currency),
        )

    def event_ids(self, numbers: Ints) -> pa.StringArray:
        """Return the ids of events by number."""
        cells = repeat_template(f"e{HEX}", len(numbers))
        write_hex(cells, 1, scramble(numbers, self._seed, "event"))
        return to_strings(cells)

    def device_ids(self, devices: Ints) -> pa.StringArray:
        """Return the anonymous ids of devices."""
        cells = repeat_template(f"a{HEX}", len(devices))
        write_hex(cells, 1, scramble(devices, self._seed, "device"))
        return to_strings(cells)

    def _heads(self, numbers: Ints, events: Events) -> pa.StringArray:
        cells = repeat_template(f'{{"event_id":"e{HEX}","event_ts":"{TIME}",', len(events))
        write_hex(cells, 14, scramble(numbers, self._seed, "event"))
        write_time(cells, 44, events.at)
        return to_strings(cells)

    def _visitors(self, events: Events) -> pa.StringArray:
        cells = repeat_template(f'"anonymous_id":"a{HEX}","session_id":"s{HEX}",', len(events))
        write_hex(cells, 17, scramble(events.device, self._seed, "device"))
        write_hex(cells, 50, scramble(events.session, self._seed, "visit"))
        return join_texts(to_strings(cells), take_texts(self._agents, self._people.user_agent[events.device]))

    def _quantities(self, events: Events) -> pa.StringArray:
        texts = pa.array(["null", *map(str, range(1, int(events.quantity.max(initial=0)) + 1))])
        return take_texts(texts, events.quantity)

    def _prices(self, events: Events) -> pa.StringArray:
        has_product = np.flatnonzero(events.product >= 0)
        some = join_texts(
            take_texts(self._products, events.product[has_product]), format_amounts(events.price[has_product])
        )
        pieces = pa.concat_arrays([pa.array([',"product_id":null,"price":null']), some])
        position = np.zeros(len(events), dtype=np.int64)
        position[has_product] = 1 + np.arange(len(has_product))
        return take_texts(pieces, position)

    def _orders(self, events: Events) -> pa.StringArray:
        known = np.append(self._order_numbers, 0)[events.order]
        return _optional(',"order_id":"O000000000"', ',"order_id":null', 14, 9, known, events.order >= 0)


def _optional(template: str, missing: str, column: int, width: int, number: Ints, is_there: Flags) -> pa.StringArray:
    """Write numbers into a template where they are there, else the text `missing`."""
    chosen = np.flatnonzero(is_there)
    cells = repeat_template(template, len(chosen))
    write_digits(cells, column, width, number[chosen])
    pieces = pa.concat_arrays([pa.array([missing]), to_strings(cells)])
    position = np.zeros(len(number), dtype=np.int64)
    position[chosen] = 1 + np.arange(len(chosen))
    return take_texts(pieces, position)


def _paths(options: Options) -> tuple[str, ...]:
    """Return the paths of the pages without those of products."""
    return (*plant_paths(BROWSED), *PATHS[len(BROWSED) :]) if options.has("injections") else PATHS


def _agent(text: str, device: str, platform: str) -> str:
    return f'"device":"{device}","platform":"{platform}","user_agent":"{text}",'


def _tags(source: str | None, medium: str | None, campaign: str | None) -> str:
    tags = {"utm_source": source, "utm_medium": medium, "utm_campaign": campaign}
    return "".join(f',"{name}":{json.dumps(value)}' for name, value in tags.items())
