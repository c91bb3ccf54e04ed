import pytest
from sample_files import lines, problems

PAGES = ("$.orders[*]", "$.order", "$[*]")


@pytest.mark.parametrize(
    "text",
    [
        '{"orders":[{"id":"1"},{"id":"2',
        '[{"id": "1"}, {"id": "2',
        '{\n "orders": [\n  {\n   "id": "1"\n  },\n  {\n   "id"',
        '[\n {\n  "id": "1"\n }\n',
        '[{"id": "1"}]\n[{"id": "2"',
    ],
    ids=["one line", "array", "pretty", "bracket missing", "second page"],
)
def test_a_page_that_is_cut_off_is_one_record_with_a_problem(file, text):
    path = file(text)

    assert lines(path, fields=("id",), pages=PAGES) == [(1, text)]
    assert problems(path, fields=("id",), pages=PAGES) == {1: "page_incomplete"}


@pytest.mark.parametrize(
    "text", ['{"id": "1", "lines": [', '{"id": "1", "lines": [\n{"id": "2"}\n', '[1,\n{"id": "2"}']
)
def test_a_line_that_is_cut_off_leaves_the_others(file, text):
    assert [raw for _, raw in lines(file(text), fields=("id", "lines"), pages=PAGES)] == text.splitlines()


@pytest.mark.parametrize(
    "text",
    ['[{"id": "1"}]\n[{"id": "2"}]\n', '{"orders": [{"id": "1"}]}\n{"orders": [{"id": "2"}]}'],
    ids=["arrays", "objects"],
)
def test_pages_may_follow_each_other_in_one_file(file, text):
    assert lines(file(text), fields=("id",), pages=PAGES) == [(1, '{"id": "1"}'), (2, '{"id": "2"}')]
