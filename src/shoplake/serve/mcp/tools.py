"""The tools: describe, sales, funnel, customer and query. All of them only read."""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields
from typing import Annotated, Any, get_type_hints

from mcp.server.mcpserver import Context
from mcp_types import TextContent
from pydantic import Field

from shoplake.errors import UnknownTableError
from shoplake.serve.answers.query.answer import Answer, Meta, Subject
from shoplake.serve.answers.query.parameters import describe_parameters
from shoplake.serve.answers.subjects import SUBJECTS
from shoplake.serve.api.tables.execution import execute
from shoplake.serve.api.tables.sql_guard import CheckedQuery, check_query
from shoplake.serve.mcp.caller import Caller
from shoplake.serve.mcp.data_block import answer_blocks, data_blocks
from shoplake.serve.store.generation import Generation
from shoplake.serve.store.served_tables import has_personal

MAX_ROWS = 500
Blocks = list[TextContent]
TableName = Annotated[str | None, Field(description="A table such as gold.sales_daily; without one, all are listed.")]
Sql = Annotated[str, Field(description="One SELECT in DuckDB's SQL over tables by layer.name.", min_length=1)]
Limit = Annotated[int, Field(description=f"Most rows; at most {MAX_ROWS}.", ge=1, le=MAX_ROWS)]


@dataclass(frozen=True)
class ToolFunction:
    """A tool by name, with its description and the function that answers it."""

    name: str
    description: str
    function: Callable[..., Awaitable[Blocks]]


async def describe(context: Context, table: TableName = None) -> Blocks:
    """List the tables, or describe one: what a row is, and its columns with types, units and definitions."""
    caller = Caller(context)
    return data_blocks(await caller.run(_described, caller.generation, table))


async def query(context: Context, sql: Sql, limit: Limit = 100) -> Blocks:
    """Answer a question that no other tool answers, with SQL. Call `describe` first for tables and columns."""
    caller = Caller(context)
    if not caller.role.can_query_sql:
        raise caller.refused("query")
    generation = caller.generation
    checked = await caller.run(check_query, sql, generation.tables)
    for name in sorted(checked.tables):
        if has_personal(generation.tables[name]):
            caller.record_personal(name)
    return await caller.run(answer_blocks, await caller.run(_queried, generation, checked, limit))


def subject_tool(subject: Subject) -> ToolFunction:
    """Return the tool of a subject; its parameters are the fields of the subject's query."""

    async def tool(context: Context, **values: Any) -> Blocks:
        caller = Caller(context)
        if subject.is_personal:
            caller.check_personal(subject.name, f"{subject.name}/{values.get('customer', '')}")
        answer = await caller.run(subject.ask, caller.generation, subject.query(**values))
        kept = answer.rows.slice(0, MAX_ROWS)
        is_truncated = answer.is_truncated or kept.num_rows < answer.rows.num_rows
        return answer_blocks(Answer(kept, answer.meta, is_truncated))

    parameters = [inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=Context)]
    parameters += [_parameter(subject.query, name, text) for name, text in describe_parameters(subject.query).items()]
    tool.__signature__ = inspect.Signature(parameters, return_annotation=Blocks)  # type: ignore[attr-defined]
    tool.__annotations__ = {each.name: each.annotation for each in parameters} | {"return": Blocks}
    description = " ".join((inspect.getdoc(subject.answer) or subject.summary).split())
    return ToolFunction(subject.name, description, tool)


def all_tools() -> list[ToolFunction]:
    """Return the tools."""
    by_name = {subject.name: subject for subject in SUBJECTS}
    own = [ToolFunction(each.__name__, inspect.getdoc(each) or "", each) for each in (describe, query)]
    return [*own, *(subject_tool(by_name[name]) for name in ("sales", "funnel", "customer"))]


def _parameter(query_type: type[Any], name: str, description: str) -> inspect.Parameter:
    default = next(each.default for each in fields(query_type) if each.name == name)
    kind, hint = inspect.Parameter.KEYWORD_ONLY, get_type_hints(query_type, include_extras=True)[name]
    return inspect.Parameter(name, kind, annotation=Annotated[hint, Field(description=description)], default=default)


def _described(generation: Generation, name: str | None) -> dict[str, Any]:
    if name is None:
        tables = {each: table.summary for each, table in sorted(generation.tables.items())}
        return {"as_of": generation.as_of, "tables": tables}
    table = generation.tables.get(name)
    if table is None:
        raise UnknownTableError(name[:80], list(generation.tables))
    columns = [
        {"name": each.name, "type": each.type, "unit": each.unit, "definition": each.doc} for each in table.columns
    ]
    version = generation.versions.get(name)
    return {"table": name, "version": version, "definition": table.doc, "key": list(table.key), "columns": columns}


def _queried(generation: Generation, checked: CheckedQuery, limit: int) -> Answer:
    rows = execute(generation, f"SELECT * FROM ({checked.sql}) AS result LIMIT {limit + 1}")
    names = sorted(checked.tables)
    version = generation.versions.get(names[0], 0) if len(names) == 1 else 0
    meta = Meta(", ".join(names), version, generation.as_of, "The result of a query.")
    return Answer(rows.slice(0, limit), meta, rows.num_rows > limit)
