import pytest
from starlette.requests import Request

from shoplake.serve.api.media import choose_encoding, choose_format
from shoplake.serve.api.problem import ProblemError


def request(query="", accept=None):
    headers = [(b"accept", accept.encode())] if accept is not None else []
    return Request({"type": "http", "query_string": query.encode(), "headers": headers})


@pytest.mark.parametrize(
    ("query", "accept", "expected"),
    [
        ("", None, "json"),
        ("", "*/*", "json"),
        ("", "text/csv", "csv"),
        ("", "text/html,application/xhtml+xml,*/*;q=0.8", "json"),
        ("", "image/png, application/vnd.apache.parquet;q=0.9", "parquet"),
        ("format=arrow", "text/csv", "arrow"),
    ],
)
def test_the_parameter_comes_before_the_header(query, accept, expected):
    assert choose_format(request(query, accept)) == expected


@pytest.mark.parametrize(("query", "accept", "status"), [("format=xml", None, 422), ("", "image/png", 406)])
def test_an_unknown_format_is_a_problem(query, accept, status):
    with pytest.raises(ProblemError) as raised:
        choose_format(request(query, accept))

    assert raised.value.status == status


@pytest.mark.parametrize(
    ("header", "expected"),
    [("", ""), ("gzip, deflate", "gzip"), ("gzip, zstd", "zstd"), ("zstd;q=0, gzip;q=0.5", "gzip"), ("br", "")],
)
def test_an_encoding_is_chosen_among_the_accepted(header, expected):
    assert choose_encoding(header) == expected
