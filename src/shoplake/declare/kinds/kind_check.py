"""Checks that feed kinds fit the declared tables, before any file is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shoplake.declare.kinds.stream import Stream
from shoplake.errors import KindError, UnknownTableError, hint

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from shoplake.declare.catalog import Catalog
    from shoplake.declare.kinds.feed import FeedKind

EVENTS = "events"
"""The silver table of events, whose feeds have a funnel."""


def check_kinds(kinds: Iterable[FeedKind], catalog: Catalog, steps: Collection[str] = ()) -> None:
    """Raise KindError with every mistake of the kinds: streams, mappings and funnel steps.

    `steps` are the names that a funnel step can have; without them any name is right.
    """
    if mistakes := [mistake for kind in kinds for mistake in find_mistakes(kind, catalog, steps)]:
        raise KindError(mistakes)


def find_mistakes(kind: FeedKind, catalog: Catalog, steps: Collection[str] = ()) -> Iterator[str]:
    """Yield one line per mistake of a kind."""
    for mistake in (*_streams(kind, catalog), *_mappings(kind, catalog), *_funnel(kind, steps)):
        yield f"Kind '{kind.name}': {mistake}"


def function_name(function: object) -> str:
    """Return the name of a mapping's function, for messages."""
    return f"{getattr(function, '__name__', type(function).__name__)}()"


def _streams(kind: FeedKind, catalog: Catalog) -> Iterator[str]:
    if not isinstance(kind.streams, tuple) or not all(isinstance(each, Stream) for each in kind.streams):
        yield "streams must be a tuple of Stream values. Write streams=(Stream(…),) with a comma before the bracket."
        return
    bronze = [name for name, table in catalog.items() if table.write.reads_files]
    for stream in kind.streams:
        if stream.into not in bronze:
            yield f"the stream '{stream.pattern}' goes into '{stream.into}'. {_near(stream.into, bronze)}"


def _mappings(kind: FeedKind, catalog: Catalog) -> Iterator[str]:
    mapped = [name for name, table in catalog.items() if "feeds" in table.parameters]
    mappings: Mapping[str, Any] = kind.mappings
    for name, functions in mappings.items():
        if name not in mapped:
            yield f"mappings name the table '{name}'. {_near(name, mapped)}"
        elif not isinstance(functions, Mapping):
            inputs = " or ".join(catalog[name].inputs)
            yield f'mappings["{name}"] must be functions by input table. Write {{"{name}": {{"{inputs}": …}}}}.'
        else:
            yield from _functions(name, functions, catalog)


def _functions(name: str, functions: Mapping[str, Any], catalog: Catalog) -> Iterator[str]:
    table = catalog[name]
    for source, function in functions.items():
        if source not in table.inputs:
            near = _near(source, table.inputs)
            yield f"{function_name(function)} reads '{source}', which is no input of {table.qualified_name}. {near}"
        if not callable(function):
            yield f'mappings["{name}"]["{source}"] must be a function, not {function!r}.'


def _funnel(kind: FeedKind, steps: Collection[str]) -> Iterator[str]:
    if EVENTS in kind.mappings and not kind.funnel_steps:
        yield "it maps events and has no funnel_steps. List the steps that its shops send."
    for step in kind.funnel_steps:
        if steps and step not in steps:
            yield f"'{step}' is no funnel step. {hint(step, steps)}"


def _near(name: str, known: Collection[str]) -> str:
    return str(UnknownTableError(name, known))
