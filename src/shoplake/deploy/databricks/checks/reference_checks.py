"""Checks of references: variables, resources and job parameters that are named and not declared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shoplake.deploy.databricks.checks.mistake import Mistake
from shoplake.errors import hint

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

REFERENCE = re.compile(r"\$\{([^}]*)\}")
PARAMETER = re.compile(r"\{\{job\.parameters\.([^}]*)\}\}")
OTHERS = ("bundle.", "workspace.")
"""Beginnings of references to what the Databricks CLI knows by itself."""


@dataclass(frozen=True)
class Declared:
    """What a bundle declares: the names of its variables, and of its resources as `schemas.gold`."""

    variables: frozenset[str]
    resources: frozenset[str]

    @classmethod
    def of(cls, documents: Mapping[str, Mapping[str, Any]]) -> Declared:
        """Collect the names from all files of a bundle."""
        variables = {name for each in documents.values() for name in each.get("variables") or {}}
        resources = {
            f"{kind}.{name}"
            for each in documents.values()
            for kind, named in (each.get("resources") or {}).items()
            for name in named or {}
        }
        return cls(frozenset(variables), frozenset(resources))


def check_references(file: str, document: Mapping[str, Any], declared: Declared) -> Iterator[Mistake]:
    """Yield a mistake for each reference in a file that nothing declares."""
    for place, text in texts(document):
        for name in REFERENCE.findall(text):
            if message := _unknown(name, declared):
                yield Mistake(file, place, message)


def unknown_parameters(job: Mapping[str, Any]) -> Iterator[str]:
    """Yield a message for each job parameter that a task names and the job does not have."""
    known = [str(each.get("name")) for each in job.get("parameters") or []]
    named = {name for _, text in texts(job) for name in PARAMETER.findall(text)}
    for name in sorted(named - set(known)):
        yield f"{{{{job.parameters.{name}}}}} is no parameter of the job. {hint(name, known)}"


def texts(value: object, place: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text in maps and lists, with its place such as `resources.jobs.daily.name`."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from texts(each, f"{place}.{name}" if place else str(name))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from texts(each, f"{place}.{number}")


def _unknown(name: str, declared: Declared) -> str | None:
    kind, _, rest = name.partition(".")
    if kind == "var":
        known = declared.variables
        return None if rest in known else f"${{{name}}} is no variable of the bundle. {hint(rest, known)}"
    if kind == "resources":
        resource = ".".join(rest.split(".")[:2])
        known = declared.resources
        return None if resource in known else f"${{{name}}} is no resource of the bundle. {hint(resource, known)}"
    if name.startswith(OTHERS):
        return None
    return f"${{{name}}} refers to nothing. References begin with var, resources, bundle or workspace."
