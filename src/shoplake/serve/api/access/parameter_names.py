"""The names of parameters that a request gives: one that the route does not take would change nothing, silently."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Any, get_args, get_origin
from urllib.parse import parse_qsl

from shoplake.errors import hint
from shoplake.serve.api.problem import ProblemError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

Names = tuple[tuple[str, bool], ...]
"""The parameters of a route by name, and whether each may be given several times."""


def names_of(parameters: Iterable[Any]) -> Names:
    """Return the names of the framework's query parameters."""
    return tuple((each.alias, _is_list(each.field_info.annotation)) for each in parameters)


def check_names(names: Names, query: bytes) -> None:
    """Raise ProblemError 422 for a parameter that is not among the names, or that is given twice and is no list."""
    if query and (problems := _problems(names, query)):
        detail = "; ".join(text for _, text in problems)
        raise ProblemError(422, detail, errors=[{"parameter": name, "detail": text} for name, text in problems])


@lru_cache(1024)
def _problems(names: Names, query: bytes) -> tuple[tuple[str, str], ...]:
    counts, known = Counter(name for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True)), dict(names)
    unknown = [(name[:60], _unknown(name[:60], known)) for name in counts if name not in known]
    repeated = [name for name, count in counts.items() if count > 1 and not known.get(name, True)]
    return (*unknown, *((name, f"The parameter '{name}' is given twice. Leave one out.") for name in repeated))


def _unknown(name: str, known: Collection[str]) -> str:
    return f"Unknown parameter '{name}'. {hint(name, known) if known else 'There are none.'}"


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) is list or any(map(_is_list, get_args(annotation)))
