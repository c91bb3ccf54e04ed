"""The reference, written from the declarations: a page a table, an index, two pictures, the commands.

`python -m shoplake.deploy.docs` writes it in the checkout it is called in; the tests fail when it is stale.
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING

from shoplake import tables
from shoplake.declare import Action
from shoplake.declare.catalog import Catalog
from shoplake.engine.state.ops_tables import OPS
from shoplake.feeds import KINDS
from shoplake.pipeline.live_events import EVENTS_LIVE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import click

    from shoplake.declare import Column, FeedKind
    from shoplake.declare.catalog import AnyTable

PAGES = "docs/reference/tables"
NOTE = "<!-- Written by `make docs`: change what it is written from. -->"
BLOCK = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
ASIDE = ("batch_id", "ingested_at", "payload_hash")
"""Columns that an overview leaves out."""
OWN = (*OPS, EVENTS_LIVE)
SHOWN = 4
"""How many columns besides its keys a table has in the picture, money first."""


def reference(catalog: Catalog, kinds: Mapping[str, FeedKind], ops: Iterable[AnyTable] = OWN) -> dict[str, str]:
    """The pages on tables, by their path in the checkout."""
    pages = {f"{PAGES}/{each.qualified_name}.md": table_page(catalog, each.name) for each in catalog.values()}
    own = {f"{PAGES}/ops.{each.name}.md": _page(each, read_by=()) for each in ops}
    return {"docs/reference/index.md": table_index(catalog, ops), **pages, **own}


def table_page(catalog: Catalog, name: str) -> str:
    """All that is declared of a table, as a page."""
    return _page(catalog[name], [catalog[reader] for reader in catalog.downstream_of(name)], catalog)


def table_index(catalog: Catalog, ops: Iterable[AnyTable] = ()) -> str:
    """The list of the tables, layer by layer."""
    parts = ["# Tables", NOTE, "Each links to its columns, rules and sources."]
    for layer in ("bronze", "silver", "gold"):
        parts += [f"## {layer}", listing(catalog, layer, at="tables")]
    aside = [f"`silver.{each.quarantine.name}`" for each in catalog.ordered if each.quarantine is not None]
    about = "Beside a silver table stands its quarantine, with the records that broke a rule, unchanged, and why"
    parts += ["## ops", _listed(ops, "tables"), "## Quarantine", f"{about}: {', '.join(aside)}."]
    kept = next((each.quarantine for each in catalog.ordered if each.quarantine is not None), None)
    return _text(*parts, _columns(kept.columns) if kept else "")


def listing(catalog: Catalog, layer: str, *, at: str) -> str:
    """The tables of a layer with the first sentence of each; the pages lie in the folder `at`."""
    return _listed(sorted((each for each in catalog.values() if each.layer == layer), key=lambda each: each.name), at)


def erd(catalog: Catalog) -> str:
    """The silver and gold tables with their keys and first columns, and the ids that join them (Mermaid)."""
    drawn = [each for each in catalog.ordered if each.layer != "bronze"]
    lines = ["```mermaid", "erDiagram"]
    for table in drawn:
        foreign = {name for each in drawn if each is not table for name in _ids(catalog, each)}
        lines += [f"    {table.name} {{", *(f"        {row}" for row in _attributes(table, foreign)), "    }"]
    return "\n".join([*lines, *(f"    {each}" for each in _relations(catalog, drawn)), "```"])


def flow(catalog: Catalog, kinds: Mapping[str, FeedKind]) -> str:
    """From the kinds of feeds through bronze and silver to gold, by what each table reads (Mermaid)."""
    lines = ["```mermaid", "flowchart LR", "    subgraph feeds", *(f"        kind_{name}([{name}])" for name in kinds)]
    for layer in ("bronze", "silver", "gold"):
        names = [each.name for each in catalog.ordered if each.layer == layer]
        lines += ["    end", f"    subgraph {layer}", *(f"        {name}" for name in names)]
    lines.append("    end")
    arrives = dict.fromkeys((name, stream.into) for name, kind in kinds.items() for stream in kind.streams)
    lines += [f"    kind_{name} --> {into}" for name, into in arrives if into in catalog]
    lines += [f"    {source} --> {table.name}" for table in catalog.ordered for source in table.inputs]
    return "\n".join([*lines, "```"])


def cli_page(command: click.Command, name: str = "shoplake") -> str:
    """What `--help` says of a command and of those below it, as a page."""
    parts = [f"# The command `{name}`", NOTE]
    for path, help_text in _helps(command, name):
        parts += [f"## {path}", f"```text\n{help_text}\n```"]
    return _text(*parts)


def refreshed(page: str, blocks: Mapping[str, str]) -> str:
    """A page with its blocks between `<!-- generated: name -->` and `<!-- end -->` written again."""
    return BLOCK.sub(lambda found: f"{found[1]}{blocks[found[2]]}\n{found[3]}", page)


def written(root: Path) -> dict[Path, str]:
    """Every generated file of the checkout at `root`, with the text it should have."""
    from shoplake.cli.main import main as command

    catalog = Catalog.from_package(tables)
    blocks = {"flow": flow(catalog, KINDS), "erd": erd(catalog), "gold": listing(catalog, "gold", at=PAGES)}
    readme = refreshed((root / "README.md").read_text(encoding="utf-8"), blocks)
    pages = {**reference(catalog, KINDS), "docs/reference/cli.md": cli_page(command), "README.md": readme}
    return {root / path: text for path, text in pages.items()}


def orphans(root: Path, pages: Iterable[Path]) -> list[Path]:
    """The table pages under `root` that no table has any more."""
    return sorted(set((root / PAGES).glob("*.md")) - set(pages))


def main(root: Path) -> None:
    """Write what is generated, and take away what nothing generates any more."""
    pages = written(root)
    for path, text in pages.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for path in orphans(root, pages):
        path.unlink()


def _page(table: AnyTable, read_by: Iterable[AnyTable], catalog: Catalog | None = None) -> str:
    reads = [catalog[name] for name in table.inputs] if catalog else []
    facts = {
        "key": ", ".join(f"`{name}`" for name in table.key),
        "written": table.write.describe(),
        "partitioned by": ", ".join(f"`{name}`" for name in table.partition_by),
        "reads": ", ".join(map(_link, reads)) if reads else "files" if table.layer == "bronze" else "",
        "of these, new rows only": ", ".join(f"`{name}`" for name in table.incremental),
        "read by": ", ".join(map(_link, read_by)),
        "knobs": ", ".join(_knobs(table)),
        "bad records go to": f"`{table.layer}.{table.quarantine.name}`" if table.quarantine else "",
        "its changes are kept in": f"`{table.layer}.{table.changelog.name}`" if table.changelog else "",
    }
    about = _rows(("", ""), [(name, said) for name, said in facts.items() if said])
    rules = [(f"`{each.name}`", f"`{each.condition}`", _consequence(each.on_violation)) for each in table.expectations]
    parts = [f"# {table.qualified_name}", NOTE, table.doc, about, "## Columns", _columns(table.columns)]
    judged = ["## Rules", _rows(("rule", "holds if", "otherwise"), rules)] if rules and table.layer == "silver" else []
    return _text(*parts, *judged)


def _relations(catalog: Catalog, drawn: list[AnyTable]) -> Iterator[str]:
    """The ids of silver tables found in other tables: `|o` and `o|` at most one row, `}o` and `o{` any number."""
    for parent in drawn:
        for child in (each for each in drawn if each is not parent):
            for name in (name for name in _ids(catalog, parent) if child.column(name) is not None):
                one = "|o" if _identity(parent) == [name] else "}o"
                many = "o|" if _identity(child) == [name] else "o{"
                yield f"{parent.name} {one}--{many} {child.name} : {name}"


def _ids(catalog: Catalog, table: AnyTable) -> list[str]:
    """The ids in a silver table's key by which others name its rows; not those that a table it reads has as well."""
    if table.layer != "silver":
        return []
    taken = {column.name for name in table.incremental or table.inputs for column in catalog[name].columns}
    return [name for name in table.key if name.endswith("_id") and name not in taken]


