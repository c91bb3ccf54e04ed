"""Reference pages of the tables: one page per table, an index, the lists in the README."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from shoplake.declare import LAYERS, Action
from shoplake.reference.markdown import NOTE, join_paragraphs, markdown_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from shoplake.declare import Column, FeedKind
    from shoplake.declare.catalog import AnyTable, Catalog

TABLES = "tables"
"""The folder of the pages of tables."""


def reference_pages(catalog: Catalog, ops: Iterable[AnyTable], note: str = NOTE) -> dict[str, str]:
    """Write the index and the page of every table, by path in the folder of the reference."""
    pages = {f"{TABLES}/{table.qualified_name}.md": table_page(catalog, table.name, note) for table in catalog.values()}
    ops_pages = {f"{TABLES}/ops.{table.name}.md": _page(table, (), note=note) for table in ops}
    return {"tables.md": table_index(catalog, ops, note), **pages, **ops_pages}


def table_page(catalog: Catalog, name: str, note: str = NOTE) -> str:
    """Write the page of one table: its facts, columns and rules."""
    return _page(catalog[name], [catalog[reader] for reader in catalog.downstream_of(name)], catalog, note)


def table_index(catalog: Catalog, ops: Iterable[AnyTable] = (), note: str = NOTE) -> str:
    """Write the list of all tables by layer, and the columns that quarantine tables share."""
    parts = ["# Tables", note, "Each table links to its columns, rules, inputs and readers."]
    for layer in LAYERS:
        parts += [f"## {layer}", layer_list(catalog, layer, folder=TABLES)]
    quarantines = [each.quarantine for each in catalog.ordered if each.quarantine is not None]
    names = ", ".join(f"`{each.qualified_name}`" for each in quarantines)
    about = f"Records that violate a rule go to the quarantine of their table, unchanged, with every reason: {names}."
    parts += ["## ops", _summaries(ops, TABLES), "## Quarantine", about]
    return join_paragraphs(*parts, _columns(quarantines[0].columns) if quarantines else "")


def layer_list(catalog: Catalog, layer: str, *, folder: str) -> str:
    """List the tables of a layer with their summaries; links lead into `folder`."""
    return _summaries(sorted((each for each in catalog.values() if each.layer == layer), key=_name), folder)


def subject_list(catalog: Catalog, layer: str, *, folder: str) -> str:
    """List the subjects of a layer, which are its packages, with the tables of each; links lead into `folder`."""
    subjects: dict[str, list[str]] = {}
    for each in sorted((table for table in catalog.values() if table.layer == layer), key=_name):
        subject = each.build.__module__.split(".")[-2].replace("_", " ")
        subjects.setdefault(subject, []).append(f"[{each.name}]({folder}/{each.qualified_name}.md)")
    return markdown_table(("subject", "tables"), [(name, ", ".join(links)) for name, links in sorted(subjects.items())])


def kind_list(kinds: Mapping[str, FeedKind]) -> str:
    """List the feed kinds with the files that each of them reads."""
    rows = [
        (
            f"`{name}`",
            f"[{kind.doc}]({kind.home})" if kind.home else kind.doc,
            ", ".join(dict.fromkeys(f"`{stream.pattern}`" for stream in kind.streams)),
        )
        for name, kind in kinds.items()
    ]
    return markdown_table(("kind", "source", "files"), rows)


def _name(table: AnyTable) -> str:
    return table.name


def _page(table: AnyTable, read_by: Iterable[AnyTable], catalog: Catalog | None = None, note: str = NOTE) -> str:
    inputs = [catalog[name] for name in table.inputs] if catalog else []
    facts = {
        "key": ", ".join(f"`{name}`" for name in table.key),
        "write mode": table.write.describe(),
        "partitioned by": ", ".join(f"`{name}`" for name in table.partition_by),
        "reads": ", ".join(map(_link, inputs)) if inputs else "files" if table.layer == "bronze" else "",
        "reads incrementally": ", ".join(f"`{name}`" for name in table.incremental),
        "read by": ", ".join(map(_link, read_by)),
        "parameters": ", ".join(_parameters(table)),
        "quarantine": f"`{table.quarantine.qualified_name}`" if table.quarantine else "",
        "changelog": f"`{table.changelog.qualified_name}`" if table.changelog else "",
    }
    about = markdown_table(("", ""), [(name, fact) for name, fact in facts.items() if fact])
    parts = [f"# {table.qualified_name}", note, table.doc, about, "## Columns", _columns(table.columns)]
    return join_paragraphs(*parts, *_rules(table))


def _rules(table: AnyTable) -> list[str]:
    """Return the section of the rules; of gold tables only where rules are declared."""
    if not table.expectations or (table.layer != "silver" and not table.rules):
        return []
    rows = [(f"`{rule.name}`", f"`{rule.condition}`", _violation(rule.on_violation)) for rule in table.expectations]
    return ["## Rules", markdown_table(("rule", "condition", "on violation"), rows)]


def _violation(action: Action) -> str:
    return "quarantine" if action is Action.QUARANTINE else "warn (the row stays)"


def _parameters(table: AnyTable) -> Iterator[str]:
    for name, parameter in inspect.signature(table.build).parameters.items():
        if name in table.parameters:
            default = parameter.default
            yield f"`{name}`" if default is parameter.empty else f"`{name}` ({default})"


def _summaries(tables: Iterable[AnyTable], folder: str) -> str:
    return markdown_table(("table", "contents"), [(_link(each, f"{folder}/"), each.summary) for each in tables])


def _columns(columns: Iterable[Column]) -> str:
    rows = [(f"`{each.name}`", f"`{each.type}`", "yes" if each.required else "", each.meaning) for each in columns]
    return markdown_table(("column", "type", "required", "meaning"), rows)


def _link(table: AnyTable, folder: str = "") -> str:
    return f"[{table.qualified_name}]({folder}{table.qualified_name}.md)"
