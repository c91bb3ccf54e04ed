import pytest
import sqlglot
from sqlglot.optimizer.qualify import qualify

from shoplake import tables
from shoplake.declare.catalog import Catalog
from shoplake.deploy.databricks.answers.questions import QUESTIONS, questions

CATALOG = Catalog.from_package(tables)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda each: each.name)
def test_a_question_reads_declared_columns_and_answers_with_those_that_are_drawn(question):
    schema = {name: {column.name: column.type for column in CATALOG[name].columns} for name in question.tables}

    query = qualify(sqlglot.parse_one(question.sql, dialect="databricks"), schema=schema, dialect="databricks")

    assert {question.x, question.y, *filter(None, [question.color])} <= set(query.named_selects)
    assert {CATALOG[name].layer for name in question.tables} == {"gold"}


def test_a_question_whose_table_is_not_there_is_left_out():
    assert [each.name for each in questions({"funnel_daily": CATALOG["funnel_daily"]})] == ["funnel_steps"]