def _identity(table: AnyTable) -> list[str]:
    """What tells its rows apart within a feed and, in a history, at one moment."""
    return [name for name in table.key if name not in ("feed", "valid_from")]


def _attributes(table: AnyTable, foreign: set[str]) -> Iterator[str]:
    rest = [each for each in table.columns if each.name not in {*table.key, *foreign, *ASIDE}]
    money_first = sorted(rest, key=lambda each: not each.type.startswith("decimal"))
    others = {each.name for each in money_first[:SHOWN]}
    for column in table.columns:
        if column.name in {*table.key, *others, *foreign}:
            marks = [mark for mark, names in (("PK", table.key), ("FK", foreign)) if column.name in names]
            yield f"{re.split('[(<]', column.type)[0]} {column.name} {', '.join(marks)}".rstrip()


def _helps(command: click.Command, name: str, above: click.Context | None = None) -> Iterator[tuple[str, str]]:
    import click

    context = click.Context(command, above, name, terminal_width=80, **command.context_settings)
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for below, each in sorted(command.commands.items()):
            yield from _helps(each, below, context)


def _knobs(table: AnyTable) -> Iterator[str]:
    for name, knob in inspect.signature(table.build).parameters.items():
        if name in table.parameters:
            yield f"`{name}`" if knob.default is knob.empty else f"`{name}` ({knob.default})"


def _consequence(action: Action) -> str:
    return "set aside" if action is Action.QUARANTINE else "kept and counted"


def _listed(given: Iterable[AnyTable], at: str) -> str:
    said = [(_link(each, f"{at}/"), each.summary) for each in given]
    return _rows(("table", "what it holds"), said)


def _columns(columns: Iterable[Column]) -> str:
    said = [(f"`{each.name}`", f"`{each.type}`", "yes" if each.required else "", each.meaning) for each in columns]
    return _rows(("column", "type", "required", "meaning"), said)


def _link(table: AnyTable, at: str = "") -> str:
    return f"[{table.qualified_name}]({at}{table.qualified_name}.md)"


def _rows(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *(tuple(cell.replace("|", r"\|") for cell in row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _text(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"


if __name__ == "__main__":
    main(Path.cwd())
