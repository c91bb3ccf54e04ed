import json

import pytest
from sample_files import lines, problems, read


def test_quotes_mean_nothing_in_json_lines(file):
    assert lines(file('{"a": "\n1}\n')) == [(1, '{"a": "'), (2, "1}")]


def test_field_names_are_reported_on_the_first_record_of_each_shape(file):
    path = file('{"a": 1, "b": 2}\n{"a": 3, "b": 4}\n{"a": 1, "b": 2, "c": 3}\n{"b": 1, "a": 1}\n')

    assert [row["header"] for row in read(path, block_bytes=8)] == ['["a", "b"]', None, '["a", "b", "c"]', '["b", "a"]']


def test_a_key_that_comes_twice_is_a_problem(file):
    assert problems(file('{"a": 1}\n{"a": 1, "a": 2}\n{"a": {"b": 1, "b": 2}}\n')) == {
        2: "duplicate_keys",
        3: "duplicate_keys",
    }


# Documents

ORDERS = {"orders": [{"id": "1", "total": 12345678901234567.10}, {"id": "2", "lines": [{"sku": "a\nb"}]}]}
PRETTY = '{\n "orders": [\n  {\n   "id": "1",\n   "total": 12345678901234567.10\n  },\n  {"id": "2"}\n ]\n}\n'


def test_the_records_of_a_document_are_the_values_at_its_path(file):
    assert lines(file(PRETTY), path="$.orders[*]") == [
        (3, '{ "id": "1", "total": 12345678901234567.10 }'),
        (7, '{"id": "2"}'),
    ]


@pytest.mark.parametrize("indent", [None, 2])
def test_no_value_changes_on_its_way_out_of_a_document(file, indent):
    records = lines(file(json.dumps(ORDERS, indent=indent)), path="$.orders[*]")

    assert [json.loads(raw) for _, raw in records] == ORDERS["orders"]


@pytest.mark.parametrize(
    ("path", "document", "records"),
    [
        ("$", '{"a": 1}', ['{"a": 1}']),
        ("$[*]", '[{"a": 1}, 2]', ['{"a": 1}', "2"]),
        ("$.data.edges[*].node", '{"data": {"edges": [{"c": 0, "node": {"a": 1}}, {"node": {}}]}}', ['{"a": 1}', "{}"]),
        ("$[*].orders[*]", '[{"orders": [1]}, {"orders": []}, {"orders": [2, 3]}]', ["1", "2", "3"]),
        ("$.orders[*]", '{"orders": []}', []),
        ("$.orders[*]", '{"orders": null, "next": null}', []),
        ("$", '{"a": 1}\n{"a": 2}', ['{"a": 1}', '{"a": 2}']),
        ("$", " \n", []),
    ],
)
def test_a_path_names_members_and_elements(file, path, document, records):
    assert [raw for _, raw in lines(file(document), path=path)] == records


@pytest.mark.parametrize(
    ("path", "document", "problem"),
    [
        ("$.orders[*]", '{"order": []}', "path_not_found"),
        ("$.orders[*]", "[1]", "path_not_found"),
        ("$[*]", '{"orders": []}', "path_not_found"),
        ("$[*]", '[{"a": 1},', "not_json"),
        ("$[*]", "a,b\n1,2", "not_json"),
        ("$[*]", "<!doctype html>\n<p>502</p>", "markup_document"),
        ("$", b'{"a": "\xff"}', "not_utf8"),
    ],
)
def test_a_document_that_does_not_fit_its_path_is_one_record_with_a_problem(file, path, document, problem):
    assert [row["problem"] for row in read(file(document), path=path)] == [problem]


PART = '{"orders": [{"id": 1, "items": [{"sku": "a"}]}, {"id": 2}, {"id": 3, "items": [{"sku": "b"}, {"sku": "c"}]}]}'


def test_an_element_without_anything_at_the_path_is_a_record_with_a_problem(file):
    rows = read(file(PART), path="$.orders[*].items[*]")

    assert [(row["raw"], row["problem"]) for row in rows] == [
        ('{"sku": "a"}', None),
        ('{"id": 2}', "part_not_found"),
        ('{"sku": "b"}', None),
        ('{"sku": "c"}', None),
    ]
    assert [row["header"] for row in rows] == ['["sku"]', None, None, None]


def test_a_document_of_which_no_element_has_anything_at_the_path_is_one_record(file):
    rows = read(file('{"orders": [{"id": 1}, {"id": 2}]}'), path="$.orders[*].items[*]")

    assert [row["problem"] for row in rows] == ["path_not_found"]


def test_a_page_with_an_element_without_records_is_that_page(file):
    rows = read(file(PART), pages=("$.orders[*].items[*]", "$.orders[*]"), fields=("sku",))

    assert [row["problem"] for row in rows] == [None, "part_not_found", None, None]


