import csv

import pyarrow.parquet as pq
import pytest

from shoplake.serve.errors import ExportError
from shoplake.serve.export.destinations.folder import FolderDestination
from shoplake.serve.export.export import export_tables


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def read_csv(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_parquet_keeps_types_and_has_definitions_and_versions(shared, tmp_path):
    export_tables(shared, FolderDestination(tmp_path / "out", "parquet"))

    table = pq.read_table(tmp_path / "out/gold/sales_daily.parquet")
    assert str(table.schema.field("net_sales").type) == "decimal128(18, 2)"
    assert table.schema.field("orders").metadata[b"comment"] == b"Orders (orders)"
    assert pq.read_table(tmp_path / "out/_shoplake.parquet").column("version").to_pylist() == [1, 1]


def test_csv_has_exact_money_iso_times_empty_nulls_and_no_formulas(shared, tmp_path):
    export_tables(shared, FolderDestination(tmp_path / "out", "csv"))

    first, second = read_csv(tmp_path / "out/gold/sales_daily.csv")
    [product] = read_csv(tmp_path / "out/gold/products.csv")
    assert (first["net_sales"], second["net_sales"]) == ("10.50", "")
    assert (first["sales_date"], first["updated_at"]) == ("2026-03-01", "2026-03-02T06:00:00.000000Z")
    assert (product["product_name"], product["attributes"]) == ('\'=HYPERLINK("x")', '{"k": "v"}')


@pytest.mark.parametrize("format", ["parquet", "csv"])
def test_an_export_replaces_the_folder_whole_also_in_another_format(shared, tmp_path, format):
    out = tmp_path / "out"
    export_tables(shared, FolderDestination(out, "csv" if format == "parquet" else "parquet"))

    export_tables(shared, FolderDestination(out, format), ["gold.products"])

    assert files(out) == [f"_shoplake.{format}", f"_shoplake_columns.{format}", f"gold/products.{format}"]


def test_a_folder_with_other_files_is_left_alone(shared, tmp_path):
    out = tmp_path / "out"
    export_tables(shared, FolderDestination(out, "csv"))
    (out / "gold/notes.txt").write_text("mine")

    with pytest.raises(ExportError, match=r"'gold/notes.txt', which no export wrote"):
        export_tables(shared, FolderDestination(out, "csv"))
    assert (out / "gold/notes.txt").read_text() == "mine"


def test_a_file_in_place_of_the_folder_is_left_alone(shared, tmp_path):
    (tmp_path / "out").write_text("mine")

    with pytest.raises(ExportError, match="is a file"):
        export_tables(shared, FolderDestination(tmp_path / "out", "csv"))


def test_a_link_to_a_folder_stays_a_link(shared, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "real")

    export_tables(shared, FolderDestination(tmp_path / "out", "csv"), ["products"])

    assert (tmp_path / "out").is_symlink() and (tmp_path / "real/gold/products.csv").is_file()
