import pytest

from shoplake.serve.errors import ExportError
from shoplake.serve.export.destinations.targets import parse_target


@pytest.mark.parametrize(
    ("target", "format", "expected"),
    [
        ("out", None, "parquet"),
        ("out", "csv", "csv"),
        ("shop.duckdb", None, "duckdb"),
        ("shop.duckdb", "duckdb", "duckdb"),
        ("SHOP.XLSX", None, "xlsx"),
        ("postgresql://ann@db/shop", None, "postgresql"),
        ("postgres://ann@db/shop", "postgresql", "postgresql"),
    ],
)
def test_the_target_says_the_format(target, format, expected):
    destination = parse_target(target, format)

    assert (destination.format, destination.label) == (expected, target)


@pytest.mark.parametrize(
    ("target", "format", "message"),
    [
        ("shop.duckdb", "csv", r"'shop.duckdb' is duckdb, not csv\. Leave out --format"),
        ("out", "duckdb", r"'out' cannot be duckdb\. Name a file that ends in \.duckdb"),
        ("out", "postgresql", r"'out' cannot be postgresql\. Name a URL"),
        ("sales.csv", None, r"Name a folder: --to sales --format csv"),
        ("postgresql://ann:s3cret@db/shop", "csv", r"'postgresql://ann:\*\*\*@db/shop' is postgresql, not csv"),
        ("postgresq://ann:s3cret@db/shop", None, r"'postgresq://ann:\*\*\*@db/shop' is no.*Did you mean 'postgresql'"),
    ],
)
def test_a_target_and_a_format_that_do_not_fit_say_what_to_type(target, format, message):
    with pytest.raises(ExportError, match=message):
        parse_target(target, format)
