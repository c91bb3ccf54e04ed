import gzip
import sqlite3

import pytest

from shoplake.engine import sketch_streams
from shoplake.engine.ingest.sketch.foreign_files import describe_foreign

MYSQL = """-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)
--
/*!40101 SET NAMES utf8mb4 */;
DROP TABLE IF EXISTS `wp_options`;
CREATE TABLE `wp_options` (`id` bigint, `name` varchar(20));
INSERT INTO `wp_options` VALUES (1,'siteurl'),(2,'home');
CREATE TABLE `wp_wc_orders` (`id` bigint, `status` varchar(20));
INSERT INTO `wp_wc_orders` VALUES (1,'wc-completed'),(2,'wc-processing');
"""
POSTGRES = "--\n-- PostgreSQL database dump\n--\n\nCOPY public.orders (id, status) FROM stdin;\n1\tpaid\n\\.\n"


def test_of_a_dump_the_table_of_orders_is_named(file):
    described = describe_foreign(str(file(MYSQL)))

    assert described.startswith("SQL statements.")
    assert "mysql --batch DATABASE -e 'SELECT * FROM wp_wc_orders' > wp_wc_orders.tsv" in described


@pytest.mark.parametrize("pack", [str.encode, lambda text: gzip.compress(text.encode()), lambda t: t.encode("utf-16")])
def test_a_dump_is_known_whatever_its_name_and_packing(tmp_path, pack):
    content = pack(MYSQL)
    path = tmp_path / ("orders.sql.gz" if content.startswith(b"\x1f\x8b") else "orders.txt")
    path.write_bytes(content)

    assert describe_foreign(str(path)).startswith("SQL statements.")
    assert sketch_streams([(str(path), path.name)]) == []


def test_a_dump_of_postgresql_has_its_own_command(file):
    described = describe_foreign(str(file(POSTGRES)))

    assert described.startswith("a dump of PostgreSQL.")
    assert "\\copy (SELECT * FROM public.orders) TO 'orders.csv' CSV HEADER" in described


def test_a_database_is_told_by_its_first_bytes(tmp_path):
    with sqlite3.connect(tmp_path / "shop.db") as database:
        database.execute("CREATE TABLE orders (id)")
    database.close()

    assert describe_foreign(str(tmp_path / "shop.db")).startswith("a SQLite database.")


@pytest.mark.parametrize("text", ["id,note\n1,a\n", '{"id": 1}\n', "", 'id,note\n1,"see INSERT INTO orders"\n'])
def test_other_files_are_not_foreign(file, text):
    assert describe_foreign(str(file(text))) is None


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF."),
        (b"Rar!\x1a\x07\x01\x00", "a RAR archive."),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", "an archive of 7-Zip."),
        (b"ORC\x11\x00\x00\x0a", "an ORC file."),
        (b"Obj\x01\x04\x16avro.schema", "an Avro file."),
        (b"ARROW1\x00\x00", "an Arrow file."),
        (b"PGDMP\x01\x0e\x00", "a dump of PostgreSQL in its own format."),
        (b"\x01\x02\x03\x04\x05\x06\x07\x08DUCK@\x00", "a DuckDB database."),
        (b"orders.csv" + b"\x00" * 247 + b"ustar\x0000", "a tar archive."),
        (b"ORCID,id\n1,2\n", None),
        (b"id,name,DUCK\n1,2,3\n", None),
        (b"PK\x03\x04\x14\x00\x00\x00", None),
    ],
)
def test_files_of_other_formats_are_told_by_their_first_bytes(file, content, what):
    described = describe_foreign(str(file(content)))

    assert described is None if what is None else described.startswith(what)


def test_a_missing_file_is_not_foreign(tmp_path):
    assert describe_foreign(str(tmp_path / "none.sql")) is None
