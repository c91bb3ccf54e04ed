"""Reads the parameters of a request where their texts are plain; what is not, the framework reads and explains.

The framework inspects the types of an endpoint anew for each request, which takes longer than most answers.
"""

import inspect
import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache, partial
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints
from urllib.parse import parse_qsl

from annotated_types import Ge
from starlette.requests import Request
from starlette.types import Scope

Read = Callable[[str], Any]
Values = dict[str, Any]
DATE, INTEGER = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), re.compile(r"0|-?[1-9][0-9]{0,8}")


def find_reader(endpoint: Callable[..., Any]) -> Callable[[Scope], Values | None] | None:
    """Return what reads the parameters of an endpoint from a scope, or None where it has others than plain ones.

    The reader returns None where a text is not plain, or a parameter without a default is missing.
    """
    parameters = [each for each in _signature(endpoint).parameters.values() if each.annotation is not Request]
    reads = {each.name: _read_of(each.annotation) for each in parameters}
    needed = {each.name for each in parameters if each.default is inspect.Parameter.empty}
    plain = {name: read for name, read in reads.items() if read is not None}
    return partial(_read, plain, needed) if len(plain) == len(reads) else None


def _signature(endpoint: Callable[..., Any]) -> inspect.Signature:
    found = inspect.signature(endpoint)
    hints = {} if hasattr(endpoint, "__signature__") else get_type_hints(endpoint, include_extras=True)
    return found.replace(
        parameters=[
            each.replace(annotation=hints.get(name, each.annotation)) for name, each in found.parameters.items()
        ]
    )


def _read(reads: Mapping[str, Read], needed: set[str], scope: Scope) -> Values | None:
    texts = {**_split(scope["query_string"]), **scope.get("path_params", {})}
    try:
        values = {name: reads[name](text) for name, text in texts.items() if name in reads}
    except ValueError:
        return None
    return values if needed <= values.keys() else None


@lru_cache(1024)
def _split(query: bytes) -> Mapping[str, str]:
    """Return the parameters of a query; of several of one name the last one counts."""
    text = query.decode("latin-1")
    if "%" in text or "+" in text:
        return dict(parse_qsl(text, keep_blank_values=True))
    return {name: value for name, _, value in (part.partition("=") for part in text.split("&") if part)}


def _read_of(annotation: Any) -> Read | None:
    """Return what reads a text of this type; None for a type, or bounds, of which the framework must judge.

    A least value in the type itself is no such bound: smaller numbers alone are left to the framework.
    """
    metadata = getattr(annotation, "__metadata__", ())
    if any(getattr(each, "metadata", ()) for each in metadata):
        return None
    bounds: list[Any] = [each.ge for each in metadata if isinstance(each, Ge)]
    if bounds:
        return partial(_bounded, max(bounds))
    while hasattr(annotation, "__metadata__"):
        annotation = annotation.__origin__
    options = [each for each in get_args(annotation) if each is not NoneType]
    if get_origin(annotation) is Literal:
        return partial(_choose, dict(zip(options, options, strict=True)))
    if NoneType in get_args(annotation):
        return _read_of(options[0]) if len(options) == 1 else None
    return PLAIN.get(annotation)


def _choose(options: Mapping[str, str], text: str) -> str:
    if text not in options:
        raise ValueError(text)
    return options[text]


def _date(text: str) -> date:
    if DATE.fullmatch(text) is None:
        raise ValueError(text)
    return date.fromisoformat(text)


def _integer(text: str) -> int:
    if INTEGER.fullmatch(text) is None:
        raise ValueError(text)
    return int(text)


def _bounded(least: int, text: str) -> int:
    number = _integer(text)
    if number < least:
        raise ValueError(text)
    return number


PLAIN: dict[type, Read] = {str: str, date: _date, int: _integer}