@pytest.mark.parametrize(
    "document",
    [PRETTY, '[{"id": "1"}, {"id": "2"}]', '[\n{"id": "1"},\n{"id": "2"}\n]', json.dumps(ORDERS), '{\n "id": "1"\n}'],
    ids=["pretty", "array", "array of lines", "one line", "one record"],
)
def test_a_document_that_is_read_as_lines_is_one_record_with_a_hint(file, document):
    path = file(document)

    assert lines(path, fields=("id", "at")) == [(1, document)]
    assert problems(path, fields=("id", "at")) == {1: "json_document"}


@pytest.mark.parametrize(
    "text",
    [
        '{"id": "1", "lines": [{"sku": "a"}]}\n',
        '{"lines": [{"sku": "a"}],\n "id": "1"\n',
        '{"id": "1"}\n{"id": "2"}\n',
        '{"tags": ["a", "b"]}\n',
        "[]\n[]\n",
        "{\n",
    ],
    ids=["one record", "cut off", "two", "list of texts", "arrays", "brace"],
)
def test_lines_stay_lines(file, text):
    assert [raw for _, raw in lines(file(text), fields=("id", "at"))] == text.splitlines()
    assert problems(file(text), fields=("id", "at")) == {}


@pytest.mark.parametrize("block_bytes", [8, 5000, 1 << 20])
def test_a_text_that_only_begins_like_a_document_keeps_its_lines(file, block_bytes):
    texts = ["[1,", *(f'{{"id": {n}}}' for n in range(1000))]

    assert lines(file("\n".join(texts)), block_bytes=block_bytes) == list(enumerate(texts, 1))


# Pages: documents among files with a record a line

PAGES = ("$.orders[*]", "$.order", "$[*]")


@pytest.mark.parametrize(
    ("text", "records"),
    [
        ('{"orders": [{"id": "1"}, {"id": "2"}]}', ['{"id": "1"}', '{"id": "2"}']),
        ('{\n "orders": [\n  {"id": "1"}\n ]\n}\n', ['{"id": "1"}']),
        ('[{"id": "1"}]', ['{"id": "1"}']),
        ('{\n "order":\n {"id": "1"}\n}', ['{"id": "1"}']),
        ('{"orders": []}', []),
        ("[]", []),
        ('{"id": "1"}\n{"id": "2"}\n', ['{"id": "1"}', '{"id": "2"}']),
        ('{"order": {"id": "1"}}\n', ['{"order": {"id": "1"}}']),
    ],
)
def test_a_file_is_a_page_of_records_or_has_a_record_a_line(file, text, records):
    assert [raw for _, raw in lines(file(text), fields=("id", "order"), pages=PAGES)] == records


@pytest.mark.parametrize("options", [{"pages": ("$[*]",)}, {"path": "$[*]"}])
@pytest.mark.parametrize("value", ["9" * 5000, "[" * 10_000 + '"]\\""' + "]" * 10_000])
def test_a_value_that_python_cannot_read_leaves_the_other_records_of_its_page(file, options, value):
    odd = f'{{"id": {value}}}'

    assert lines(file(f'[{{"id": 1}},\n{odd},\n{{"id": 3}}]'), **options) == [
        (1, '{"id": 1}'),
        (2, odd),
        (3, '{"id": 3}'),
    ]


@pytest.mark.parametrize("options", [{"pages": ("$[*]",)}, {"path": "$[*]"}])
def test_bytes_that_are_no_utf8_are_the_problem_of_their_record_alone(file, options):
    path = file(b'[{"id": "\xe9"},\n{"id": "\xc3\xa9"}]')

    assert lines(path, **options) == [(1, '{"id": "\\xe9"}'), (2, '{"id": "é"}')]
    assert problems(path, **options) == {1: "not_utf8"}


def test_a_deep_document_that_is_cut_off_keeps_its_lines(file):
    assert lines(file("[" * 10_000 + "\n{}\n"), pages=("$[*]",)) == [(1, "[" * 10_000), (2, "{}")]


@pytest.mark.parametrize("count", [1, 3])
def test_objects_on_several_lines_are_records_where_pages_are_expected(file, count):
    text = '{\n "id": "1",\n "lines": [\n  {"sku": "a"}\n ]\n}\n' * count

    found = lines(file(text), fields=("id", "lines"), pages=PAGES)

    assert found == [(1 + 6 * n, '{ "id": "1", "lines": [ {"sku": "a"} ] }') for n in range(count)]


@pytest.mark.parametrize("text", ['{\n "errors": "Not Found"\n}', '{\n "id": "1"\n}\n{\n "errors": "x"\n}'])
def test_objects_of_which_one_has_no_known_field_are_one_problem(file, text):
    assert problems(file(text), fields=("id",), pages=PAGES) == {1: "json_document"}
    assert problems(file(text), pages=PAGES) == {1: "json_document"}


def test_a_document_without_any_of_the_pages_is_a_problem(file):
    path = file('{\n "data": [\n {"id": "1"}\n ]\n}')

    assert problems(path, fields=("id",), pages=PAGES) == {1: "json_document"}


def test_a_web_page_in_the_place_of_lines_is_one_problem(file):
    assert problems(file("<html>\n<body>\n{}\n</html>\n")) == dict.fromkeys((1, 2, 3, 4), "markup_document")
