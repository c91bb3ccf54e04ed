"""Admits the event names that the settings of feeds map."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from shoplake.columns.web import EVENT_NAMES, SPELLINGS
from shoplake.declare import one_of
from shoplake.errors import SettingsError
from shoplake.tables.silver.events import events

if TYPE_CHECKING:
    from shoplake.declare import Expectation, Feed, Feeds
    from shoplake.declare.catalog import Catalog

KNOWN = one_of("event_name", *EVENT_NAMES)


def admit_events(catalog: Catalog, feeds: Feeds) -> Catalog:
    """Return the catalog whose events may have the names that the feeds' settings map to.

    Raises SettingsError for a name that the kinds map already, or that is no name.
    """
    for feed in feeds:
        _check(feed)
    own = [_own_names(feed) for feed in feeds if any(name not in EVENT_NAMES for _, name in feed.events)]
    if not own or events.name not in catalog:
        return catalog
    rule = replace(KNOWN, condition=" OR ".join((KNOWN.condition, *own)))
    table = catalog[events.name]
    rules = tuple(_admitting(each, rule) for each in table.rules)
    return catalog.replaced(replace(table, rules=rules))


def _admitting(rule: Expectation, admitting: Expectation) -> Expectation:
    return admitting if rule.name == admitting.name else rule


def _own_names(feed: Feed) -> str:
    """Return the condition of an event of a feed with a name of the feed's own."""
    own = sorted({name for _, name in feed.events} - set(EVENT_NAMES))
    return f"(feed = '{feed.name}' AND {one_of('event_name', *own).condition})"


def _check(feed: Feed) -> None:
    spellings = {**SPELLINGS, **feed.kind.event_names}
    for given, name in feed.events:
        if given in spellings and (given in SPELLINGS or spellings[given] != name):
            raise SettingsError(
                f"feeds.{feed.name}.events.{given} = {name!r}: '{given}' is a spelling of '{spellings[given]}'. "
                f"Map that name: {spellings[given]} = {name!r}."
            )
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise SettingsError(
                f"feeds.{feed.name}.events.{given} = {name!r} is no event name. "
                "Write small letters, digits and _, such as add_to_cart."
            )
