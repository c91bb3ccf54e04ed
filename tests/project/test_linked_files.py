import re

import pytest

from shoplake.errors import SettingsError
from shoplake.feeds import ONLINE_RETAIL, ZENITH
from shoplake.project.linked_files import link_files


def write(path, text=""):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("name", "kind", "advice"),
    [
        ("a.xlsx", ONLINE_RETAIL, "save the workbook as CSV, or declare Stream('*.xlsx', 'xlsx', …)"),
        ("a.xls", ONLINE_RETAIL, "save the workbook as .csv."),
        ("text/a.xls", ONLINE_RETAIL, "it is text under the name of a workbook: declare Stream('*.xls', 'csv', …)"),
        ("a.zip", ONLINE_RETAIL, "such as a.csv.zip or a.json.zip."),
        ("a.sql", ONLINE_RETAIL, "it is SQL statements. Load them into a database"),
        ("a.csv.zip", ZENITH, "rename it or move it into such a folder"),
    ],
)
def test_the_error_says_what_to_do_with_a_file_that_no_stream_reads(tmp_path, name, kind, advice):
    texts = {"text/a.xls": "id\ttotal\n", "a.sql": "CREATE TABLE orders (id int);\n"}
    path = write(tmp_path / name, texts.get(name, ""))

    with pytest.raises(SettingsError, match=re.escape(advice)):
        link_files([path], kind, tmp_path / "landing")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["none.csv"], "There is no file '.*none.csv'"),
        (["a.txt"], r"'.*a.txt' belongs to no stream of the kind 'online_retail'. Its files are \*.csv"),
        (["a.csv", "sub/a.csv"], "Two files have the name 'a.csv'"),
    ],
)
def test_a_file_that_cannot_be_validated_is_an_error(tmp_path, names, message):
    for name in ("a.txt", "a.csv", "sub/a.csv"):
        write(tmp_path / name)

    with pytest.raises(SettingsError, match=message):
        link_files([tmp_path / name for name in names], ONLINE_RETAIL, tmp_path / "landing")
