import json
import sqlite3

import pyarrow as pa
import pytest

from shoplake.engine.storage.delta_log import arrow_schema
from shoplake.serve.store.documents import FILE, DocumentReader, DocumentWriter
from shoplake.serve.store.table_files import name_files, write_table_files
from tests.serve.small_lake import CUSTOMERS, customer


@pytest.fixture
def build(tmp_path):
    """Writes a build of customers; returns how many documents changed."""
    former = []

    def build(*rows):
        number = len(former) + 1
        files = name_files(CUSTOMERS, number)
        data = pa.Table.from_pylist(list(rows), schema=arrow_schema(CUSTOMERS))
        write_table_files(tmp_path, CUSTOMERS, files, data.to_reader())
        former.append(tmp_path / files.personal_file)
        writer = DocumentWriter(tmp_path, number)
        changed = writer.upsert(CUSTOMERS, former[-1], former[-2] if number > 1 else None)
        writer.prune(CUSTOMERS)
        writer.commit()
        return changed

    return build


def read(folder, build, id):
    found = DocumentReader(folder, build).read(CUSTOMERS.qualified_name, ("shop", id))
    return None if found is None else json.loads(found)


def test_a_row_is_read_by_its_key(build, tmp_path):
    build(customer("C1", 3))

    assert read(tmp_path, 1, "C1") == {
        "feed": "shop",
        "customer_id": "C1",
        "orders": 3,
        "p_alive": 0.5,
        "email": "C1@example.org",
        "seen_at": "2026-03-02T06:00:00Z",
    }
    assert read(tmp_path, 1, "C9") is None


def test_only_changed_rows_are_written(build):
    build(customer("C1"), customer("C2"), customer("C3"))

    assert build(customer("C1"), customer("C2", 5), customer("C4")) == 3


def test_a_reader_of_the_former_build_sees_the_former_documents(build, tmp_path):
    build(customer("C1", 1), customer("C2"))
    build(customer("C1", 2), customer("C3"))

    assert (read(tmp_path, 1, "C1")["orders"], read(tmp_path, 2, "C1")["orders"]) == (1, 2)
    assert read(tmp_path, 1, "C2") is not None
    assert read(tmp_path, 2, "C2") is None
    assert read(tmp_path, 1, "C3") is None


def test_documents_that_no_build_sees_are_deleted(build, tmp_path):
    for orders in range(1, 5):
        build(customer("C1", orders), *([customer("C2")] if orders == 1 else []))

    with sqlite3.connect(tmp_path / FILE) as connection:
        rows = connection.execute('SELECT key, build FROM "gold.customer_360"').fetchall()
    connection.close()

    assert rows == [("shop\x1fC1", 3), ("shop\x1fC1", 4)]


def test_a_row_of_a_kilobyte_lies_in_no_page_of_its_own(build, tmp_path):
    build(*(customer(f"C{number}") | {"email": "x" * 1000} for number in range(100)))

    assert (tmp_path / FILE).stat().st_size < 100 * 2048
