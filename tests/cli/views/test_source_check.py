from dataclasses import replace
from hashlib import sha256

import pytest
from rich.console import Console

from shoplake.cli.views import source_check
from shoplake.declare import PublishedFile
from shoplake.errors import SettingsError
from shoplake.feeds import RETAILROCKET

CONTENT = b"id,at\n1,a\n2,b\n"
FILE = PublishedFile("events.csv", 2, len(CONTENT), sha256(CONTENT).hexdigest()[:12])


@pytest.fixture
def found(tmp_path):
    """What a file with some content is found to be."""

    def check(content, published=FILE):
        if content is not None:
            (tmp_path / published.name).write_bytes(content)
        [one] = source_check.checked(replace(RETAILROCKET, published=(published,)), tmp_path)
        return one

    return check


@pytest.mark.parametrize(
    ("content", "state", "records"),
    [
        (CONTENT, "published", None),
        (CONTENT.replace(b"2", b"3"), "other content", 2),
        (CONTENT.replace(b"\n", b"\r\n"), "other line ends", 2),
        (CONTENT[:-2], "other content", 2),
        (CONTENT[:9], "fewer records", 1),
        (CONTENT + b"3,c\n", "more records", 3),
        (b"", "fewer records", 0),
        (None, "missing", None),
    ],
)
def test_a_file_is_compared_with_the_published_one(found, content, state, records):
    one = found(content)

    assert (one.state, one.records) == (state, records)
    assert one.is_good == (state == "published")
    assert bool(one.advice) == (state != "published")


def test_where_no_checksum_is_known_the_records_are_counted(found):
    assert found(CONTENT, PublishedFile("events.csv", 2)).is_good
    assert not found(CONTENT, PublishedFile("events.csv", 3)).is_good


def test_a_zip_that_was_not_unpacked_is_named(found, tmp_path):
    (tmp_path / "archive.zip").touch()

    assert found(None).advice == "Unpack archive.zip there."


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(SettingsError, match="There is no folder"):
        source_check.checked(RETAILROCKET, tmp_path / "nowhere")


def test_what_was_found_is_printed_with_what_to_do(found):
    out = Console(width=80, record=True)

    source_check.show(out, [found(CONTENT[:9])])

    text = out.export_text()
    assert "events.csv: 1 are missing: the file is cut off. Download it again." in text
    assert "1 file not as published." in text


def test_all_well_is_said_in_one_line(found):
    out = Console(width=80, record=True)

    source_check.show(out, [found(CONTENT)])

    assert out.export_text().endswith("All files are as published.\n")
