"""A Genie space: the tables of gold, the shop's questions, and their queries as examples."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from shoplake.deploy.databricks.references import table, variable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shoplake.deploy.databricks.answers.questions import Question
    from shoplake.deploy.databricks.bundle_source import BundleSource

VERSION = 2
"""Of the format of a serialized space."""
TABLES = ("customer_360", "sales_by_country_daily")
"""Tables beside those of the questions."""
RULES = (
    "Add up money by currency only; never add amounts of two currencies.\n"
    "Days are those of the shop. net_sales is gross_sales less discounts and returns.\n"
    "Returns count on the day they return. Sessions in funnel_daily reach the steps in order.\n"
)


def genie_file(source: BundleSource, questions: Sequence[Question]) -> dict[str, Any]:
    """Return the resource, whose contents lie in it, so that names of tables are the target's."""
    names = {name for each in questions for name in each.tables} | {*TABLES} & {*source.lake_catalog}
    space = {
        "version": VERSION,
        "config": {"sample_questions": _sorted({"id": _id(each), "question": [each.text]} for each in questions)},
        "data_sources": {"tables": [{"identifier": table(name, "gold")} for name in sorted(names)]},
        "instructions": {
            "text_instructions": [{"id": _hash("rules"), "content": RULES.splitlines(keepends=True)}],
            "example_question_sqls": _sorted(_example(each) for each in questions),
        },
    }
    genie = {
        "title": "${bundle.name}: ask the shop",
        "description": "Questions about sales, customers, products and visits in plain words.",
        "warehouse_id": variable("warehouse_id"),
        "serialized_space": space,
        "permissions": [{"level": "CAN_RUN", "group_name": variable("analysts")}],
    }
    return {"resources": {"genie_spaces": {"shop": genie}}}


def _example(question: Question) -> dict[str, Any]:
    sql = question.sql
    for name in question.tables:
        sql = sql.replace(f"FROM {name}", f"FROM {table(name, 'gold')}")
    return {"id": _id(question, "sql"), "question": [question.text], "sql": sql.splitlines(keepends=True)}


def _id(question: Question, kind: str = "question") -> str:
    return _hash(f"{kind}/{question.name}")


def _hash(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _sorted(entries: Any) -> list[dict[str, Any]]:
    return sorted(entries, key=lambda each: str(each["id"]))
