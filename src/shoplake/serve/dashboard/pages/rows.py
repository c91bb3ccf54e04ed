"""The page that lists the rows of a subject: exactly what a number counts."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints
from urllib.parse import quote

import pyarrow.compute as pc

from shoplake.errors import hint
from shoplake.serve.answers.query.parameters import describe_parameters
from shoplake.serve.answers.query.ranges import ALL
from shoplake.serve.answers.subjects import SUBJECTS
from shoplake.serve.dashboard.blocks import Page
from shoplake.serve.dashboard.formats import guess_kind
from shoplake.serve.dashboard.page_context import PageContext, Row, Shown
from shoplake.serve.dashboard.page_state import csv_link
from shoplake.serve.errors import AnswerNotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shoplake.serve.answers.query.answer import Answer, Subject

BY_NAME = {subject.name: subject for subject in SUBJECTS if not subject.is_personal}
ON_A_PAGE = 200
"""Rows on the page; the CSV has all."""
MOST_COUNTED = 100_000
CURRENCY = "currency"
"""The unit of money; prices have `currency per piece`."""


def scope_of(typed: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters of a list that are those of pages, too: its feed, and the one currency of its amounts."""
    return {each: typed[each] for each in ("feed", CURRENCY) if typed.get(each) and typed[each] != ALL}


def rows_page(context: PageContext, name: str, typed: Mapping[str, str]) -> Page:
    """Build the page of a subject. Raises AnswerNotFoundError for an unknown subject or parameter."""
    if name not in BY_NAME:
        raise AnswerNotFoundError(f"Unknown list '{name[:60]}'. {hint(name, BY_NAME)}")
    subject = BY_NAME[name]
    parameters = read_parameters(subject, typed)
    is_limited = "limit" in {each.name for each in fields(subject.query)}
    query = subject.query(**{**parameters, **({"limit": MOST_COUNTED} if is_limited else {})})
    answer = subject.answer(context.generation, query)
    count = answer.rows.num_rows
    more = "+" if answer.is_truncated else ""
    total = ", ".join(f"{each:,}{more} {noun}{'' if each == 1 else 's'}" for noun, each in _counts(answer).items())
    shown = type(answer)(answer.rows.slice(0, ON_A_PAGE), answer.meta)
    first: list[Row] = answer.rows.slice(0, ON_A_PAGE).to_pylist()
    columns = [_column(context, each, first, answer.meta.units) for each in answer.rows.column_names]
    in_csv = f"the first {MOST_COUNTED:,}" if answer.is_truncated else "all"
    note = f"The first {ON_A_PAGE} of {total}; the CSV has {in_csv}." if count > ON_A_PAGE else total
    table = {each: value for each, value in typed.items() if each != "limit"}
    csv = csv_link(name, **table, **({"limit": MOST_COUNTED} if is_limited else {}))
    chosen = ", ".join(f"{each.replace('_', ' ')} {value}" for each, value in table.items() if each != "feed")
    title = subject.summary
    block = context.table(chosen or "All", shown, columns, csv=csv, note=note, span="full", empty="No rows.")
    return Page("rows", f"{title}: {total}", [block], has_range=False)


def _counts(answer: Answer) -> dict[str, int]:
    """Return what a number that links here counts: rows, and where they are lines of orders also orders and units."""
    rows = answer.rows
    counts = {"row": rows.num_rows}
    if "line_number" in rows.column_names:
        counted = rows.filter(pc.not_equal(rows["quantity"], 0))  # a discount of a whole order is no sale
        counts["order"] = pc.count_distinct(counted["order_id"], mode="only_valid").as_py()
        counts["unit"] = abs(pc.sum(rows["quantity"]).as_py() or 0)
    return counts


def _column(context: PageContext, name: str, rows: list[Row], units: Mapping[str, str]) -> Shown:
    value = next((row[name] for row in rows if row[name] is not None), None)
    label = name.replace("_", " ").capitalize()
    link = None
    if name == "product_id":
        link = partial(_one, context, "products", name)
    if name == "customer_id" and context.can_see_personal:
        link = partial(_one, context, "customers", name)
    kind = guess_kind(name, value)
    is_money = units.get(name, CURRENCY).startswith(CURRENCY)
    return Shown(name, label, kind if is_money or kind != "money" else "number", link)


def _one(context: PageContext, page: str, column: str, row: Row) -> str | None:
    return f"/{page}/{quote(str(row[column]), safe='')}?feed={quote(context.state.scope.feed)}" if row[column] else None


def read_parameters(subject: Subject, typed: Mapping[str, str]) -> dict[str, Any]:
    """Return the parameters of a subject's query from those of an address.

    Raises AnswerNotFoundError for an unknown name or a value that does not fit.
    """
    known = describe_parameters(subject.query)
    hints = get_type_hints(subject.query)
    parameters = {}
    for name, text in typed.items():
        if name not in known:
            raise AnswerNotFoundError(f"Unknown parameter '{name[:40]}'. {hint(name, known)}")
        parameters[name] = _convert(name, text, hints[name])
    return parameters


def _convert(name: str, text: str, kind: Any) -> Any:
    choices = get_args(kind) if get_origin(kind) is Literal else ()
    if choices and text not in choices:
        raise AnswerNotFoundError(f"Unknown {name} '{text[:40]}'. {hint(text, choices)}")
    try:
        if date in (kind, *get_args(kind)):
            return date.fromisoformat(text)
        return int(text) if kind is int else text
    except ValueError:
        raise AnswerNotFoundError(f"{name}={text[:40]} cannot be read. See the API's page /docs.") from None
