import re

import pytest


@pytest.fixture(scope="module")
def space(documents):
    return documents["resources/genie.yml"]["resources"]["genie_spaces"]["shop"]["serialized_space"]


def test_every_example_reads_tables_of_the_space(space):
    tables = {each["identifier"] for each in space["data_sources"]["tables"]}

    for example in space["instructions"]["example_question_sqls"]:
        read = set(re.findall(r"FROM (\S+)", "".join(example["sql"])))
        assert read and read <= tables


def test_identifiers_are_unique_and_sorted(space):
    lists = [
        space["config"]["sample_questions"],
        space["instructions"]["example_question_sqls"],
        space["instructions"]["text_instructions"],
    ]
    ids = [[each["id"] for each in entries] for entries in lists]

    assert all(each == sorted(set(each)) for each in ids)
    assert all(re.fullmatch(r"[0-9a-f]{32}", each) for entries in ids for each in entries)


def test_tables_are_named_by_references_and_sorted(space):
    names = [each["identifier"] for each in space["data_sources"]["tables"]]

    assert names == sorted(names) and "${var.catalog}.${resources.schemas.gold.name}.customer_360" in names
